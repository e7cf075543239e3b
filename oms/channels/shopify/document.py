"""The parts of Shopify's order resource that we read.

The body of `orders/*` webhooks, https://shopify.dev/docs/api/admin-rest/latest/resources/order.
"""

from pydantic import Field

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
    UnitsLeft,
)


class Money(Document):
    """An amount in one currency."""

    amount: Amount
    currency_code: Currency


class MoneySet(Document):
    """An amount in the shop's currency; the buyer's, beside it, does not matter to us."""

    shop_money: Money


class TaxLine(Document):
    """One tax on a whole line."""

    price: Amount
    price_set: MoneySet | None = None


class DiscountAllocation(Document):
    """One discount's share of a whole line."""

    amount: Amount
    amount_set: MoneySet | None = None


class LineItem(Document):
    """One ordered article."""

    id: Identifier
    sku: Text | None = None
    variant_id: Identifier | None = None
    title: Text | None = None
    name: Text | None = None
    quantity: Units
    current_quantity: UnitsLeft | None = None
    price: Amount
    price_set: MoneySet | None = None
    requires_shipping: bool | None = None
    gift_card: bool | None = None
    fulfillment_service: Text | None = None
    tax_lines: tuple[TaxLine, ...] | None = Field(default=None, strict=False)
    discount_allocations: tuple[DiscountAllocation, ...] | None = Field(default=None, strict=False)


class RefundLine(Document):
    """Units that were refunded."""

    line_item_id: Identifier
    quantity: Units
    restock_type: Text | None = None


class Refund(Document):
    """A refund of some lines."""

    refund_line_items: tuple[RefundLine, ...] | None = Field(default=None, strict=False)


class FulfilledLine(Document):
    """Units that were fulfilled."""

    id: Identifier
    quantity: UnitsLeft


class Fulfillment(Document):
    """A fulfilment that the shop knows of, ours or another's."""

    created_at: Moment
    line_items: tuple[FulfilledLine, ...] | None = Field(default=None, strict=False)


class ShippingLine(Document):
    """The chosen delivery. For local pickup `code` and `title` are the location's name."""

    code: Text | None = None
    title: Text | None = None
    source: Text | None = None
    delivery_category: Text | None = None
    price: Amount | None = None
    discounted_price: Amount | None = None


class Address(Document):
    """A postal address, as far as we may see it: Shopify redacts it for some apps."""

    name: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    zip: Text | None = None
    province: Text | None = None
    province_code: Text | None = None
    country_code: Text | None = None
    phone: Text | None = None
    latitude: Latitude = None
    longitude: Longitude = None


class Customer(Document):
    """Who ordered."""

    first_name: Text | None = None
    last_name: Text | None = None
    email: Text | None = None
    phone: Text | None = None


class Order(Document):
    """An order as it stands at `updated_at`."""

    id: Identifier
    name: Text | None = None
    created_at: Moment
    updated_at: Moment
    cancelled_at: Moment | None = None
    currency: Currency
    total_price: Amount
    current_total_price: Amount | None = None
    total_shipping_price_set: MoneySet | None = None
    taxes_included: bool = False
    test: bool = False
    financial_status: Text | None = None
    source_name: Text | None = None
    email: Text | None = None
    contact_email: Text | None = None
    phone: Text | None = None
    customer_locale: Text | None = None
    customer: Customer | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    shipping_lines: tuple[ShippingLine, ...] | None = Field(default=None, strict=False)
    line_items: tuple[LineItem, ...] = Field(strict=False)
    refunds: tuple[Refund, ...] | None = Field(default=None, strict=False)
    fulfillments: tuple[Fulfillment, ...] | None = Field(default=None, strict=False)
