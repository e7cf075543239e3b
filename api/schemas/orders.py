"""Orders as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    StringConstraints,
    model_validator,
    validate_email,
)
from pydantic_core import PydanticCustomError

from api.schemas.base import In, Out
from oms.orders.models import Delivery, HoldKind, OrderStatus

# PostgreSQL cannot store NUL in text; refuse it here, where the field can be named.
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
Postcode = Annotated[str, StringConstraints(min_length=1, max_length=12, pattern=r"^[^\x00]+$")]
Email = Annotated[str, AfterValidator(lambda value: value and validate_email(value)[1])]
_MOST_MINOR = 10**15
"""More than any order is worth, and less than overflows."""


class AddressIn(In):
    """Where the goods go."""

    name: Name
    company: Text = ""
    street: Name
    street_2: Text = ""
    city: Name
    region: Text = ""
    postcode: Postcode
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    phone: Text = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class LineIn(In):
    """One article. Prices are for one unit, in minor units of the order's currency."""

    sku: Sku
    quantity: Annotated[int, Field(gt=0, le=100_000)]
    unit_price_minor: Annotated[int, Field(ge=0, le=10**12)]
    tax_minor: Annotated[int, Field(ge=0, le=10**12)] = 0
    title: Text = ""


class OrderIn(In):
    """An order from a till, a phone or a kiosk."""

    source: Literal["till", "phone", "kiosk"]
    reference: Reference | None = None
    """The source's own number; by default the idempotency key."""
    delivery: Delivery
    pickup_store: Name | None = None
    customer_name: Name
    customer_email: Email = ""
    customer_phone: Text = ""
    customer_locale: Annotated[str, Field(max_length=20, examples=["de-AT"])] | None = None
    """How to speak to the customer; English if it is left out."""
    address: AddressIn | None = None
    currency: Currency
    shipping_minor: Annotated[int, Field(ge=0, le=10**12)] = 0
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=500)]
    deliver_by: AwareDatetime | None = None
    hold_id: UUID | None = None
    """A checkout hold of the same source, whose units the order takes over."""
    when_out_of_stock: Literal["refuse", "backorder"] = "refuse"
    slot_starts_at: AwareDatetime | None = Field(None, examples=["2026-12-01T15:00:00Z"])
    """The slot of the pickup's store in which the customer collects; refused when it is full."""

    def asked(self) -> dict[str, Any]:
        """The request as its idempotency key stands for it.

        What a request does not say and an older release did not know is left out, so that a key
        sent before an upgrade and again after it is still the same request.
        """
        said = self.model_dump(mode="json")
        news = ("slot_starts_at", "customer_locale")
        return _without(said, *(name for name in news if said[name] is None))

    @property
    def total_minor(self) -> int:
        """What the customer pays: goods, their tax and the shipping."""
        goods = sum(line.unit_price_minor * line.quantity + line.tax_minor for line in self.lines)
        return goods + self.shipping_minor

    @model_validator(mode="after")
    def goes_somewhere(self) -> "OrderIn":
        """A shipment needs an address, a pickup needs a store."""
        if self.delivery is Delivery.SHIP and self.address is None:
            raise _fault("address", "a delivery needs an address")
        if self.delivery is Delivery.PICKUP and self.pickup_store is None:
            raise _fault("pickup_store", "a pickup needs the code of its store")
        if self.slot_starts_at is not None and self.delivery is not Delivery.PICKUP:
            raise _fault("slot_starts_at", "only an order that is collected has a slot")
        return self

    @model_validator(mode="after")
    def is_plausible(self) -> "OrderIn":
        """Each price may be plausible and their sum still not."""
        if self.total_minor > _MOST_MINOR:
            raise _fault("lines", f"the order is worth more than {_MOST_MINOR} minor units")
        return self


def _without(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in names}


def _fault(field: str, message: str) -> PydanticCustomError:
    """A rule over several fields is broken; `field` is the one to correct."""
    return PydanticCustomError("rule", "{message}", {"field": field, "message": message})


class LineOut(Out):
    """One line, and where its units are."""

    id: UUID
    sku: str
    title: str
    quantity: int
    unrouted: int
    reserved: int
    backordered: int
    in_transfer: int
    """Units that another location sends to the store at which they are collected."""
    short: int
    cancelled: int
    fulfilled: int
    unit_price_minor: int
    expected_at: datetime | None = None
    """When the last of the backordered units is expected; null if no supply is announced."""


class OrderOut(Out):
    """An order with its lines."""

    id: UUID
    number: int
    channel: str
    external_id: str
    display_number: str
    status: OrderStatus
    version: int
    delivery: Delivery
    currency: str
    total_minor: int
    placed_at: datetime
    promise_by: datetime
    release_at: datetime | None
    """Until when it waits, or waited, to be routed together with others; null if it never did."""
    lines: list[LineOut]


class PlacedOut(Out):
    """The answer to a new order."""

    order_id: UUID
    number: int
    status: OrderStatus
    promise_by: datetime
    backordered: dict[str, int]
    """Units by SKU that wait for stock."""
    expected: dict[str, datetime]
    """When the last of them is expected, by SKU, where supply is announced."""


class CancelIn(In):
    """Why an order is called off, and on which state of it that was decided."""

    reason: Name
    version: Annotated[int, Field(gt=0)] | None = None


class HoldIn(In):
    """A hold to place."""

    kind: HoldKind
    reason: Name


class MessageOut(Out):
    """What a webhook's sender is told."""

    message_id: UUID
    status: str
    repeated: bool


class ExceptionOut(Out):
    """A case for a person."""

    id: UUID
    kind: str
    cause_type: str
    cause_id: UUID
    order_id: UUID | None
    owner: str
    detail: str
    remedy: str
    opened_at: datetime


class ResolveIn(In):
    """How a case was settled."""

    resolution: Name


class DecisionOut(Out):
    """A routing decision with its reasons."""

    id: UUID
    order_version: int
    at: datetime
    engine: str
    status: str
    cost_minor: int
    lower_bound_minor: int
    currency: str
    policy_version: int | None
    """The routing policy it was made by; null is the standard one."""
    fallback_reason: str | None
    plan: dict[str, Any]
    explanation: dict[str, Any]


class ToldDecisionOut(Out):
    """A decision in words and in figures, and what is different from the one before it."""

    id: UUID
    at: datetime
    engine: str
    status: str
    cost_minor: int
    lower_bound_minor: int
    currency: str
    sentences: list[str]
    changed: list[str]
    winner: dict[str, Any]
    """Each parcel with its cost by term, and the lines left unfilled."""
    runner_up: dict[str, Any] | None
    dearer_minor: int | None
    """How much more the runner-up costs."""
    rivals: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    """Locations that could not serve, by the constraints that rule them out."""


class WhyOut(Out):
    """Why an order goes where it goes: every decision, newest first."""

    order_id: UUID
    number: int
    decisions: list[ToldDecisionOut]
    suppositions: list[str]
    """What would have changed the newest decision, in words."""
    counterfactuals: list[dict[str, Any]]
    """The same in figures, each the least change of one, verified by solving again."""
