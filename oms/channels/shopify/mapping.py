"""Translate Shopify's order into ours."""

import re
from collections.abc import Mapping
from typing import Final

from oms.channels import stores
from oms.channels.base import Malformed
from oms.channels.documents import minor, read_object, refuse_repeated, share, validate
from oms.channels.shopify.document import Address, LineItem, MoneySet, Order, ShippingLine
from oms.channels.shopify.quantities import wanted
from oms.connections import ChannelSettings
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import MOST_LOCALE, NewAddress, NewHold, NewLine, NewOrder

CANCELLED_TOPIC: Final = "orders/cancelled"
_REMEDY: Final = (
    "correct the order in Shopify, which then sends it again, or replay the message once the"
    " cause is gone"
)
_GO_ON: Final = frozenset({"paid", "authorized", "partially_refunded"})
_PICKUP: Final = frozenset({"pickup", "pick_up", "local_pickup", "pickup_in_store", "store_pickup"})
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def to_order(body: bytes, *, topic: str, channel: str, settings: ChannelSettings) -> NewOrder:
    """Translate a webhook body. Raises `Malformed` or `UnknownStore`."""
    order = validate(Order, read_object(body), remedy=_REMEDY)
    if order.test and not settings.allow_test_orders:
        raise Malformed(
            "test: this is a test order",
            field="test",
            remedy=f"place a real one, or set channels.{channel}.allow_test_orders for a trial",
        )
    refuse_repeated(
        (line.id for line in order.line_items), field="line_items[{}].id".format, remedy=_REMEDY
    )
    cancelled = order.cancelled_at is not None or topic == CANCELLED_TOPIC
    delivery, store = _delivery(order, channel=channel, settings=settings, cancelled=cancelled)
    address = _address(order) if delivery is Delivery.SHIP else None
    holds = () if cancelled else _holds(order, delivery=delivery, address=address)
    total = order.current_total_price or order.total_price
    return NewOrder(
        channel=channel,
        external_id=order.id,
        display_number=order.name or order.id,
        placed_at=order.created_at,
        updated_at=order.updated_at,
        currency=order.currency,
        total_minor=_minor(order, total, None, field="current_total_price"),
        lines=_lines(order),
        customer_name=_name(order),
        customer_email=_email(order),
        customer_phone=_phone(order),
        delivery=delivery,
        pickup_store=store,
        address=address,
        shipping_minor=_shipping(order),
        tax_included=order.taxes_included,
        holds=holds,
        cancelled=cancelled,
        locale=(order.customer_locale or "")[:MOST_LOCALE],
    )


def _lines(order: Order) -> tuple[NewLine, ...]:
    units = wanted(order)
    return tuple(
        _line(order, line, index=index, units=units)
        for index, line in enumerate(order.line_items)
        if line.id in units
    )


def _line(order: Order, line: LineItem, *, index: int, units: Mapping[str, int]) -> NewLine:
    place = f"line_items[{index}]"
    sku = line.sku or line.variant_id
    if not sku:
        raise Malformed(
            f"{place}.sku: the line has neither a SKU nor a variant",
            field=f"{place}.sku",
            remedy=_REMEDY,
        )
    tax = sum(
        _minor(order, part.price, part.price_set, field=f"{place}.tax_lines[{number}].price")
        for number, part in enumerate(line.tax_lines or ())
    )
    discount = sum(
        _minor(
            order,
            part.amount,
            part.amount_set,
            field=f"{place}.discount_allocations[{number}].amount",
        )
        for number, part in enumerate(line.discount_allocations or ())
    )
    wanted_units = units[line.id]
    return NewLine(
        external_id=line.id,
        channel_sku=sku,
        title=line.name or line.title or sku,
        quantity=wanted_units,
        unit_price_minor=_minor(order, line.price, line.price_set, field=f"{place}.price"),
        tax_minor=share(tax, of=wanted_units, all_of=line.quantity),
        discount_minor=share(discount, of=wanted_units, all_of=line.quantity),
    )


