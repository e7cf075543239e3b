"""The parts of an Amazon order that we read.

Orders API 2026-01-01, `Order` (amzn/selling-partner-api-models, orders_2026-01-01.json), and the
ORDER_CHANGE notification 1.0. Every list and part may be missing: what is sent depends on the
order's state, on the roles of the application and on what was asked for.
"""

from pydantic import Field

from oms.channels.documents import Amount, Currency, Document, Identifier, Moment, Text, UnitsLeft


class Money(Document):
    """An amount, as a decimal in text."""

    amount: Amount
    currency: Currency = Field(alias="currencyCode")


class Breakdown(Document):
    """What part of the proceeds is: ITEM, SHIPPING, TAX, DISCOUNT and others."""

    type: Text
    subtotal: Money


class Proceeds(Document):
    """What the seller receives for an item or, with `grandTotal`, for the order."""

    grand_total: Money | None = Field(default=None, alias="grandTotal")
    breakdowns: tuple[Breakdown, ...] | None = Field(default=None, strict=False)


class Price(Document):
    """Of one unit, without tax."""

    unit_price: Money | None = Field(default=None, alias="unitPrice")


class Product(Document):
    """What is sold."""

    asin: Text | None = None
    title: Text | None = None
    seller_sku: Text | None = Field(default=None, alias="sellerSku")
    price: Price | None = None


class ItemFulfilment(Document):
    """How many units have been sent; both count what is still wanted."""

    fulfilled: UnitsLeft = Field(default=0, alias="quantityFulfilled")
    unfulfilled: UnitsLeft | None = Field(default=None, alias="quantityUnfulfilled")


class CancellationRequest(Document):
    """Somebody asks that the item be called off; the seller decides."""

    requester: Text | None = None
    reason: Text | None = Field(default=None, alias="cancelReason")


class Cancellation(Document):
    """What is known of an item's cancellation."""

    request: CancellationRequest | None = Field(default=None, alias="cancellationRequest")


class Item(Document):
    """One line of the order."""

    id: Identifier = Field(alias="orderItemId")
    quantity: UnitsLeft = Field(alias="quantityOrdered")
    product: Product
    proceeds: Proceeds | None = None
    cancellation: Cancellation | None = None
    fulfilment: ItemFulfilment | None = Field(default=None, alias="fulfillment")


class Address(Document):
    """Where it goes; what the application may not see is missing or empty."""

    name: Text | None = None
    company: Text | None = Field(default=None, alias="companyName")
    line_1: Text | None = Field(default=None, alias="addressLine1")
    line_2: Text | None = Field(default=None, alias="addressLine2")
    line_3: Text | None = Field(default=None, alias="addressLine3")
    city: Text | None = None
    district: Text | None = Field(default=None, alias="districtOrCounty")
    region: Text | None = Field(default=None, alias="stateOrRegion")
    municipality: Text | None = None
    postcode: Text | None = Field(default=None, alias="postalCode")
    country: Text | None = Field(default=None, alias="countryCode")
    phone: Text | None = None


class Recipient(Document):
    """Who receives it."""

    address: Address | None = Field(default=None, alias="deliveryAddress")


class Buyer(Document):
    """Who bought it."""

    name: Text | None = Field(default=None, alias="buyerName")
    email: Text | None = Field(default=None, alias="buyerEmail")


class Span(Document):
    """From when until when."""

    earliest: Moment | None = Field(default=None, alias="earliestDateTime")
    latest: Moment | None = Field(default=None, alias="latestDateTime")


class Fulfilment(Document):
    """Who sends it, how far it is, and until when it must be there."""

    status: Text = Field(alias="fulfillmentStatus")
    by: Text | None = Field(default=None, alias="fulfilledBy")
    deliver_by: Span | None = Field(default=None, alias="deliverByWindow")


class SalesChannel(Document):
    """The marketplace."""

    marketplace_id: Text | None = Field(default=None, alias="marketplaceId")
    marketplace_name: Text | None = Field(default=None, alias="marketplaceName")


class Order(Document):
    """An order as it stands at `lastUpdatedTime`."""

    id: Identifier = Field(alias="orderId")
    created_at: Moment = Field(alias="createdTime")
    updated_at: Moment = Field(alias="lastUpdatedTime")
    programs: tuple[Text, ...] | None = Field(default=None, strict=False)
    sales_channel: SalesChannel = Field(alias="salesChannel")
    buyer: Buyer | None = None
    recipient: Recipient | None = None
    proceeds: Proceeds | None = None
    fulfilment: Fulfilment | None = Field(default=None, alias="fulfillment")
    items: tuple[Item, ...] = Field(alias="orderItems", strict=False)


class PackageItem(Document):
    """Units of one line in a package."""

    id: Identifier = Field(alias="orderItemId")
    quantity: UnitsLeft


class Package(Document):
    """A package that Amazon knows of."""

    reference: Identifier = Field(alias="packageReferenceId")
    carrier: Text | None = None
    tracking_number: Text | None = Field(default=None, alias="trackingNumber")
    items: tuple[PackageItem, ...] | None = Field(default=None, alias="packageItems", strict=False)


class Standing(Document):
    """What is looked at before a package is told: who sends, how far it is, and what is there."""

    sales_channel: SalesChannel = Field(alias="salesChannel")
    fulfilment: Fulfilment | None = Field(default=None, alias="fulfillment")
    packages: tuple[Package, ...] | None = Field(default=None, strict=False)


class Change(Document):
    """What an ORDER_CHANGE notification tells; the order itself is fetched."""

    order_id: Identifier = Field(alias="AmazonOrderId")


class Payload(Document):
    """The notification's own part."""

    change: Change = Field(alias="OrderChangeNotification")


class Metadata(Document):
    """By what a notification is known again."""

    id: Identifier = Field(alias="NotificationId")


class Notification(Document):
    """One message of the queue."""

    type: Text = Field(alias="NotificationType")
    event_at: Moment | None = Field(default=None, alias="EventTime")
    payload: Payload = Field(alias="Payload")
    metadata: Metadata = Field(alias="NotificationMetadata")
