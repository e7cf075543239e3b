"""A routing policy: what is weighed, allowed, excluded and waited for, as its file states it.

docs/policies.md describes the file. Everything is optional but the name: what a file leaves out is
as it is without any policy.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from oms import faults
from oms.errors import Invalid
from oms.faults import Fault, fault_of
from oms.orders.models import Delivery
from oms.settings import settings
from oms.values import ChannelCode, Country, LocationCode, Name

LATE_DAYS: Final = 60
_REMEDY: Final = "docs/policies.md describes the file"
_MARGIN: Final = timedelta(minutes=1)
"""For the routing itself."""

Cents = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Share = Annotated[int, Field(strict=True, ge=0, le=1_000)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=1_440)]


class Service(StrEnum):
    """What the customer was promised, as far as waiting and exclusions care."""

    STANDARD = "standard"
    EXPRESS = "express"
    PICKUP = "pickup"


class _Part(BaseModel):
    """An unknown field is an error, because it is a mistyped one."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Weights(_Part):
    """What counts beside carriage and handling."""

    opportunity_percent: Share = 0
    """Of a unit's bid price, added to the cost of using the unit up."""
    move_cents: Cents = 0
    """What moving an order's tentative place must save at least."""
    congestion_cents: Cents = 0
    """A parcel at a location that has used all of its capacity; in proportion before that."""
    lateness_cents_per_day: Cents = 0
    """Each day behind the promise."""
    acceptance_percent: Share = 0
    """Of what sourcing again would cost, times the chance that the location gives it back."""
    plugged_percent: Annotated[dict[Name, Share], Field(max_length=12)] = Field(
        default_factory=dict
    )
    """Of what cost terms of other packages say, by their names; docs/cost-terms.md."""


class Limits(_Part):
    """How far routing may go."""

    max_parcels: Annotated[int, Field(strict=True, ge=1, le=20)] = Field(
        default_factory=lambda: settings().max_parcels_per_order
    )
    """Of one order."""
    split_lines: Annotated[bool, Field(strict=True)] = False
    """Whether the units of one line may come from several locations."""
    late_days: Annotated[int, Field(strict=True, ge=0, le=3_650)] = LATE_DAYS
    """An order whose promise nobody can keep may arrive within so many days from now."""
    moved_percent: Percent = 100
    """Of the orders that wait, how many one joint run may move."""


class Exclusion(_Part):
    """A location that does not serve some orders. What is left out applies to all."""

    location: LocationCode
    reason: Name
    """In words; it is shown with every decision that it bears on."""
    channel: ChannelCode | None = None
    service: Service | None = None
    category: Name | None = None
    """Orders with any article of this category, such as `hazmat`."""


class CarrierExclusion(_Part):
    """A carrier, or one of its services, that is not used for some parcels.

    What is left out applies to all.
    """

    carrier: Name
    service: Name | None = None
    """The carrier's own code of it."""
    reason: Name
    """In words; it is shown where no service is left."""
    channel: ChannelCode | None = None
    category: Name | None = None
    """Shipments with any article of this category."""
    country: Country | None = None
    region: Name | None = None
    """Of the destination, as addresses write it."""


class HoldTime(_Part):
    """How long an order waits to be routed together with others."""

    channel: ChannelCode | None = None
    """Without it: every channel that no other line names."""
    service: Service
    minutes: Minutes

    @field_validator("minutes")
    @classmethod
    def only_standard_waits(cls, minutes: int, info: ValidationInfo) -> int:
        """Whoever paid for speed, or comes to collect, is not kept waiting."""
        service = info.data.get("service")
        if minutes and service in (Service.EXPRESS, Service.PICKUP):
            raise ValueError(f"must be 0: {service.value} orders are never held")
        return minutes


class TransferLane(_Part):
    """A way by which goods of pickup orders may be sent to the store that lacks them."""

    sender: LocationCode | None = None
    """Without it: every location that ships."""
    store: LocationCode | None = None
    """Without it: every store that hands over."""
    parcel_cents: Cents
    """One transfer, besides what packing costs its sender."""
    line_cents: Cents = 0
    """Each line in it, besides what picking costs its sender."""
    days: Annotated[int, Field(strict=True, ge=0, le=60)] | None = None
    """From the day it leaves to the day it is there; without it as long as a parcel takes."""


class Unfilled(_Part):
    """What it costs to leave a line unfilled; it must exceed any carriage worth paying."""

    cents_per_line: Cents = Field(default_factory=lambda: settings().unfilled_cost_minor)
    cents_per_unit: Cents = 0


class BidPrices(_Part):
    """How bid prices follow what joint runs find stock to be worth."""

    smoothing_percent: Annotated[int, Field(strict=True, ge=1, le=100)] = 30
    """The weight of the newest run; the rest is what was known before."""


