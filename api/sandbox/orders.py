"""An order as a shop keeps it, what the shop was told about it, and what it tells the world."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

IDS_PER_ORDER: Final = 1_000
"""Room between two numeric order ids: 0 the order, from 1 its work, from 300 what was received."""


class Happened(StrEnum):
    """What a shop tells by webhook."""

    CREATED = "created"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class Person(BaseModel):
    """A made-up customer."""

    name: str = "Ada Example"
    email: str = "ada@example.com"
    phone: str = "+1 555 0100"
    locale: str = ""

    def names(self) -> tuple[str, str]:
        """First and last name."""
        first, _, last = self.name.partition(" ")
        return first, last


class Place(BaseModel):
    """Where the customer wants it."""

    street: str = "12 Sample Street"
    city: str = "Springfield"
    region: str = "IL"
    postcode: str = "62701"
    country: str = "US"
    latitude: float | None = 39.8017
    longitude: float | None = -89.6437


class ShopLine(BaseModel):
    """One article; `removed` units were taken off the order again, `sent` have left."""

    id: str
    sku: str
    title: str
    quantity: int = Field(ge=1)
    price_minor: int = Field(ge=0)
    removed: int = 0
    sent: int = 0

    def left(self) -> int:
        """Units still to be sent."""
        return self.quantity - self.removed - self.sent


class Received(BaseModel):
    """One thing that the order desk told the shop, as the shop understood it."""

    id: str
    kind: Literal["shipped", "ready", "collected", "completed", "cancelled", "refunded", "note"]
    at: datetime
    lines: dict[str, int] = Field(default_factory=dict)
    tracking_number: str = ""
    tracking_url: str = ""
    carrier: str = ""
    text: str = ""
    amount_minor: int = 0
    """Of a refund."""


class ShopOrder(BaseModel):
    """An order in one of the shops. Money is in minor units; moments are in UTC."""

    channel: str
    id: str
    number: str
    placed_at: datetime
    updated_at: datetime
    currency: str
    lines: list[ShopLine]
    customer: Person
    address: Place | None
    delivery: Literal["ship", "pickup"]
    store: str = ""
    """What the channel calls the pickup place."""
    shipping_minor: int = 0
    paid: bool = True
    test: bool = False
    by_marketplace: bool = False
    """Amazon: it sends the goods itself, from its own warehouse."""
    cancel_reason: str = ""
    """Amazon: why the buyer asks to call it off, which the seller need not do."""
    status: Literal["open", "ready", "completed", "cancelled", "deleted"] = "open"
    received: list[Received] = Field(default_factory=list)
    mails: list[str] = Field(default_factory=list)
    """What the shop wrote to its customer."""
    meta: list[dict[str, Any]] = Field(default_factory=list)
    """WooCommerce's free metadata."""

    def total_minor(self) -> int:
        """What the customer pays."""
        goods = sum(line.price_minor * (line.quantity - line.removed) for line in self.lines)
        return goods + self.shipping_minor

    def refunded_minor(self) -> int:
        """What the shop has given back."""
        return sum(each.amount_minor for each in self.received)

    def line(self, line_id: str) -> ShopLine | None:
        """The line of this id."""
        return next((line for line in self.lines if line.id == line_id), None)


class StockFigure(BaseModel):
    """Units of one article that a shop believes to have at one of its places."""

    channel: str
    sku: str
    place: str = ""
    quantity: int
    parent: int = 0
    """WooCommerce: the product of which it is a variation."""
    as_of: datetime | None = None
    """The moment for which the order desk gave the figure."""


class Webhook(BaseModel):
    """A message that a shop sends until it is taken. The body never changes, as with real ones."""

    id: str
    channel: str
    topic: str
    order_id: str
    body: str
    made_at: datetime
    headers: dict[str, str]
    status: Literal["held", "pending", "queued", "delivered", "failed"] = "pending"
    """Amazon's are queued until somebody takes them."""
    attempts: int = 0
    answer: str = ""
