"""The parts of WooCommerce's order resource that we read.

The body of `order.*` webhooks, https://woocommerce.github.io/woocommerce-rest-api-docs/#orders.
"""

from typing import Annotated, Any

from pydantic import Field

from oms.channels.documents import (
    Amount,
    Currency,
    Document,
    Identifier,
    Text,
    Units,
    UtcMoment,
)

ProductId = Annotated[int | None, Field(strict=True, ge=0, lt=2**64)]
"""Zero for a product that has been deleted, and for a variation that there is not."""


class Meta(Document):
    """One entry of a resource's free metadata; plugins put anything there."""

    key: Text = ""
    value: Any = None


class LineItem(Document):
    """One ordered article. `subtotal` is before discounts; neither total includes tax."""

    id: Identifier
    name: Text = ""
    product_id: ProductId = None
    variation_id: ProductId = None
    sku: Text | None = None
    quantity: Units
    subtotal: Amount
    subtotal_tax: Amount = "0"
    total: Amount
    total_tax: Amount = "0"


class ShippingLine(Document):
    """The chosen delivery."""

    method_id: Text | None = None
    method_title: Text | None = None
    meta_data: tuple[Meta, ...] | None = Field(default=None, strict=False)


class Refund(Document):
    """Money given back; a negative amount."""

    total: Amount


class Address(Document):
    """A postal address; what is missing is an empty text."""

    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address_1: Text | None = None
    address_2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    postcode: Text | None = None
    country: Text | None = None
    email: Text | None = None
    phone: Text | None = None


class Order(Document):
    """An order as it stands at `date_modified_gmt`."""

    id: Identifier
    number: Identifier | None = None
    status: Text
    currency: Currency
    date_created_gmt: UtcMoment
    date_modified_gmt: UtcMoment
    date_paid_gmt: UtcMoment | None = None
    total: Amount
    shipping_total: Amount = "0"
    shipping_tax: Amount = "0"
    prices_include_tax: bool = False
    billing: Address | None = None
    shipping: Address | None = None
    line_items: tuple[LineItem, ...] = Field(strict=False)
    shipping_lines: tuple[ShippingLine, ...] | None = Field(default=None, strict=False)
    refunds: tuple[Refund, ...] | None = Field(default=None, strict=False)
    meta_data: tuple[Meta, ...] | None = Field(default=None, strict=False)


class Deletion(Document):
    """All that `order.deleted` says."""

    id: Identifier