def _minor(order: Order, plain: str, both: MoneySet | None, *, field: str) -> int:
    """An amount in the shop's currency, from its pair of currencies if there is one."""
    if both is None:
        return minor(plain, currency=order.currency, field=field, remedy=_REMEDY)
    money = both.shop_money
    if money.currency_code != order.currency:
        raise Malformed(
            f"{field}: is in {money.currency_code}, the order in {order.currency}",
            field=field,
            remedy=_REMEDY,
        )
    return minor(money.amount, currency=order.currency, field=field, remedy=_REMEDY)


def _shipping(order: Order) -> int:
    if order.total_shipping_price_set is not None:
        money = order.total_shipping_price_set.shop_money
        return _minor(
            order,
            money.amount,
            order.total_shipping_price_set,
            field="total_shipping_price_set.shop_money.amount",
        )
    return sum(
        _minor(
            order,
            line.discounted_price or line.price or "0",
            None,
            field=f"shipping_lines[{index}].price",
        )
        for index, line in enumerate(order.shipping_lines or ())
    )


def _delivery(
    order: Order, *, channel: str, settings: ChannelSettings, cancelled: bool
) -> tuple[Delivery, str | None]:
    """Shipping, or pickup at which of our locations.

    Shopify marks local pickup weakly: the shipping line carries the location's name as its
    `code` and `title`, and some shops a `delivery_category`. A line is a pickup if either the
    settings map its name to a location of ours or its category says so.
    """
    for index, line in enumerate(order.shipping_lines or ()):
        names = [name for name in (line.code, line.title) if name]
        store = stores.mapped(settings, names) if line.source in (None, "", "shopify") else None
        if store is None and _is_pickup(line) and not cancelled:
            store = stores.require(
                settings,
                names,
                channel=channel,
                field=f"shipping_lines[{index}].code",
                remedy="the name is that of the location in Shopify",
            )
        if store is not None:
            return Delivery.PICKUP, store
    return Delivery.SHIP, None


def _is_pickup(line: ShippingLine) -> bool:
    category = (line.delivery_category or "").lower().replace("-", "_").replace(" ", "_")
    return category in _PICKUP


def _address(order: Order) -> NewAddress | None:
    """The address, or None if it is missing or too redacted to send anything to."""
    address = order.shipping_address
    if address is None or not (address.address1 and address.city and address.country_code):
        return None
    if not _COUNTRY.fullmatch(address.country_code):
        raise Malformed(
            f"shipping_address.country_code: {address.country_code!r} is no ISO 3166 code",
            field="shipping_address.country_code",
            remedy=_REMEDY,
        )
    whole = address.latitude is not None and address.longitude is not None
    return NewAddress(
        name=_called(address) or _name(order),
        company=address.company or "",
        street=address.address1,
        street_2=address.address2 or "",
        city=address.city,
        region=address.province_code or address.province or "",
        postcode=address.zip or "",
        country=address.country_code,
        phone=address.phone or "",
        latitude=address.latitude if whole else None,
        longitude=address.longitude if whole else None,
    )


def _holds(order: Order, *, delivery: Delivery, address: NewAddress | None) -> tuple[NewHold, ...]:
    holds = []
    if order.financial_status not in _GO_ON:
        status = order.financial_status or "unknown"
        holds.append(NewHold(HoldKind.PAYMENT, f"Shopify reports the payment as {status}"))
    if delivery is Delivery.SHIP and address is None:
        called = ", ".join(line.title for line in order.shipping_lines or () if line.title)
        chosen = f" (delivery chosen: {called})" if called else ""
        holds.append(NewHold(HoldKind.ADDRESS, f"Shopify shows no shipping address{chosen}"))
    return tuple(holds)


def _name(order: Order) -> str:
    customer, shipping, billing = order.customer, order.shipping_address, order.billing_address
    names = (
        _joined(customer.first_name, customer.last_name) if customer else "",
        _called(shipping) if shipping else "",
        _called(billing) if billing else "",
    )
    return next((name for name in names if name), "Guest")


def _email(order: Order) -> str:
    return order.email or order.contact_email or (order.customer and order.customer.email) or ""


def _phone(order: Order) -> str:
    places = (order, order.shipping_address, order.customer, order.billing_address)
    return next((place.phone for place in places if place and place.phone), "")


def _called(address: Address) -> str:
    return address.name or _joined(address.first_name, address.last_name)


def _joined(*names: str | None) -> str:
    return " ".join(name for name in names if name)
