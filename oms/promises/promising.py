"""Answer what can be promised for a basket: by when it is there, and where it is ready when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from oms import clock
from oms.capture import network
from oms.capture.network import View
from oms.errors import Invalid
from oms.promises import baskets, pickup, shipping
from oms.promises.baskets import Basket
from oms.promises.pickup import Pickup
from oms.promises.shipping import Shipping

MOST_STORES: Final = 20


@dataclass(frozen=True, slots=True)
class Promise:
    """What can be promised, as of a moment. Nothing is held for it: a checkout hold does that."""

    as_of: datetime
    currency: str
    shipping: Shipping
    pickup: Pickup
    assumptions: tuple[str, ...]


def promise(
    session: Session, basket: Basket, *, stores: int = 5, view: View | None = None
) -> Promise:
    """Promise what routing can keep: the same engine, stock, capacity, calendars and prices.

    Raises `Invalid` or `UnknownSku`.
    """
    if not 0 <= stores <= MOST_STORES:
        raise Invalid(
            f"{stores} stores is not between 0 and {MOST_STORES}",
            field="stores",
            remedy="ask for fewer",
        )
    stated = baskets.state(session, basket, view or network.current(session))
    return Promise(
        as_of=clock.now(),
        currency=stated.currency,
        shipping=shipping.promise(stated),
        pickup=pickup.promise(stated, stores=stores),
        assumptions=stated.assumptions,
    )
