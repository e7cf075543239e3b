"""However many partitions there are, whoever asks is answered by indexes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from oms import clock
from oms.audit import recording
from oms.audit.latest import latest
from oms.channels import inbox, messages
from oms.db import engine, transaction
from oms.ids import new_id
from oms.inventory.movements import Cause, Change, MovementKind, apply
from oms.outbox import delivering
from oms.reports import backlog, stock_at
from oms.storage.kept import KEPT
from tests.builders import stock
from tests.oms.shop import Shop, a_shop
from tests.oms.storage.ages import a_partition

Question = Callable[[Session, Shop], object]
QUESTIONS: dict[str, Question] = {
    "audit by order": lambda s, _: recording.of_order(s, uuid4(), since=clock.now()),
    "audit by subject": lambda s, _: latest(
        s, subject_type="pickup", subject_ids=[uuid4(), uuid4()], action="pickup.picking"
    ),
    "ledger by article": lambda s, shop: stock_at.movements(s, "MUG", shop.riverside),
    "messages by order": lambda s, _: messages.of_order(s, uuid4()),
    "a message": lambda s, _: messages.message(s, new_id()),
    "unsettled messages": lambda s, _: inbox.unsettled(s, older_than_s=0),
    "waiting rows of the outbox": lambda s, _: delivering.claim(s, limit=100),
    "what waits": lambda s, _: backlog.backlog(s),
    "a change with a key": lambda s, shop: apply(
        s,
        [Change("MUG", shop.riverside.id, MovementKind.RECEIVE, on_hand=1, key="k")],
        cause=Cause("test", None, "anna"),
    ),
}
BY_HAND = {
    "ledger by cause": "SELECT * FROM stock_movements WHERE cause_id = '"
    "01a22125-2386-767b-bac3-52474a5d55c3'",
    "ledger from an id on": "SELECT * FROM stock_movements WHERE id > 5 ORDER BY id LIMIT 100",
    "messages by reference": "SELECT * FROM channel_messages WHERE channel = 'a'"
    " AND reference = '1'",
    "rows of the outbox": "SELECT * FROM outbox WHERE id IN (1, 2, 3)",
    "repeats": "UPDATE channel_messages AS m SET repeats = repeats + 1"
    " FROM unnest(ARRAY['01a22125-2386-767b-bac3-52474a5d55c3'::uuid]) AS w(id)"
    " WHERE m.id = w.id RETURNING m.id, m.status",
}


@pytest.fixture
def shop(live_database: str) -> Shop:
    now = clock.now()
    for kept in KEPT:
        for years in range(1, 5):
            lower = now - timedelta(days=366 * years)
            a_partition(kept, lower, lower + timedelta(days=30))
    with transaction() as session:
        made = a_shop(session)
        stock(session, made.riverside, MUG=5)
    return made


@pytest.fixture
def asked() -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(*seen: Any) -> None:
        found.append((seen[2], seen[3]))

    event.listen(engine(), "before_cursor_execute", note)
    yield found
    event.remove(engine(), "before_cursor_execute", note)


def plan(session: Session, statement: str, parameters: Any = None) -> str:
    session.execute(text("SET LOCAL enable_seqscan = off"))
    rows = session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(row[0] for row in rows)


def test_every_question_is_answered_by_indexes(shop: Shop, asked: list[tuple[str, Any]]) -> None:
    for name, ask in QUESTIONS.items():
        asked.clear()
        with transaction() as session:
            ask(session, shop)
            seen = [one for one in asked if not one[0].startswith(("SET", "SELECT pg_"))]
            plans = [plan(session, *one) for one in seen]
        assert plans, name
        assert [one for one in plans if "Seq Scan" in one] == [], name
    for name, statement in BY_HAND.items():
        with transaction() as session:
            found = plan(session, statement)
        assert "Seq Scan" not in found, (name, found)


def test_the_trail_of_a_young_order_is_sought_in_young_partitions_only(
    shop: Shop, asked: list[tuple[str, Any]]
) -> None:
    with transaction() as session:
        recording.of_order(session, uuid4(), since=clock.now())
        found = plan(session, *asked[-1])
    assert found.count("Scan") <= 2 * 6  # this month, three ahead, one before, the default
    old = clock.now() - timedelta(days=366)
    assert f"audit_{old:%Y%m%d}" not in found
    with transaction() as session:
        recording.of_order(session, uuid4(), since=old)
        assert f"audit_{old:%Y%m%d}" in plan(session, *asked[-1])
