"""A cause has one open case, whoever finds it and however often."""

from uuid import uuid4

from sqlmodel import Session, select

from oms.errors import Conflict, NotFound
from oms.exceptions import cases
from oms.exceptions.models import ExceptionKind, OpenException
from tests.builders import refused
from tests.oms.shop import trail

CAUSE = uuid4()


def opened(session: Session, detail: str = "first", **changes: object) -> None:
    given: dict[str, object] = {
        "kind": ExceptionKind.PARCEL_LOST,
        "cause_type": "parcel",
        "cause_id": CAUSE,
        "detail": detail,
        "remedy": "look",
    }
    cases.open_case(session, **(given | changes))  # type: ignore[arg-type]


def shown(session: Session) -> list[str]:
    session.flush()
    return [case.detail for case in cases.open_cases(session)]


def test_one_cause_has_one_open_case_with_the_newest_words(session: Session) -> None:
    opened(session)
    opened(session, "second")
    assert shown(session) == ["second"]
    opened(session, "another kind", kind=ExceptionKind.CARRIER_FAILED)
    opened(session, "another cause", cause_id=uuid4())
    assert shown(session) == ["second", "another kind", "another cause"]


def test_what_is_resolved_may_come_back_as_a_new_case(session: Session) -> None:
    opened(session)
    [case] = cases.open_cases(session)
    cases.resolve(session, case.id, actor="operator:olga", resolution="found it")
    assert shown(session) == []
    assert (case.resolved_by, case.resolution) == ("operator:olga", "found it")
    assert trail(session, case.id) == ["exception.resolved"]
    opened(session, "again")
    assert shown(session) == ["again"]
    assert len(session.exec(select(OpenException)).all()) == 2


def test_a_cause_that_has_gone_closes_its_cases(session: Session) -> None:
    opened(session)
    opened(session, "another kind", kind=ExceptionKind.CARRIER_FAILED)
    opened(session, "another cause", cause_id=uuid4())
    cases.resolve_cause(
        session, cause_type="parcel", cause_id=CAUSE, actor="system", resolution="delivered"
    )
    assert shown(session) == ["another cause"]
    cases.resolve_cause(
        session, cause_type="parcel", cause_id=CAUSE, actor="system", resolution="delivered"
    )


def test_a_case_is_resolved_once(session: Session) -> None:
    opened(session)
    [case] = cases.open_cases(session)
    cases.resolve(session, case.id, actor="operator:olga", resolution="found it")
    with refused(session, Conflict, "was resolved already by operator:olga"):
        cases.resolve(session, case.id, actor="operator:oscar", resolution="me too")
    with refused(session, NotFound, "there is no exception"):
        cases.resolve(session, uuid4(), actor="operator:olga", resolution="x")
