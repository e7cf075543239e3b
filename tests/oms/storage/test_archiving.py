"""What is old moves into files, whole; what is needed stays; what was interrupted goes on."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from oms import clock, invariants
from oms.channels import inbox
from oms.channels.base import RawRequest
from oms.channels.models import ARCHIVED, MessageStatus
from oms.channels.registry import channel
from oms.db import transaction
from oms.errors import Conflict
from oms.exceptions.cases import resolve_cause
from oms.inventory import receiving, supplies
from oms.orders import queries as orders
from oms.publishing import ledger
from oms.storage import archiving, locking, looking, setting_aside
from oms.storage.archiving import Step
from oms.storage.kept import AUDIT, KEPT, LEDGER, OUTBOX
from oms.storage.models import Archive
from oms.storage.setting_aside import HeldBack
from tests.builders import an_order, later
from tests.oms.channels.test_inbox import an_event, signed
from tests.oms.shop import balance
from tests.oms.storage.ages import (
    DAYS,
    Past,
    a_past,
    backdated,
    collected,
    filed,
    ids,
    ledger_of,
    rows,
)


@pytest.fixture
def past(live_database: str) -> Past:
    return a_past()


def broken() -> list[str]:
    with transaction() as session:
        return invariants.broken(session)


def sent(event: dict[str, Any], message_id: str) -> RawRequest:
    return signed(json.dumps(event).encode(), message_id=message_id)


def a_message(event: dict[str, Any], *, number: int, at: datetime) -> UUID:
    """A message of that time, applied or not."""
    with transaction() as session:
        receipt = inbox.store(session, channel("reference"), sent(event, f"msg_{number}"))
    with transaction() as session:
        inbox.apply_stored(session, receipt.message_id)
        return backdated(session, receipt.message_id, at)


def test_the_files_hold_exactly_the_rows_that_left(past: Past, tmp_path: Path) -> None:
    before = {kept.table: rows(kept.table) for kept in KEPT}
    ledger_before = rows("stock_movements")
    assert len(ledger_before) > 8
    outcome = archiving.archive(tmp_path, DAYS)
    assert outcome.held_back == []
    assert {one.table_name for one in outcome.done} == set(before)
    for kept in KEPT:
        left = {str(row["id"]) for row in before[kept.table]} - ids(kept.table)
        found = filed(tmp_path, kept.table)
        assert [str(row["id"]) for row in found] == sorted(left, key=lambda one: (len(one), one))
    for was, now in zip(ledger_before, filed(tmp_path, "stock_movements"), strict=True):
        same = {key: value for key, value in was.items() if key != "at"}
        assert {key: value for key, value in now.items() if key != "at"} == same
        assert now["at"] == datetime.fromisoformat(was["at"])
    assert rows("stock_movements") == []
    assert broken() == []


def test_a_manifest_tells_what_a_file_holds(past: Past, tmp_path: Path) -> None:
    archiving.archive(tmp_path, {LEDGER.table: 400})
    [manifest] = [json.loads(path.read_text()) for path in tmp_path.glob("*.json")]
    content = (tmp_path / manifest["file"]).read_bytes()
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["rows"] == len(filed(tmp_path, LEDGER.table))
    assert (manifest["table"], manifest["rows_left_in_the_table"]) == ("stock_movements", 0)
    assert manifest["from"] == f"{past.at:%Y-%m}-01T00:00:00+00:00"
    with transaction() as session:
        [row] = session.exec(select(Archive)).all()
        assert (row.file, row.sha256, row.row_count) == (
            manifest["file"],
            manifest["sha256"],
            manifest["rows"],
        )
        assert row.dropped_at is not None
        assert session.scalar(text("SELECT to_regclass(:name)"), {"name": ledger_of(past)}) is None


def test_balances_are_what_was_carried_and_what_came_since(past: Past, tmp_path: Path) -> None:
    with transaction() as session:
        before = balance(session, past.shop.riverside)
        supply = supplies.announce(
            session,
            document="PO-1",
            sku="MUG",
            location_id=past.shop.depot.id,
            units=4,
            expected_at=later(days=3),
            actor="buyer",
        )
    with clock.at(past.at), transaction() as session:
        supplies.receive(session, supply.id, units=1, actor="dock")
    archiving.archive(tmp_path, DAYS)
    assert broken() == []
    with transaction() as session:
        assert balance(session, past.shop.riverside) == before
        supplies.receive(session, supply.id, units=2, actor="dock")
        order = collected(session)
        assert order.closed_at is not None
    assert broken() == []
    with transaction() as session:
        session.execute(text("UPDATE stock_carried SET on_hand = on_hand + 1 WHERE sku = 'LAMP'"))
    assert len(broken()) == 3
    with transaction() as session:
        session.execute(text("UPDATE stock_carried SET on_hand = on_hand - 1 WHERE sku = 'LAMP'"))


def test_a_change_with_a_key_is_not_made_again_after_its_movement_has_left(
    past: Past, tmp_path: Path
) -> None:
    def receive() -> None:
        with transaction() as session:
            receiving.receive(
                session, sku="MUG", location_id=past.shop.depot.id, units=3, actor="dock", key="d-1"
            )

    with clock.at(past.at):
        receive()
    archiving.archive(tmp_path, DAYS)
    receive()
    with transaction() as session:
        assert balance(session, past.shop.depot) == (8, 0)
    assert rows("stock_movements") == []


def test_what_open_orders_and_cases_and_the_outbox_need_stays(past: Past, tmp_path: Path) -> None:
    closed = a_message(an_event("1"), number=1, at=past.at)
    waiting = a_message(an_event("2"), number=2, at=past.at)
    odd = an_event("3", lines=[{"id": "1", "sku": "VASE", "quantity": 1, "unit_price": "1"}])
    parked, resolved = (a_message(odd, number=number, at=past.at) for number in (3, 4))
    with transaction() as session:
        session.execute(text("UPDATE orders SET closed_at = now() WHERE external_id = '1'"))
        resolve_cause(
            session, cause_type="message", cause_id=resolved, actor="olga", resolution="a test"
        )
        session.execute(
            text("UPDATE outbox SET delivered_at = NULL WHERE order_id = :id"), {"id": past.open}
        )
    untold = {row["id"] for row in rows("outbox") if row["order_id"] == str(past.open)}
    archiving.archive(tmp_path, DAYS)

    assert ids("channel_messages") == {str(waiting), str(parked)}
    assert [row["id"] for row in filed(tmp_path, "channel_messages")] == sorted(
        map(str, (closed, resolved))
    )
    evening = f"{past.at:%Y-%m-%dT23}"
    assert {row["id"] for row in rows("outbox") if row["created_at"] < evening} == untold != set()
    of_orders = {row["order_id"] for row in rows("audit") if row["at"] < evening}
    assert of_orders == {str(past.open)}
    with transaction() as session:
        again = inbox.replay(session, parked, actor="olga")
        assert again.status is MessageStatus.PARKED


def test_what_stayed_leaves_when_nobody_needs_it_any_more(past: Past, tmp_path: Path) -> None:
    archiving.archive(tmp_path, DAYS)
    before = {row["id"] for row in rows("audit")}
    assert before
    assert archiving.archive(tmp_path, DAYS).done == []
    with transaction() as session:
        orders.locked(session, past.open).closed_at = clock.now()
    [one] = archiving.archive(tmp_path, DAYS).done
    assert (one.table_name, one.row_count) == ("audit", len(before))
    assert rows("audit") == []
    assert before <= {row["id"] for row in filed(tmp_path, "audit")}


def test_the_repeat_of_a_message_that_left_is_still_a_repeat(past: Past, tmp_path: Path) -> None:
    event = an_event("1")
    old = a_message(event, number=1, at=past.at)
    with transaction() as session:
        session.execute(text("UPDATE orders SET closed_at = now() WHERE external_id = '1'"))
    archiving.archive(tmp_path, DAYS)
    assert rows("channel_messages") == []
    with transaction() as session:
        receipt = inbox.store(session, channel("reference"), sent(event, "msg_1"))
    assert (receipt.message_id, receipt.status, receipt.repeated) == (old, ARCHIVED, True)
    assert rows("channel_messages") == []
    # The same order in another message is known by the order itself.
    with transaction() as session:
        other = inbox.store(session, channel("reference"), sent(event, "msg_9"))
        status = inbox.apply_stored(session, other.message_id)
        assert status is MessageStatus.APPLIED
        assert session.scalar(text("SELECT count(*) FROM orders WHERE external_id = '1'")) == 1


def test_the_ledger_stays_as_far_as_it_has_not_been_read(past: Past, tmp_path: Path) -> None:
    with transaction() as session:
        ledger.advance(session, channels=["shopify"])
        session.execute(
            text(
                "UPDATE stock_ledger_cursor SET read_to = q.id, settled_to = q.id FROM"
                " (SELECT max(id) - 2 AS id FROM stock_movements) q"
            )
        )
    unread = [row["id"] for row in rows("stock_movements")][-2:]
    archiving.archive(tmp_path, {LEDGER.table: 400})
    assert [row["id"] for row in rows("stock_movements")] == unread
    assert broken() == []


def test_a_partition_that_is_needed_almost_whole_is_held_back(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting_aside, "MOST_NEEDED", 1)
    with transaction() as session:
        session.execute(text("UPDATE outbox SET delivered_at = NULL"))
    before = rows("outbox")
    [due] = archiving.due({OUTBOX.table: 400})
    assert (due.needed, due.held_back) == (len(before), True)
    outcome = archiving.archive(tmp_path, {OUTBOX.table: 400})
    assert outcome.done == []
    assert len(outcome.held_back) == 1
    assert rows("outbox") == before
    with transaction() as session, pytest.raises(HeldBack):
        setting_aside.set_aside(session, OUTBOX, due.partition)


def test_what_is_young_stays(past: Past, tmp_path: Path) -> None:
    with transaction() as session:
        collected(session)
    before = len(rows("audit"))
    assert archiving.archive(tmp_path, dict.fromkeys(DAYS, 1_000)).done == []
    assert len(rows("audit")) == before
    assert list(tmp_path.iterdir()) == []
    archiving.archive(tmp_path, DAYS)
    with transaction() as session:
        [young] = session.scalars(
            text("SELECT DISTINCT date_trunc('day', at) FROM audit WHERE order_id <> :id"),
            {"id": past.open},
        )
        assert young.date() == datetime.now(UTC).date()


class Killed(BaseException):
    """As sudden as a kill for whoever does not expect it."""


def killing(at: int) -> Callable[[Step, Archive], None]:
    heard: list[Step] = []

    def tell(step: Step, _one: Archive) -> None:
        heard.append(step)
        if len(heard) == at:
            raise Killed

    return tell


def test_killed_after_any_step_the_next_run_carries_on(past: Past, tmp_path: Path) -> None:
    before = {kept.table: rows(kept.table) for kept in KEPT}
    kills = 0
    while True:
        try:
            archiving.archive(tmp_path, DAYS, tell=killing(1))
        except Killed:
            kills += 1
            assert broken() == []
        else:
            break
    assert kills == 3 * len(KEPT)
    for kept in KEPT:
        there = {str(row["id"]) for row in filed(tmp_path, kept.table)}
        assert there | ids(kept.table) == {str(row["id"]) for row in before[kept.table]}
        assert there & ids(kept.table) == set()
    with transaction() as session:
        assert [one.set_aside for one in looking.look(session, span="month")] == [0, 0, 0, 0]


@pytest.mark.parametrize("content", [None, b"half of it"])
def test_a_file_that_is_gone_or_broken_is_written_anew_before_the_rows_are_dropped(
    past: Past, tmp_path: Path, content: bytes | None
) -> None:
    before = rows("stock_movements")
    with pytest.raises(Killed):
        archiving.archive(tmp_path, {LEDGER.table: 400}, tell=killing(2))
    [path] = tmp_path.glob("*.parquet")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
        path.with_suffix(".part").write_bytes(content)
    assert rows("stock_movements") == []
    [done] = archiving.archive(tmp_path, {LEDGER.table: 400}).done
    assert done.dropped_at is not None
    assert [row["id"] for row in filed(tmp_path, "stock_movements")] == [
        row["id"] for row in before
    ]
    assert [one.suffix for one in tmp_path.iterdir() if one.suffix == ".part"] == []


def test_only_one_archives_at_a_time(past: Past, tmp_path: Path, live_database: str) -> None:
    with psycopg.connect(live_database) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('oms storage archive', 0))")
        with pytest.raises(Conflict):
            archiving.archive(tmp_path, DAYS)
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_is_in_use_is_waited_for(
    past: Past, tmp_path: Path, live_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "_BETWEEN_S", 0.01)
    monkeypatch.setattr(locking, "_TRIES", 2)
    with psycopg.connect(live_database) as other:
        other.execute("SELECT count(*) FROM audit")
        with pytest.raises(locking.NeverFree):
            archiving.archive(tmp_path, {AUDIT.table: 400})
        assert len(rows("audit")) > 0
    assert len(archiving.archive(tmp_path, {AUDIT.table: 400}).done) == 1


def test_orders_come_in_while_a_partition_leaves(past: Past, tmp_path: Path) -> None:
    def order(step: Step, _one: Archive) -> None:
        with transaction() as session:
            an_order(session, {"LAMP": 1})
        assert broken() == []

    archiving.archive(tmp_path, DAYS, tell=order)
    assert len(rows("orders", order="number")) == 2 + 3 * len(KEPT)
