"""The store at which an order is collected."""

from sqlmodel import Session

from oms.errors import Conflict, Invalid, NotFound
from oms.locations import pausing
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.locations.pausing import Work


class UnknownPickupStore(NotFound):
    """The order is to be collected at a store that is none of ours."""

    code = "unknown_store"


class PickupPaused(Conflict):
    """The store hands over pickups, and takes no more of them for now."""

    code = "pickup_paused"


def pickup_store(
    session: Session, code: str | None, *, leaving: bool = False, sold: bool = False
) -> Location:
    """The store at which an order is collected; one that has closed, if the order is `leaving`.

    An order that a channel has `sold` is taken by a store that pauses pickups, and waits.
    Raises `Invalid`, `UnknownPickupStore` or `PickupPaused`.
    """
    if code is None:
        raise Invalid(
            "a pickup order names no store",
            field="pickup_store",
            remedy="send the code of the store at which it is collected",
        )
    store = locations.find(session, code)
    if store is None:
        raise UnknownPickupStore(
            f"there is no store {code!r}",
            field="pickup_store",
            remedy="send the code of a store as the network lists it",
        )
    if not (store.active and store.can_pickup) and not leaving:
        raise Invalid(
            f"{store.name} does not hand over pickups",
            field="pickup_store",
            remedy="choose a store that does",
        )
    if not (pausing.hands_over(store) or leaving or sold):
        until = pausing.paused_until(store, Work.PICKUP)
        raise PickupPaused(
            f"{store.name} takes no pickups at present",
            field="pickup_store",
            remedy="choose another store, or delivery",
            facts={"until": until.isoformat() if until is not None else None},
        )
    return store
