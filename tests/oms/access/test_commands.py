"""A command is carried out once under its key, however often and by how many it is sent."""

import pytest
from sqlmodel import Session, select

from oms.access import commands
from oms.access.commands import KeyReused
from oms.access.models import Command, CommandKind
from oms.audit.models import AuditRow
from oms.audit.recording import record
from oms.db import transaction
from oms.errors import Conflict
from oms.ids import new_id
from tests.builders import refused
from tests.concurrency import at_once

REQUEST = {"do": "start", "version": 3}


def once(
    session: Session,
    *,
    caller: str = "associate:S01:17",
    key: str = "key-0001",
    kind: CommandKind = CommandKind.STORE_WORK,
    request: dict[str, object] | None = None,
) -> dict[str, object]:
    def carry_out() -> dict[str, object]:
        record(session, action="done", subject_type="test", subject_id=new_id(), actor=caller)
        session.flush()
        return {"done": len(session.exec(select(AuditRow)).all())}

    outcome = commands.once(
        session, kind, caller=caller, key=key, request=request or REQUEST, carry_out=carry_out
    )
    session.flush()
    return outcome


def test_a_repetition_gets_the_first_answer_and_does_nothing(session: Session) -> None:
    assert once(session) == {"done": 1}
    assert once(session, request={"version": 3, "do": "start"}) == {"done": 1}
    assert len(session.exec(select(AuditRow)).all()) == 1


def test_each_caller_has_keys_of_its_own(session: Session) -> None:
    assert once(session) == {"done": 1}
    assert once(session, caller="associate:S02:17") == {"done": 2}


@pytest.mark.parametrize(
    "changed",
    [{"request": {"do": "start", "version": 4}}, {"kind": CommandKind.PLACE_ORDER}],
)
def test_a_key_that_was_used_for_something_else_is_refused(
    session: Session, changed: dict[str, object]
) -> None:
    once(session)
    with refused(session, KeyReused, "used for a different request") as refusal:
        once(session, **changed)  # type: ignore[arg-type]
    assert refusal.error.field == "Idempotency-Key"
    assert refusal.error.remedy


def test_a_refused_command_leaves_its_key_free(session: Session) -> None:
    def refuse() -> dict[str, object]:
        raise Conflict("not now")

    with refused(session, Conflict, "not now"):
        commands.once(
            session,
            CommandKind.STORE_WORK,
            caller="associate:S01:17",
            key="key-0001",
            request=REQUEST,
            carry_out=refuse,
        )
    assert session.exec(select(Command)).all() == []
    assert once(session) == {"done": 1}


@pytest.mark.usefixtures("live_database")
def test_one_command_sent_by_several_at_once_is_carried_out_once() -> None:
    def send() -> dict[str, object]:
        with transaction() as session:
            return once(session)

    assert at_once([send] * 8) == [{"done": 1}] * 8
