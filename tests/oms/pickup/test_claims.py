"""Who picks a pickup, and how another takes it over."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import Conflict
from oms.pickup import preparing
from oms.pickup.claiming import Claimed
from oms.pickup.models import PickupStatus
from tests.builders import refused
from tests.oms.pickup.car import a_pickup
from tests.oms.shop import Shop, fill

PICKED = {"picked": {"MUG": 1}, "shelf": "A1"}


def test_a_second_associate_takes_over_before_they_finish(session: Session, shop: Shop) -> None:
    fill(session, shop)
    pickup = a_pickup(session)
    preparing.start(session, pickup.id, actor="anna")
    with refused(session, Claimed, "somebody else is picking"):
        preparing.mark_ready(session, pickup.id, **PICKED, actor="ben")
    preparing.take_over(session, pickup.id, actor="ben")
    with refused(session, Claimed):
        preparing.mark_ready(session, pickup.id, **PICKED, actor="anna")
    preparing.mark_ready(session, pickup.id, **PICKED, actor="ben")
    assert pickup.status is PickupStatus.READY


@pytest.mark.parametrize("minutes", [19, 20])
def test_who_let_their_time_run_out_need_not_be_asked(
    session: Session, shop: Shop, minutes: int
) -> None:
    fill(session, shop)
    pickup = a_pickup(session)
    now = clock.now()
    with clock.at(now):
        preparing.start(session, pickup.id, actor="anna")
    with clock.at(now + timedelta(minutes=minutes)):
        if minutes < 20:
            with refused(session, Claimed):
                preparing.mark_ready(session, pickup.id, **PICKED, actor="ben")
        else:
            preparing.mark_ready(session, pickup.id, **PICKED, actor="ben")


def test_only_what_is_being_picked_is_taken_over(session: Session, shop: Shop) -> None:
    fill(session, shop)
    pickup = a_pickup(session)
    with refused(session, Conflict, "nobody is picking"):
        preparing.take_over(session, pickup.id, actor="ben")
