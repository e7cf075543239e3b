"""What can be promised for a basket, as the JSON API gives it."""

from datetime import date, datetime

from api.schemas.base import Out
from oms.promises.pickup import KILOMETRES_PER_MILE, PickupOption
from oms.promises.promising import Promise


class SentOut(Out):
    """A parcel of the plan."""

    location: str
    skus: list[str]
    leaves_on: date
    arrives_on: date


class ShippingOptionOut(Out):
    """A date by which the whole basket is there."""

    arrives_on: date
    promise_by: datetime
    """To be sent as the order's `deliver_by`: the end of that date on the customer's clock."""
    order_before: datetime
    """The first cut-off of the locations concerned."""
    cost_minor: int
    """What sending it costs the shop."""
    locations: int
    """From how many it comes."""
    parcels: list[SentOut]


class LackingOut(Out):
    """Why one article is not promised; `free` are all units that could be sent."""

    sku: str
    quantity: int
    free: int
    reason: str


class ShippingOut(Out):
    """Dates, the earliest first and each later one cheaper; what lacks, if there is none."""

    options: list[ShippingOptionOut]
    lacking: list[LackingOut]


class PickupOptionOut(Out):
    """A store, and when the basket is ready there if it is ordered now."""

    location: str
    name: str
    distance_miles: float
    distance_km: float
    ready_by: datetime
    time_zone: str
    capacity_left: int | None
    """Parcels and pickups it can still be given today; null is without limit."""
    lacking: list[str]


class PickupOut(Out):
    """The nearest stores with the whole basket, those with a part, and why there are none."""

    stores: list[PickupOptionOut]
    in_part: list[PickupOptionOut]
    reason: str | None


class PromiseOut(Out):
    """What can be promised as of a moment; nothing is held for it."""

    as_of: datetime
    currency: str
    shipping: ShippingOut
    pickup: PickupOut
    assumptions: list[str]


def promise_out(found: Promise) -> PromiseOut:
    """A promise in the shape of the API."""
    return PromiseOut(
        as_of=found.as_of,
        currency=found.currency,
        shipping=ShippingOut(
            options=[
                ShippingOptionOut(
                    arrives_on=one.arrives_on,
                    promise_by=one.promise_by,
                    order_before=one.order_before,
                    cost_minor=one.cost_minor,
                    locations=len({parcel.location for parcel in one.parcels}),
                    parcels=[SentOut.model_validate(parcel) for parcel in one.parcels],
                )
                for one in found.shipping.options
            ],
            lacking=[
                LackingOut(sku=one.sku, quantity=one.units, free=one.free, reason=one.reason)
                for one in found.shipping.lacking
            ],
        ),
        pickup=PickupOut(
            stores=[_store(one) for one in found.pickup.whole],
            in_part=[_store(one) for one in found.pickup.in_part],
            reason=found.pickup.reason,
        ),
        assumptions=list(found.assumptions),
    )


def _store(one: PickupOption) -> PickupOptionOut:
    return PickupOptionOut(
        location=one.location,
        name=one.name,
        distance_miles=one.miles,
        distance_km=round(one.miles * KILOMETRES_PER_MILE, 1),
        ready_by=one.ready_by,
        time_zone=one.time_zone,
        capacity_left=one.capacity_left,
        lacking=list(one.lacking),
    )
