"""When goods that one location sends are at a store that hands them over, and what that costs."""

import numpy as np

from routing.cost import Ints, Rates, arriving_terms
from routing.cost import rates as rates_of
from routing.network import Network
from routing.problem import Order
from routing.windows import NEVER, Windows


def fed(network: Network, order: Order) -> bool:
    """Whether goods of an order may come by transfer to where it is picked up."""
    if not network.inbound or not order.pickup_at:
        return False
    return any(network.index[store] in network.inbound for store in order.pickup_at)


def lane_days(network: Network, at: int) -> Ints:
    """Return by location how long a transfer to a store is on its way."""
    days = np.full(len(network.ids), NEVER, dtype=np.int64)
    if at in network.inbound:
        days[network.inbound[at].sources] = network.inbound[at].days
    return days


def arriving(network: Network, at: int) -> Rates:
    """Return what goods cost that come to one store, its own hand-over apart."""
    none = np.zeros(0, dtype=np.int64)
    lanes = network.inbound.get(at)
    terms = arriving_terms(
        network.shipping,
        network.pickup,
        at=at,
        sources=none if lanes is None else lanes.sources,
        parcel=none if lanes is None else lanes.parcel,
        line=none if lanes is None else lanes.line,
    )
    return rates_of(terms, max_weight_g=(), locations=len(network.ids))


def must_be_there(windows: Windows, window: int, promise_days: int) -> int:
    """Return within how many days transfers must be there for a hand-over in one window."""
    return min(promise_days, int(windows.ready[window])) if windows.timed[window] else promise_days
