"""The order format of the reference channel; docs/integrations/reference.md describes it.

It is ours, so a field that we do not know is refused: a mistyped name must not go unnoticed.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from oms.channels.documents import (
    Amount,
    Currency,
    Document,
    Identifier,
    Latitude,
    Longitude,
    Moment,
    Text,
    Units,
)


class _Ours(Document):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _not_empty(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


Name = Annotated[Text, AfterValidator(_not_empty)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Address(_Ours):
    """Where the goods go."""

    name: Name
    company: Text = ""
    street: Name
    street_2: Text = ""
    city: Name
    region: Text = ""
    postcode: Text = ""
    country: Country
    phone: Text = ""
    latitude: Latitude = None
    longitude: Longitude = None


class Ship(_Ours):
    """Sent to an address; without one the order waits until a later message brings it."""

    method: Literal["ship"]
    address: Address | None = None
    deliver_by: Moment | None = None


class Pickup(_Ours):
    """Picked up by the customer in a store."""

    method: Literal["pickup"]
    store: Identifier


class Customer(_Ours):
    """Who ordered."""

    name: Name
    email: Text = ""
    phone: Text = ""
    locale: Annotated[str, Field(max_length=20)] = ""
    """How to speak to them ("de-AT"); the shop's language if it is left out."""


class Line(_Ours):
    """One ordered article; discount and tax are for all its units."""

    id: Identifier
    sku: Identifier
    title: Text = ""
    quantity: Units
    unit_price: Amount
    discount: Amount = "0"
    tax: Amount = "0"


class Order(_Ours):
    """An order as it stands at `updated_at`."""

    id: Identifier
    number: Identifier | None = None
    placed_at: Moment
    updated_at: Moment
    currency: Currency
    total: Amount
    shipping: Amount = "0"
    prices_include_tax: bool = False
    payment: Literal["paid", "authorized", "pending", "failed"]
    customer: Customer
    delivery: Annotated[Ship | Pickup, Field(discriminator="method")]
    lines: tuple[Line, ...] = Field(strict=False)
    test: bool = False
    hold_id: Annotated[UUID | None, Field(strict=False)] = None


class Event(_Ours):
    """A message: what happened to which order."""

    type: Literal["order.created", "order.updated", "order.cancelled"]
    timestamp: Moment
    data: Order
