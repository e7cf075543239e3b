"""Partitions are there before their time; where one is not, nothing is lost."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from oms import clock, invariants
from oms.channels import inbox
from oms.channels.registry import channel
from oms.db import transaction
from oms.settings import settings
from oms.storage import looking, maintaining, spans
from oms.storage.kept import AUDIT, KEPT, LEDGER, MESSAGES, Kept
from oms.storage.partitions import SCHEMA, partitions
from tests.builders import an_order, later
from tests.concurrency import at_once
from tests.oms.channels.test_inbox import an_event, signed
from tests.oms.shop import a_shop, fill
from tests.oms.storage.ages import rows

MESSAGE = signed(json.dumps(an_event()).encode())


def made_until(kept: Kept) -> datetime:
    with transaction() as session:
        return partitions(session, kept)[-1].upper


def concerns() -> list[str]:
    with transaction() as session:
        found = looking.look(session, span="month")
    return [concern for one in found for concern in one.concerns]


def strays(kept: Kept) -> int:
    with transaction() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {SCHEMA}.{kept.default}")) or 0)


def test_a_new_database_has_partitions_for_three_months_ahead(live_database: str) -> None:
    assert {made_until(kept) for kept in KEPT} == {spans.horizon("month", clock.now(), ahead=3)}
    assert maintaining.maintain() == []
    assert concerns() == []


def test_as_time_goes_by_the_next_ones_are_made(
    live_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(later(days=62)):
        made = maintaining.maintain()
        assert {one.table for one in made} == {kept.table for kept in KEPT}
        assert {made_until(kept) for kept in KEPT} == {spans.horizon("month", clock.now(), ahead=3)}
        assert maintaining.maintain() == []
    before = made_until(LEDGER)
    monkeypatch.setenv("TRIBUTARY_PARTITION_SPAN", "week")
    settings.cache_clear()
    with clock.at(before - timedelta(days=1)):
        weekly = [one for one in maintaining.maintain() if one.table == LEDGER.table]
    assert min(one.lower for one in weekly) == before
    assert {one.upper - one.lower for one in weekly} <= {timedelta(days=n) for n in range(1, 8)}


def test_several_make_them_at_once_and_each_is_made_once(live_database: str) -> None:
    now = later(days=40)

    def make() -> Sequence[maintaining.Made]:
        with clock.at(now):
            return maintaining.maintain()

    found = at_once([make] * 3)
    made = [one for each in found if isinstance(each, list) for one in each]
    assert [each for each in found if isinstance(each, Exception)] == []
    assert len(made) == len({(one.table, one.lower) for one in made}) >= len(KEPT)


def test_without_a_partition_no_order_is_lost(live_database: str) -> None:
    with transaction() as session:
        for kept in KEPT:
            for part in partitions(session, kept):
                session.execute(text(f"DROP TABLE {SCHEMA}.{part.name}"))
        fill(session, a_shop(session))
    with transaction() as session:
        an_order(session, {"MUG": 1})
    with transaction() as session:
        receipt = inbox.store(session, channel("reference"), MESSAGE)
        inbox.apply_stored(session, receipt.message_id)
    before = {kept.table: rows(kept.table) for kept in KEPT}
    assert {kept.table for kept in KEPT if strays(kept)} == set(before)
    assert len(concerns()) == len(KEPT)

    made = maintaining.maintain()
    assert {one.table: one.moved for one in made if one.moved} == {
        table: len(found) for table, found in before.items()
    }
    assert {kept.table: rows(kept.table) for kept in KEPT} == before
    assert [strays(kept) for kept in KEPT] == [0, 0, 0, 0]
    assert concerns() == []
    with transaction() as session:
        assert invariants.broken(session) == []
        assert session.scalar(text("SELECT count(*) FROM orders")) == 2
        again = inbox.store(session, channel("reference"), MESSAGE)
    assert (again.message_id, again.repeated) == (receipt.message_id, True)


def test_too_many_rows_to_move_are_left_for_a_quiet_hour(live_database: str) -> None:
    far = spans.end("month", made_until(AUDIT))
    with clock.at(far), transaction() as session:
        fill(session, a_shop(session))
    with clock.at(far):
        made = [one for one in maintaining.maintain(most_moved=2) if one.table == LEDGER.table]
        assert [one.put_off for one in made] == [False, False, False, True, False]
        assert strays(LEDGER) == 6
        assert [concern for concern in concerns() if "rows have no partition" in concern]
        made = [one for one in maintaining.maintain(most_moved=None) if one.table == LEDGER.table]
    assert ([one.moved for one in made], strays(LEDGER)) == ([6], 0)


def test_an_id_without_a_time_is_kept_all_the_same(live_database: str) -> None:
    with transaction() as session:
        fill(session, a_shop(session))
        receipt = inbox.store(session, channel("reference"), MESSAGE)
        for table, column in (("channel_messages", "id"), ("channel_message_keys", "message_id")):
            session.execute(
                text(f"UPDATE {table} SET {column} = 'ffffffff-ffff-4fff-bfff-ffffffffffff'")
            )
    assert maintaining.maintain() == []
    assert strays(MESSAGES) == 1
    with transaction() as session:
        again = inbox.store(session, channel("reference"), MESSAGE)
    assert again.repeated
    assert again.message_id != receipt.message_id
