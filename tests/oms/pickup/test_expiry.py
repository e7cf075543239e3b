"""Nobody came: reminders and the end of waiting, each by its deadline and once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import StaleVersion
from oms.languages.speech import english
from oms.notifications import facts, notices, wording
from oms.notifications.models import NoticeKind
from oms.pickup import expiry
from oms.pickup.models import Pickup, PickupStatus
from tests.builders import an_order, contents, refused
from tests.oms.shop import Shop, collected, fill, ready, routed, the_pickup, told, trail

MONDAY = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
CLOSING = datetime(2026, 6, 23, 0, 0, tzinfo=UTC)


@pytest.fixture
def waiting(session: Session, shop: Shop) -> Pickup:
    """Ready on a Monday at noon in New York; the store closes at eight a week later."""
    fill(session, shop)
    [part] = routed(session, an_order(session, {"MUG": 2}, pickup_store="S01"))
    with clock.at(MONDAY):
        return ready(session, part)


def days(count: float) -> datetime:
    return MONDAY + timedelta(days=count)


def meet(session: Session, pickup: Pickup, moment: datetime, *, version: int | None = None) -> None:
    with clock.at(moment):
        expiry.meet_deadline(session, pickup.id, version=version or pickup.version)
    session.flush()


def kinds(session: Session, pickup: Pickup) -> list[NoticeKind]:
    return [notice.kind for notice in notices.of_order(session, pickup.order_id)]


def test_the_customer_is_told_reminded_twice_and_told_that_it_is_over(
    session: Session, waiting: Pickup
) -> None:
    deadlines = []
    while (due := expiry.next_deadline(waiting)) is not None:
        deadlines.append(due)
        meet(session, waiting, due)
    assert deadlines == [days(2), days(5), CLOSING]
    assert waiting.status is PickupStatus.EXPIRED
    assert kinds(session, waiting) == [
        NoticeKind.READY,
        NoticeKind.REMINDER,
        NoticeKind.REMINDER,
        NoticeKind.EXPIRED,
    ]
    assert trail(session, waiting.id) == [
        "pickup.created",
        "pickup.picking",
        "pickup.ready",
        "pickup.reminded",
        "pickup.reminded",
        "pickup.expired",
    ]
    assert told(session, waiting.id) == trail(session, waiting.id)


def test_nothing_happens_before_a_deadline(session: Session, waiting: Pickup) -> None:
    before = contents(session)
    meet(session, waiting, days(2) - timedelta(seconds=1))
    assert contents(session) == before


def test_a_deadline_is_met_once(session: Session, waiting: Pickup) -> None:
    seen = waiting.version
    meet(session, waiting, days(2), version=seen)
    before = contents(session)
    with refused(session, StaleVersion):
        meet(session, waiting, days(2), version=seen)
    meet(session, waiting, days(2))
    assert contents(session) == before
    assert waiting.reminders_sent == 1


def test_after_an_outage_the_customer_gets_one_reminder_not_all_of_them(
    session: Session, waiting: Pickup
) -> None:
    meet(session, waiting, days(6))
    assert waiting.reminders_sent == 2
    assert kinds(session, waiting) == [NoticeKind.READY, NoticeKind.REMINDER]
    assert expiry.next_deadline(waiting) == CLOSING


def test_after_a_long_outage_the_waiting_is_simply_over(session: Session, waiting: Pickup) -> None:
    meet(session, waiting, days(30))
    assert kinds(session, waiting) == [NoticeKind.READY, NoticeKind.EXPIRED]


def test_a_deadline_that_fires_late_does_not_hit_a_changed_pickup(
    session: Session, waiting: Pickup
) -> None:
    seen = waiting.version
    with clock.at(days(1)):
        collected(session, waiting)
    with refused(session, StaleVersion):
        meet(session, waiting, CLOSING, version=seen)
    meet(session, waiting, CLOSING)
    assert waiting.status is PickupStatus.COLLECTED
    assert expiry.next_deadline(waiting) is None


def test_a_pickup_in_preparation_has_no_deadline(session: Session, shop: Shop) -> None:
    fill(session, shop)
    [part] = routed(session, an_order(session, {"MUG": 2}, pickup_store="S01"))
    assert expiry.next_deadline(the_pickup(session, part)) is None


def test_a_notice_says_where_until_when_in_the_store_s_time_and_what_to_bring(
    session: Session, waiting: Pickup
) -> None:
    [notice] = notices.of_order(session, waiting.order_id)
    worded = wording.word(notice.kind, facts.of_notice(session, notice, english()), english(), None)
    assert worded.subject.endswith("is ready at Store S01")
    assert "Store S01, 1 High Street, New York, NY 10001" in worded.text
    assert "Monday, June 22, 8:00\u202fPM" in worded.text
    assert f"{waiting.code[:3]} {waiting.code[3:]}" in worded.text
    assert notice.cause == f"pickup:{waiting.id}:ready"
