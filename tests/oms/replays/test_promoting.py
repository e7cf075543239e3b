"""A policy is put in force with its replay, or with the reason why it has none."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from api.reports import promotions
from oms.db import transaction
from oms.errors import Invalid
from oms.replays import promoting
from oms.replays.choosing import Chosen
from oms.replays.figures import Figures
from oms.replays.reading import Days
from oms.replays.replaying import replay
from oms.sourcing import policies
from oms.sourcing.models import RoutingPolicy
from oms.sourcing.policy import parse
from tests.builders import contents, refused
from tests.oms.replays.conftest import Day
from tests.oms.shop import a_shop

ONE_PARCEL = parse({"name": "one parcel", "limits": {"max_parcels": 1}})


def a_report(day: date = date(2027, 3, 2)) -> dict[str, Any]:
    days = Days((day,), ZoneInfo("UTC"))
    return replay(days, Chosen(ONE_PARCEL)).model_dump(mode="json")


def promote(session: Session, *, replayed: object = None, because: str = "") -> RoutingPolicy:
    return promoting.promote(
        session,
        ONE_PARCEL,
        replay=replayed,
        not_replayed_because=because,
        effective_from=None,
        actor="olga",
    )


def test_the_sums_of_its_replay_are_kept_with_it(day: Day) -> None:
    report = a_report()
    with transaction() as session:
        version = promote(session, replayed=report).version
        row = policies.read(session, version or 0)
        session.refresh(row)
        kept = promoting.kept_of(row)
        told = promotions.words(row)
        assert promote(session, replayed=report).version == version
        session.rollback()  # the days stay as they were
    assert kept is not None
    assert (kept.days, kept.by, kept.compared, kept.reproduced) == (("2027-03-02",), "olga", 7, 7)
    assert kept.totals[0].after.cost_minor == report["totals"][0]["after"]["cost_minor"]
    assert kept.totals[0].after.locations == {}
    assert told.startswith("2027-03-02 against as decided: 7 decisions, 7 reproduced, 1 order")
    assert told.endswith("split 1 → 0; unfilled 1 → 2; by olga")


def test_what_is_only_weighed_is_told_apart(day: Day) -> None:
    report = a_report(date(2027, 3, 3))
    weighed = Figures.model_validate(report["totals"][0]["before"]).weighed_minor
    assert weighed > 0
    with transaction() as session:
        told = promotions.words(promote(session, replayed=report))
        session.rollback()
    assert f"; of it only weighed USD {weighed / 100:.2f} → USD 0.00;" in told


def test_a_replay_that_does_not_speak_for_it_is_refused(day: Day) -> None:
    right = a_report()
    other = right | {"policy": right["policy"] | {"body": right["policy"]["body"] | {"x": 1}}}
    wrong: list[tuple[object, str]] = [
        (other, "of another policy: x differs"),
        (a_report(date(2027, 3, 1)), "compares nothing"),
        ({"saved_minor": 12}, "is missing"),
        ([], "the replay"),
    ]
    with transaction() as session:
        before = contents(session)
        for report, words in wrong:
            with pytest.raises(Invalid, match=words):
                promote(session, replayed=report)
        assert contents(session) == before


def test_without_a_replay_a_reason_is_wanted_and_kept(session: Session) -> None:
    a_shop(session)
    with refused(session, Invalid, match="with its replay or with a reason"):
        promote(session)
    with refused(session, Invalid, match="with its replay or with a reason"):
        promote(session, because="   ")
    with refused(session, Invalid, match="not with both"):
        promote(session, replayed={}, because="in a hurry")
    row = promote(session, because="the first one")
    assert (row.replay, row.not_replayed_because) == (None, "the first one")
    assert promotions.words(row) == "none: the first one"