class Policy(_Part):
    """All of it."""

    name: Name
    weights: Weights = Weights()
    limits: Limits = Field(default_factory=Limits)
    exclusions: tuple[Exclusion, ...] = ()
    carriers: tuple[CarrierExclusion, ...] = ()
    holds: tuple[HoldTime, ...] = ()
    transfers: Annotated[tuple[TransferLane, ...], Field(max_length=1_000)] = ()
    """None: a pickup is filled from its store's own shelf."""
    express_hours: Annotated[int, Field(strict=True, ge=0, le=720)] = 48
    """A delivery that is promised within so many hours of being placed is express."""
    unfilled: Unfilled = Field(default_factory=Unfilled)
    bid_prices: BidPrices = BidPrices()


def standard() -> Policy:
    """What holds as long as nobody has put a policy in force."""
    return Policy(name="standard")


def parse(document: object) -> Policy:
    """The policy in a parsed JSON document.

    Raises `Invalid` whose `field` is the first wrong place, such as `holds[2].minutes`, and whose
    facts list the first fifty.
    """
    try:
        policy = Policy.model_validate(document)
    except ValidationError as error:
        found = [fault_of(one, whole="the policy") for one in error.errors(include_url=False)]
        raise faulty(found) from error
    if repeated := list(_repeated(policy)):
        raise faulty(repeated)
    return policy


def faulty(found: Collection[Fault]) -> Invalid:
    """The error that tells of all these faults and names the first."""
    return faults.faulty(found, remedy=_REMEDY)


def document(policy: Policy) -> dict[str, Any]:
    """All of a policy as plain JSON, also what its file left out; `parse` reads it back."""
    return policy.model_dump(mode="json")


def service_of(
    policy: Policy, *, delivery: Delivery, placed_at: datetime, promise_by: datetime
) -> Service:
    """What the customer was promised; a delivery is express if the promise is that near."""
    if delivery is Delivery.PICKUP:
        return Service.PICKUP
    near = promise_by - placed_at <= timedelta(hours=policy.express_hours)
    return Service.EXPRESS if near else Service.STANDARD


def release_at(
    policy: Policy,
    *,
    channel: str,
    service: Service,
    captured_at: datetime,
    promise_by: datetime,
    cut_offs: Collection[datetime] = (),
) -> datetime | None:
    """Until when an order waits to be routed jointly; None if it does not wait.

    The wait is cut short where it would cost the customer a day: `cut_offs` are those of the
    locations that hold its goods, and after the first of them something leaves a day later.
    """
    by_scope = {(one.channel, one.service): one.minutes for one in policy.holds}
    minutes = by_scope.get((channel, service), by_scope.get((None, service), 0))
    until = min(captured_at + timedelta(minutes=minutes), before(promise_by, *cut_offs))
    return until if minutes and until > captured_at else None


def before(*ends: datetime) -> datetime:
    """The last moment at which an order can be routed before the first of these."""
    return min(ends) - _MARGIN


def excluded(
    policy: Policy, *, channel: str | None, service: Service, categories: Collection[str]
) -> Mapping[str, str]:
    """Locations that must not serve such an order, by code, each with its reason in words."""
    return {
        one.location: one.reason
        for one in policy.exclusions
        if one.channel in (None, channel)
        and one.service in (None, service)
        and (one.category is None or one.category in categories)
    }


def carrier_exclusions(
    policy: Policy, *, channel: str, categories: Collection[str], country: str, region: str
) -> tuple[CarrierExclusion, ...]:
    """What must not carry such a parcel to such a place."""
    return tuple(
        one
        for one in policy.carriers
        if one.channel in (None, channel)
        and (one.category is None or one.category in categories)
        and one.country in (None, country)
        and one.region in (None, region)
    )


def unfilled_cents(policy: Policy, *, units: int) -> int:
    """What it costs to leave a line of so many units unfilled."""
    return policy.unfilled.cents_per_line + policy.unfilled.cents_per_unit * units


def _repeated(policy: Policy) -> Iterator[Fault]:
    seen: dict[tuple[str | None, Service], int] = {}
    for at, one in enumerate(policy.holds):
        first = seen.setdefault((one.channel, one.service), at)
        if first != at:
            whom = one.channel or "every channel"
            yield Fault(
                f"holds[{at}]", f"{one.service.value} of {whom} is there already, at holds[{first}]"
            )
    lanes: dict[tuple[str | None, str | None], int] = {}
    for at, way in enumerate(policy.transfers):
        first = lanes.setdefault((way.sender, way.store), at)
        if first != at:
            ends = f"{way.sender or 'every location'} to {way.store or 'every store'}"
            yield Fault(f"transfers[{at}]", f"{ends} is there already, at transfers[{first}]")
        elif way.sender is not None and way.sender == way.store:
            yield Fault(f"transfers[{at}].store", "is its own sender; name another location")
