"""Stock rules, supply, counts wanted and checkout holds as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from api.schemas.base import In, Out
from api.schemas.orders import Name, Postcode, Reference, Sku, Text
from oms.inventory.checkout_models import CheckoutHoldStatus
from oms.inventory.rule_models import RuleKind
from oms.inventory.supply_models import SupplyKind, SupplyStatus
from oms.orders.models import Delivery

Channel = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]+$")]
SomeUnits = Annotated[int, Field(gt=0, le=1_000_000)]
AnyUnits = Annotated[int, Field(ge=0, le=1_000_000)]
Minutes = Annotated[int, Field(gt=0, le=10_000)]


class IncomingOut(Out):
    """Units that are still to come and that no order waits for."""

    expected_at: datetime
    units: int
    document: str
    in_transit: bool


class AvailabilityOut(Out):
    """What may be promised of one article at one location: on hand less every deduction."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    """Held for orders and for checkout holds."""
    safety: int
    """Kept back at this balance."""
    promisable: int
    damaged: int
    rule_safety: int
    """Kept back by the safety rule that matches best."""
    doubted: int
    """Not believed until somebody counts."""
    ring_fenced: int
    """Left of the allotments of other channels."""
    channel_safety: int
    buffer: int
    incoming: list[IncomingOut]


class DeductionOut(Out):
    """One deduction, and what it rests on."""

    what: str
    units: int
    why: str
    rule_id: UUID | None
    until: datetime | None


class ExplanationOut(Out):
    """How what may be promised at one location comes about."""

    sku: str
    location: str
    channel: str | None
    on_hand: int
    deductions: list[DeductionOut]
    promisable: int
    incoming: list[IncomingOut]


class SetApartIn(In):
    """Units that change between sellable, damaged and gone."""

    sku: Sku
    location: Name
    units: SomeUnits
    reason: Name


class WriteOffIn(SetApartIn):
    """Units that leave the books for good."""

    damaged: bool = True
    """Whether they had been set apart; false for units that were free."""


class RuleIn(In):
    """A rule to put in force. What is left out matches everything."""

    kind: RuleKind
    units: AnyUnits
    sku: Sku | None = None
    category: Name | None = None
    location: Name | None = None
    channel: Channel | None = None
    until: AwareDatetime | None = None
    note: Text = ""


class EndRuleIn(In):
    """Why a rule ends."""

    because: Name


class RuleOut(Out):
    """One version of a rule."""

    id: UUID
    kind: RuleKind
    units: int
    remaining: int | None
    """Of an allotment: what its channel has not taken yet."""
    sku: str | None
    category: str | None
    location: str | None
    channel: str | None
    until: datetime | None
    note: str
    set_at: datetime
    set_by: str
    ended_at: datetime | None
    ended_by: str | None
    ended_because: str | None


class SupplyIn(In):
    """Goods that a document announces."""

    document: Reference
    sku: Sku
    location: Name
    units: SomeUnits
    expected_at: AwareDatetime
    in_transit: bool = False


class TransferIn(In):
    """Goods that one location sends to another."""

    document: Reference
    sku: Sku
    from_location: Name
    to_location: Name
    units: SomeUnits
    expected_at: AwareDatetime


class ArrivalIn(In):
    """What came of announced goods; damaged units are among them."""

    units: SomeUnits
    damaged: AnyUnits = 0


class SupplyOut(Out):
    """Goods that are expected, or that have come."""

    id: UUID
    kind: SupplyKind
    document: str
    sku: str
    location: str
    from_location: str | None
    announced: int
    received: int
    outstanding: int
    expected_at: datetime
    status: SupplyStatus
    version: int


class CountWantedOut(Out):
    """An article that a store is asked to count."""

    sku: str
    name: str
    on_hand: int
    reason: str
    asked_at: datetime


class ReleaseIn(In):
    """From when an article is sent to customers; null releases it at once."""

    releases_at: AwareDatetime | None


class ReleaseOut(Out):
    """The release of an article."""

    sku: str
    releases_at: datetime | None


class BasketLineIn(In):
    """One article of a basket."""

    sku: Sku
    quantity: Annotated[int, Field(gt=0, le=100_000)]


class DestinationIn(In):
    """Where a basket would be sent, as far as the shopper has said."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    postcode: Postcode
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class CheckoutHoldIn(In):
    """A basket whose stock is to be kept while its shopper pays."""

    channel: Channel
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    lines: Annotated[list[BasketLineIn], Field(min_length=1, max_length=500)]
    delivery: Delivery = Delivery.SHIP
    pickup_store: Name | None = None
    destination: DestinationIn | None = None
    deliver_by: AwareDatetime | None = None
    minutes: Minutes | None = None
    """By default `TRIBUTARY_CHECKOUT_HOLD_MINUTES`."""

    @model_validator(mode="after")
    def goes_somewhere(self) -> "CheckoutHoldIn":
        """A shipment needs a destination, a pickup needs a store."""
        lacking: Literal["destination", "pickup_store"] | None = None
        if self.delivery is Delivery.SHIP and self.destination is None:
            lacking = "destination"
        if self.delivery is Delivery.PICKUP and self.pickup_store is None:
            lacking = "pickup_store"
        if lacking:
            message = f"a {self.delivery.value} basket needs its {lacking}"
            raise PydanticCustomError("rule", "{message}", {"field": lacking, "message": message})
        return self


class ExtendIn(In):
    """For how many minutes from now the units are kept; by default as for a new hold."""

    minutes: Minutes | None = None


class CheckoutHoldLineOut(Out):
    """Units that are kept, and where: their order will be filled from there."""

    sku: str
    quantity: int
    location: str


class CheckoutHoldOut(Out):
    """A checkout hold."""

    hold_id: UUID
    channel: str
    status: CheckoutHoldStatus
    expires_at: datetime
    last_expiry: datetime
    order_id: UUID | None
    lines: list[CheckoutHoldLineOut]
