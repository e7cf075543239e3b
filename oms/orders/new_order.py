"""An order as a channel states it, before it becomes ours: plain values, already translated."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from oms.orders.models import Delivery, HoldKind

MOST_LOCALE: Final = 20
"""Letters of a locale; a longer one is none that we speak."""


@dataclass(frozen=True, slots=True)
class NewAddress:
    """Where the goods go. `country` is ISO 3166 alpha-2; coordinates in degrees if known."""

    name: str
    street: str
    city: str
    postcode: str
    country: str
    company: str = ""
    street_2: str = ""
    region: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """One ordered article. `external_id` is the channel's line id, never its SKU.

    `discount_minor` and `tax_minor` are for the whole line, `unit_price_minor` for one unit.
    """

    external_id: str
    channel_sku: str
    title: str
    quantity: int
    unit_price_minor: int
    tax_minor: int = 0
    discount_minor: int = 0
    sent: int = field(default=0, repr=False)
    """Of the quantity, units that the channel has as sent. Once we have the order that is our own
    doing and tells us nothing; of an order that is new to us somebody else has sent them."""


@dataclass(frozen=True, slots=True)
class NewHold:
    """A reason why the order may not go on yet."""

    kind: HoldKind
    reason: str


@dataclass(frozen=True, slots=True)
class NewOrder:
    """The state of an order that a channel reported, at `updated_at`.

    `pickup_store` is *our* location code. `lines` leaves out what the channel has removed or
    what somebody else fulfils; quantities are those still wanted. `cancelled` says that the
    whole order was called off.
    """

    channel: str
    external_id: str
    display_number: str
    placed_at: datetime
    updated_at: datetime
    currency: str
    total_minor: int
    lines: tuple[NewLine, ...]
    customer_name: str
    customer_email: str = ""
    customer_phone: str = ""
    delivery: Delivery = Delivery.SHIP
    pickup_store: str | None = None
    address: NewAddress | None = None
    shipping_minor: int = 0
    tax_included: bool = False
    deliver_by: datetime | None = None
    holds: tuple[NewHold, ...] = ()
    cancelled: bool = False
    locale: str = field(default="", repr=False)
    """The customer's ("de-AT"), if the channel names it; no part of what the order *is*."""
    hold_id: UUID | None = field(default=None, repr=False)
    """The checkout hold whose units the order takes over; no part of what it *is*."""
