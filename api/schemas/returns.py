"""Returns and their rules as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.base import In, Out
from api.schemas.orders import Email, Name, Sku, Text
from oms.returns.models import Condition, Disposition, Exchange, Ground, ReturnStatus, Way
from oms.returns.rules import RuleSet

Units = Annotated[int, Field(gt=0, le=100_000, examples=[1])]


class ReturnLineIn(In):
    """Units of an order line that come back."""

    line_id: UUID
    units: Units
    reason: Annotated[Text, Field(examples=["too small"])] = ""


class ReturnIn(In):
    """A return that is asked for."""

    order_id: UUID
    way: Annotated[Way, Field(examples=["mail"])]
    lines: Annotated[tuple[ReturnLineIn, ...], Field(min_length=1, max_length=500)]
    email: Email | None = None
    """The customer's, if they ask themselves: it must be the one of the order."""
    label: bool = False
    """Whether the carrier's label for the parcel is bought for them."""


class WhyIn(In):
    """A person's reason."""

    reason: Annotated[Name, Field(examples=["an old customer"])]


class SentIn(In):
    """The parcel that the goods are in."""

    carrier: Annotated[Name, Field(max_length=40, examples=["UPS"])]
    tracking_number: Annotated[Name, Field(max_length=120, examples=["1Z999AA10123456784"])]


class GoodsIn(In):
    """Units of an article that came."""

    sku: Sku
    units: Units


class ReceiptIn(In):
    """What came, and where."""

    location: Annotated[Name, Field(examples=["S01"])]
    goods: Annotated[tuple[GoodsIn, ...], Field(min_length=1, max_length=500)]
    version: Annotated[int, Field(gt=0)] | None = None


class InspectIn(In):
    """In which state goods are."""

    condition: Annotated[Condition, Field(examples=["as_new"])]
    note: Text = ""
    photos: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    deduct_minor: Annotated[int, Field(ge=0, le=10**12)] = 0
    """What they are worth less than sold; kept back from the refund."""


class ExchangeLineIn(In):
    """Units of an article that the customer has instead."""

    sku: Sku
    units: Units


class ExchangeIn(In):
    """What the customer has instead, and where it is collected if it is not sent."""

    lines: Annotated[tuple[ExchangeLineIn, ...], Field(min_length=1, max_length=100)]
    pickup_store: Name | None = None


class LinkOut(Out):
    """The customer's page of returns of an order. Whoever has the link may ask for them."""

    link: str


class DisposeIn(In):
    """What becomes of goods. A transfer, and nothing else, names where they go."""

    disposition: Annotated[Disposition, Field(examples=["sellable"])]
    to_location: Name | None = None


class RulesIn(In):
    """A version of the rules to publish."""

    rules: RuleSet
    note: Annotated[Name, Field(examples=["summer: 60 days"])]
    effective_from: AwareDatetime | None = None


class ReturnLineOut(Out):
    """What was asked."""

    line_id: UUID
    sku: str
    units: int
    reason: str


class GoodsOut(Out):
    """What came. Without a line it was not announced; without a disposition it is in quarantine."""

    id: UUID
    line_id: UUID | None
    sku: str
    units: int
    location: str
    condition: Condition | None
    note: str
    photos: list[str]
    deduct_minor: int
    disposition: Disposition | None
    received_at: datetime


class ReturnOut(Out):
    """A return with all that was asked and all that came."""

    id: UUID
    number: int
    order_id: UUID
    status: ReturnStatus
    version: int
    way: Way
    ground: Ground
    decision: str
    """Why it was authorised or refused, naming the rule."""
    rules_version: int | None
    instant: bool
    with_shipping: bool
    fee_minor: int
    wants_label: bool
    label_paid_by: str
    label_cost_minor: int
    exchange: Exchange
    exchange_order_id: UUID | None
    credit_id: UUID | None
    arrived_at: datetime | None
    """When the carrier delivered the parcel; what is in it is known when it is received."""
    carrier: str
    tracking_number: str
    refund_id: UUID | None
    asked_at: datetime
    expires_at: datetime | None
    closed_at: datetime | None
    lines: list[ReturnLineOut]
    goods: list[GoodsOut]
    missing: dict[str, int]
    """Units by SKU that were announced and have not come."""


class RulesOut(Out):
    """A version of the rules."""

    version: int
    note: str
    effective_from: datetime
    created_at: datetime
    created_by: str
    body: dict[str, Any]
