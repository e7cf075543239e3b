"""A day decided again: the same under the same policy, otherwise under another, nothing dropped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from api.reports import replays as pages
from oms import money
from oms.db import transaction
from oms.errors import NotFound
from oms.replays import choosing, joint, reading
from oms.replays.choosing import Chosen
from oms.replays.reading import Days
from oms.replays.replaying import replay
from oms.replays.report import Report, parse_report
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import parse, standard
from oms.sourcing.run_models import RoutingRun
from oms.sourcing.snapshots import pack, unpack
from routing.cost import RATE_TERMS
from tests.oms.replays.conftest import PATIENT, WEIGHING, Day

Row = TypeVar("Row", RoutingDecision, RoutingRun)
THE_DAY = Days((date(2027, 3, 2),), ZoneInfo("UTC"))
NEXT_DAY = Days((date(2027, 3, 3),), ZoneInfo("UTC"))


def under(days: Days = THE_DAY, **body: Any) -> Report:
    return replay(days, Chosen(parse({"name": "other"} | body)))


@pytest.fixture(scope="module")
def unchanged(day: Day) -> Report:
    """The day under a policy that says nothing."""
    return under()


def row_of(order_id: object) -> RoutingDecision:
    with transaction() as session:
        return session.exec(
            select(RoutingDecision).where(RoutingDecision.order_id == order_id)
        ).one()


@contextmanager
def altered(row: Row, **changes: Any) -> Iterator[Row]:
    """A decision or a run as if other things had been kept of it."""
    kept = {name: getattr(row, name) for name in changes}
    _set(row, changes)
    try:
        yield row
    finally:
        _set(row, kept)


def _set(row: RoutingDecision | RoutingRun, values: dict[str, Any]) -> None:
    table = type(row)
    with transaction() as session:
        session.execute(update(table).where(col(table.id) == row.id).values(**values))


def places(plan: Any) -> list[str]:
    return [parcel.location for parcel in plan.parcels]


def test_a_day_replayed_under_its_own_policies_reproduces_itself(
    day: Day, unchanged: Report
) -> None:
    report = unchanged
    assert (report.decisions, report.compared, report.reproduced) == (7, 7, 7)
    assert report.not_compared == report.not_reproduced == ()
    [run] = report.runs
    assert (run.reproduced, run.orders, run.reason) == (True, 1, None)
    assert run.before is not None
    assert run.before.moved == 1
    assert run.before.gain_minor > 0
    assert row_of(day.orders["late"]).fallback_reason is not None
    kept = row_of(day.orders["kept"])
    assert kept.notes[0].startswith("Kept where joint routing put it; alone it would have come")
    assert {"frozen", "stock", "barred"} <= (kept.inputs or {}).keys()


def test_the_figures_as_decided_are_those_that_were_stored(day: Day, unchanged: Report) -> None:
    [pair] = unchanged.totals
    rows = [row_of(order_id) for order_id in day.orders.values()]
    assert pair.before.cost_minor == sum(row.cost_minor for row in rows)
    assert pair.before.cost_minor == sum(pair.before.terms.values())
    assert pair.before.parcels == sum(len(row.plan["parcels"]) for row in rows)
    assert (pair.before.split_orders, pair.before.unfilled_lines, pair.before.late) == (1, 1, 1)
    assert pair.before.promises_kept == 5
    assert "of it only weighed" not in [row[0] for row in _glance(unchanged)]
    assert sum(at.parcels for at in pair.before.locations.values()) == pair.before.parcels
    assert pair.after == pair.before  # the standard policy says the same of each of them


def test_limits_and_prices_of_another_policy_count(day: Day) -> None:
    report = under(limits={"max_parcels": 1}, unfilled={"cents_per_line": 5_000})
    [pair] = report.totals
    assert [one.order for one in report.changed] == [str(day.orders["split"])]
    assert report.orders_changed == 1
    assert pair.after.split_orders == 0
    assert pair.after.unfilled_lines == 2
    assert pair.after.terms["unfilled"] == 10_000


def test_exclusions_are_the_other_policy_s_own(day: Day) -> None:
    rule = {"location": "S01", "reason": "being rebuilt"}
    report = under(exclusions=[rule])
    changed = {one.order: one for one in report.changed}
    waiting = changed[str(day.orders["waiting"])]
    # Its goods were held at S01; all stock that there was is seen again, so S02 can serve.
    assert (places(waiting.before), places(waiting.after)) == (["S01"], ["S02"])
    assert changed[str(day.orders["whole"])].after.unfilled == ("MUG",)
    [run] = report.runs
    assert run.after is not None
    assert run.after.moved == 0


def test_a_promise_that_was_given_up_is_whole_again(day: Day) -> None:
    report = under(limits={"late_days": 0})
    [one] = [one for one in report.changed if one.order == str(day.orders["late"])]
    assert (one.before.late, one.after.late, one.after.unfilled) == (True, False, ("LAMP",))


def test_two_policies_are_compared_with_each_other(day: Day) -> None:
    strict = Chosen(parse({"name": "strict", "limits": {"max_parcels": 1}}))
    report = replay(THE_DAY, strict, against=strict)
    assert report.changed == ()
    assert report.baseline == "strict"
    [pair] = report.totals
    assert pair.before == pair.after
    assert pair.after.split_orders == 0


def test_the_same_replay_gives_the_same_report_and_reads_back(day: Day) -> None:
    report = under(limits={"max_parcels": 1})
    assert under(limits={"max_parcels": 1}).model_dump_json() == report.model_dump_json()
    assert parse_report(report.model_dump(mode="json")) == report


def test_what_cannot_be_replayed_or_comes_out_otherwise_is_listed(day: Day) -> None:
    with (
        altered(row_of(day.orders["whole"]), inputs=None) as old,
        altered(row_of(day.orders["split"]), inputs={"channel": "reference"}) as strange,
        altered(row_of(day.orders["late"]), cost_minor=1) as otherwise,
    ):
        report = under()
    assert (report.decisions, report.compared, report.reproduced) == (7, 5, 4)
    first, second = report.not_compared
    assert (first.order, first.decision) == (str(day.orders["whole"]), str(old.id))
    assert "before the inputs of decisions were kept" in first.reason
    assert second.decision == str(strange.id)
    assert "cannot be read" in second.reason
    assert [one.decision for one in report.not_reproduced] == [str(otherwise.id)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer": None, "fallback_reason": "the solver was ended"}, "the solver was ended"),
        ({"answer": None}, "its solver gave no answer"),
        ({"snapshot": "without inputs"}, "before the inputs of its orders were kept"),
    ],
)
def test_a_run_that_cannot_be_replayed_is_told_with_its_reason(
    day: Day, changes: dict[str, Any], reason: str
) -> None:
    with transaction() as session:
        run = session.exec(select(RoutingRun).order_by(col(RoutingRun.number))).first()
    assert run is not None
    if "snapshot" in changes:
        changes = {"snapshot": pack(unpack(run.snapshot) | {"inputs": {}})}
    with altered(run, **changes):
        told = joint.replay_run(run.id, standard(), None, {1: parse(PATIENT)})
    assert (told.before, told.after, told.reproduced) == (None, None, False)
    assert reason in (told.reason or "")


def test_a_day_is_that_of_the_time_zone(day: Day) -> None:
    # The orders came at 17:00 UTC and later: in Auckland that is the third of March.
    auckland, utc = ZoneInfo("Pacific/Auckland"), ZoneInfo("UTC")
    for dates, zone, decisions, runs in (
        ((2,), auckland, 0, 0),
        ((3,), auckland, 7, 1),
        ((1, 2), utc, 7, 1),
        ((2, 3), utc, 11, 2),
    ):
        days = Days(tuple(date(2027, 3, one) for one in dates), zone)
        with transaction() as session:
            assert len(reading.decision_ids(session, days)) == decisions
            assert len(reading.run_ids(session, days)) == runs


def test_a_policy_is_named_by_its_name_or_version(day: Day) -> None:
    with transaction() as session:
        assert choosing.chosen(session, "patient") == Chosen(parse(PATIENT), 1)
        assert choosing.chosen(session, "patient@1").version == 1
        assert choosing.chosen(session, "standard") == Chosen(standard())
        with pytest.raises(NotFound, match="patient@2"):
            choosing.chosen(session, "patient@2")
    with transaction() as session:
        made_by = session.exec(
            select(RoutingDecision.policy_version).order_by(col(RoutingDecision.at))
        ).all()
    assert made_by == [None] * 5 + [1, 1, 1, 2, 2, 2]


def _glance(report: Report) -> list[Sequence[str]]:
    table = pages.page(report).sections[0].table
    assert table is not None
    return list(table.rows)


def test_a_day_with_all_weights_reproduces_itself(day: Day) -> None:
    """What was known at each decision is kept with it: it has changed since."""
    report = replay(NEXT_DAY, Chosen(parse(WEIGHING)))
    assert (report.compared, report.reproduced, report.notes) == (4, 4, ())
    [pair] = report.totals
    for term in ("opportunity", "acceptance", "congestion", "lateness"):
        assert pair.before.terms[term] > 0
    assert pair.before.cost_minor == sum(pair.before.terms.values())
    [row] = [row for row in _glance(report) if row[0] == "of it only weighed"]
    assert row[1] == money.grouped(pair.before.weighed_minor, currency="USD")
    # What was decided by no weights is weighed with what was known then.
    [one] = report.changed
    assert one.order == str(day.weighed["unweighed"])
    assert (places(one.before), places(one.after)) == (["S01"], ["S02"])
    [run] = report.runs
    assert (run.reproduced, run.reason) == (True, None)
    assert run.before == run.after
    assert run.before is not None
    assert run.before.moved == 1


def test_the_weights_are_the_other_policy_s_own(day: Day) -> None:
    """Of what the policies in force weighed, nothing is left."""
    report = under(NEXT_DAY)
    assert report.reproduced == 4
    [pair] = report.totals
    assert pair.after.terms.keys() <= RATE_TERMS
    assert pair.after.weighed_minor == 0 < pair.before.weighed_minor
    changed = {one.order: one for one in report.changed}
    alone = changed[str(day.weighed["alone"])]
    assert (places(alone.before), places(alone.after)) == (["S02"], ["S01"])
    [run] = report.runs
    assert run.before is not None
    assert run.after is not None
    assert run.after.gain_minor < run.before.gain_minor
    dear = replay(
        NEXT_DAY,
        Chosen(parse({"name": "dear", "weights": {"lateness_cents_per_day": 400}})),
        against=Chosen(parse({"name": "cheap", "weights": {"lateness_cents_per_day": 40}})),
    )
    [pair] = dear.totals
    assert pair.after.terms["lateness"] == 10 * pair.before.terms["lateness"] > 0


def test_a_term_that_is_not_there_is_told(day: Day) -> None:
    report = under(NEXT_DAY, weights={"plugged_percent": {"breakage": 100}})
    assert report.notes == (
        "The cost term 'breakage' was left out: no package brings it; installed here: none.",
    )
