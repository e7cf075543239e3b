"""Translate WooCommerce's order into ours."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Final

from oms import clock
from oms.channels import stores
from oms.channels.base import Malformed
from oms.channels.documents import minor, read_object, refuse_repeated, validate
from oms.channels.woocommerce.document import (
    Address,
    Deletion,
    LineItem,
    Meta,
    Order,
    ShippingLine,
)
from oms.connections import ChannelSettings
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import NewAddress, NewHold, NewLine, NewOrder

DELETED_TOPIC: Final = "order.deleted"
CANCELLED: Final = frozenset({"cancelled", "refunded", "trash"})
_PAID: Final = frozenset({"processing", "completed"})
_SENT: Final = "completed"
_UNPAID: Final = frozenset({"pending", "on-hold", "failed", "checkout-draft", "auto-draft"})
_PICKUP: Final = frozenset({"local_pickup", "pickup_location", "local_pickup_plus"})
_PLACE: Final = frozenset({"pickup_location", "pickup_location_id", "pickup_location_name"})
_REMEDY: Final = (
    "correct the order in WooCommerce, which then sends it again, or replay the message once"
    " the cause is gone"
)
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_IN_BRACKETS: Final = re.compile(r".*\((.+)\)\s*")


def to_order(body: bytes, *, topic: str, channel: str, settings: ChannelSettings) -> NewOrder:
    """Translate a webhook body. Raises `Malformed` or `UnknownStore`."""
    document = read_object(body)
    if topic == DELETED_TOPIC:
        return _deleted(validate(Deletion, document, remedy=_REMEDY), channel=channel)
    order = validate(Order, document, remedy=_REMEDY)
    refuse_repeated(
        (line.id for line in order.line_items), field="line_items[{}].id".format, remedy=_REMEDY
    )
    cancelled = order.status in CANCELLED
    delivery, store = _delivery(order, channel=channel, settings=settings, cancelled=cancelled)
    address = _address(order) if delivery is Delivery.SHIP else None
    holds = () if cancelled else _holds(order, delivery=delivery, address=address)
    billing = order.billing or Address()
    return NewOrder(
        channel=channel,
        external_id=order.id,
        display_number=order.number or order.id,
        placed_at=order.date_created_gmt,
        updated_at=order.date_modified_gmt,
        currency=order.currency,
        total_minor=_total(order),
        lines=tuple(_line(order, line, index) for index, line in enumerate(order.line_items)),
        customer_name=_called(billing) or _called(order.shipping) or "Guest",
        customer_email=billing.email or "",
        customer_phone=billing.phone or (order.shipping and order.shipping.phone) or "",
        delivery=delivery,
        pickup_store=store,
        address=address,
        shipping_minor=_money(order, order.shipping_total, "shipping_total")
        + (_money(order, order.shipping_tax, "shipping_tax") if order.prices_include_tax else 0),
        tax_included=order.prices_include_tax,
        holds=holds,
        cancelled=cancelled,
    )


def _deleted(deletion: Deletion, *, channel: str) -> NewOrder:
    """A deletion names the order and nothing else. It is final, so it counts as news of now."""
    now = clock.now()
    return NewOrder(
        channel=channel,
        external_id=deletion.id,
        display_number=deletion.id,
        placed_at=now,
        updated_at=now,
        currency="XXX",  # ISO 4217: no currency
        total_minor=0,
        lines=(),
        customer_name="Guest",
        cancelled=True,
    )


def _line(order: Order, line: LineItem, index: int) -> NewLine:
    """A line with its unit price exact: what does not divide by the units is a discount.

    Where the shop shows prices with tax, the line's tax is added back to its totals.
    """
    place = f"line_items[{index}]"
    sku = line.sku or str(line.variation_id or line.product_id or "")
    if not sku:
        raise Malformed(
            f"{place}.sku: the line has neither a SKU nor a product",
            field=f"{place}.sku",
            remedy=_REMEDY,
        )
    before = _money(order, line.subtotal, f"{place}.subtotal")
    after = _money(order, line.total, f"{place}.total")
    tax = _money(order, line.total_tax, f"{place}.total_tax")
    if order.prices_include_tax:
        before += _money(order, line.subtotal_tax, f"{place}.subtotal_tax")
        after += tax
    unit = -(-max(before, after) // line.quantity)
    return NewLine(
        external_id=line.id,
        channel_sku=sku,
        title=unescape(line.name) or sku,
        quantity=line.quantity,
        unit_price_minor=unit,
        tax_minor=tax,
        discount_minor=unit * line.quantity - after,
        sent=line.quantity if order.status == _SENT else 0,
    )


def _total(order: Order) -> int:
    """What the customer pays in the end: refunds are listed as negative amounts."""
    refunded = sum(
        _money(order, refund.total.removeprefix("-"), f"refunds[{index}].total")
        for index, refund in enumerate(order.refunds or ())
    )
    return max(0, _money(order, order.total, "total") - refunded)


def _money(order: Order, amount: str, field: str) -> int:
    return minor(amount, currency=order.currency, field=field, remedy=_REMEDY)


def _delivery(
    order: Order, *, channel: str, settings: ChannelSettings, cancelled: bool
) -> tuple[Delivery, str | None]:
    """Shipping, or pickup at which of our locations."""
    for index, line in enumerate(order.shipping_lines or ()):
        if (line.method_id or "").partition(":")[0] not in _PICKUP:
            continue
        names = list(_places(order, line))
        if cancelled:
            store = stores.mapped(settings, names)
            return (Delivery.PICKUP, store) if store else (Delivery.SHIP, None)
        store = stores.require(
            settings,
            names,
            channel=channel,
            field=f"shipping_lines[{index}].meta_data",
            remedy="a shop with one pickup place may map the method, local_pickup, itself",
        )
        return Delivery.PICKUP, store
    return Delivery.SHIP, None


def _places(order: Order, line: ShippingLine) -> Iterable[str]:
    """What the shop may call the place, best first.

    The block checkout puts the location's name into the shipping line's `pickup_location` and
    into the title in brackets; the classic method says nothing but itself.
    """
    for meta in (*(line.meta_data or ()), *(order.meta_data or ())):
        yield from _place(meta)
    title = unescape(line.method_title or "")
    if found := _IN_BRACKETS.fullmatch(title):
        yield found.group(1)
    yield title
    yield line.method_id or ""
    yield (line.method_id or "").partition(":")[0]


def _place(meta: Meta) -> Iterable[str]:
    if meta.key.lstrip("_") in _PLACE and isinstance(meta.value, str | int):
        yield unescape(str(meta.value))


def _address(order: Order) -> NewAddress | None:
    """Where it goes: billing, if the shop keeps no separate shipping address."""
    for field, address in (("shipping", order.shipping), ("billing", order.billing)):
        if address and address.address_1 and address.city and address.country:
            if not _COUNTRY.fullmatch(address.country):
                raise Malformed(
                    f"{field}.country: {address.country!r} is no ISO 3166 code",
                    field=f"{field}.country",
                    remedy=_REMEDY,
                )
            return NewAddress(
                name=_called(address) or _called(order.billing) or "Guest",
                company=unescape(address.company or ""),
                street=unescape(address.address_1),
                street_2=unescape(address.address_2 or ""),
                city=unescape(address.city),
                region=address.state or "",
                postcode=address.postcode or "",
                country=address.country,
                phone=address.phone or (order.billing and order.billing.phone) or "",
            )
    return None


def _holds(order: Order, *, delivery: Delivery, address: NewAddress | None) -> tuple[NewHold, ...]:
    """Unpaid orders wait. A failed payment may still be repeated, so it is not a cancellation.

    A status that some plugin added says nothing about payment; the date of payment does.
    """
    holds = []
    settled = order.status in _PAID or (
        order.status not in _UNPAID and order.date_paid_gmt is not None
    )
    if not settled:
        holds.append(NewHold(HoldKind.PAYMENT, f"WooCommerce has the order as {order.status}"))
    if delivery is Delivery.SHIP and address is None:
        holds.append(NewHold(HoldKind.ADDRESS, "WooCommerce shows no address to ship to"))
    return tuple(holds)


def _called(address: Address | None) -> str:
    if address is None:
        return ""
    names = (address.first_name, address.last_name)
    return unescape(" ".join(name for name in names if name))
