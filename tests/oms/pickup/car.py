"""A store that hands over at the car, and pickups for its customers."""

from sqlmodel import Session

from oms.fulfilments.models import Fulfilment
from oms.pickup import curbside
from oms.pickup.curbside import SetUp
from oms.pickup.models import Pickup
from tests.builders import an_order
from tests.oms.shop import Shop, ready, routed, the_pickup


def at_the_car(
    session: Session,
    shop: Shop,
    *,
    bays: tuple[str, ...] = (),
    slot_minutes: int | None = None,
    slot_capacity: int | None = None,
) -> None:
    """Riverside hands over at the car."""
    shop.riverside.can_curbside = True
    session.flush()
    wanted = SetUp(bays, slot_minutes, slot_capacity)
    curbside.set_up(session, shop.riverside, wanted, actor="olga")


def a_pickup(session: Session) -> Pickup:
    """A mug to be collected at Riverside; nobody has begun."""
    [part] = routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
    return the_pickup(session, part)


def a_ready_pickup(session: Session) -> Pickup:
    """A mug that waits at Riverside."""
    pickup = a_pickup(session)
    return ready(session, session.get_one(Fulfilment, pickup.fulfilment_id))
