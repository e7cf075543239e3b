"""Translate Amazon's order into ours."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from oms import clock
from oms.channels import stores
from oms.channels.amazon.document import Address, Item, Money, Order
from oms.channels.base import Found, Hint, Malformed
from oms.channels.documents import minor, read_object, refuse_repeated, share, validate
from oms.channels.hints import body_digest, clean, key_of, moment_or_none
from oms.connections import ChannelSettings
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import NewAddress, NewHold, NewLine, NewOrder

ORDER: Final = "order"
"""The topic of an order that was asked for."""
BY_AMAZON: Final = "order.fulfilled_by_amazon"
"""The topic of one that Amazon itself sends: kept to be shown, never ours to route."""
PICKUP: Final = "IN_STORE_PICK_UP"
_EASY_SHIP: Final = "AMAZON_EASY_SHIP"
_NOT_YET: Final = frozenset({"PENDING", "PENDING_AVAILABILITY"})
_CANCELLED: Final = "CANCELLED"
_AMAZON: Final = "AMAZON"
_BUYER: Final = "BUYER"
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_NO_CURRENCY: Final = "XXX"  # ISO 4217
_REMEDY: Final = (
    "look at the order in Seller Central; it is asked for again at its next change, or replay the"
    " message once the cause is gone"
)

Json = Mapping[str, Any]


def found(order: Json) -> Found:
    """An order as the API gave it, ready for the inbox.

    Search and single answer of one state give the same bytes, so the two may race.
    """
    body = json.dumps(order, sort_keys=True, separators=(",", ":")).encode()
    reference = clean(str(order.get("orderId", "")), most=120)
    updated = str(order.get("lastUpdatedTime", ""))
    # What names no moment is kept all the same, and parked when it is read: others go on.
    dated = moment_or_none(updated)
    fulfilment = order.get("fulfillment")
    by = fulfilment.get("fulfilledBy") if isinstance(fulfilment, dict) else None
    hint = Hint(
        dedupe_key=key_of(ORDER, reference, updated, body_digest(body)),
        topic=BY_AMAZON if by == _AMAZON else ORDER,
        reference=reference,
        occurred_at=dated,
        kept_headers={},
    )
    return Found(hint, body, dated or clock.now())


def to_order(body: bytes, *, channel: str, settings: ChannelSettings) -> NewOrder:
    """Translate an order of the API. Raises `Malformed` or `UnknownStore`.

    What Amazon fulfils has no line that is ours; such an order is kept and never allocated.
    """
    order = validate(Order, read_object(body), remedy=_REMEDY)
    refuse_repeated(
        (item.id for item in order.items), field="orderItems[{}].orderItemId".format, remedy=_REMEDY
    )
    by_amazon = order.fulfilment is not None and order.fulfilment.by == _AMAZON
    status = order.fulfilment.status if order.fulfilment else ""
    cancelled = status == _CANCELLED and not by_amazon
    currency = _currency(order)
    delivery, store = _delivery(order, channel=channel, settings=settings, cancelled=cancelled)
    shipped = delivery is Delivery.SHIP
    address = _address(order) if shipped else None
    buyer, recipient = order.buyer, _recipient(order)
    span = order.fulfilment.deliver_by if order.fulfilment else None
    total = order.proceeds.grand_total if order.proceeds else None
    return NewOrder(
        channel=channel,
        external_id=order.id,
        display_number=order.id,
        placed_at=order.created_at,
        updated_at=order.updated_at,
        currency=currency,
        total_minor=_minor(total, currency, "proceeds.grandTotal"),
        lines=() if by_amazon else _lines(order, currency),
        customer_name=(buyer and buyer.name) or (recipient and recipient.name) or "Guest",
        customer_email=(buyer and buyer.email) or "",
        customer_phone=(recipient and recipient.phone) or "",
        delivery=delivery,
        pickup_store=store,
        address=address,
        shipping_minor=_shipping(order, currency),
        deliver_by=span.latest if span else None,
        holds=() if cancelled or by_amazon else _holds(order, address, shipped=shipped),
        cancelled=cancelled,
    )


def _lines(order: Order, currency: str) -> tuple[NewLine, ...]:
    return tuple(
        _line(item, index, currency) for index, item in enumerate(order.items) if _wanted(item) > 0
    )


def _wanted(item: Item) -> int:
    """Units that the buyer still wants or has been sent; called-off ones count as neither."""
    fulfilment = item.fulfilment
    if fulfilment is None or fulfilment.unfulfilled is None:
        return item.quantity
    return min(item.quantity, fulfilment.fulfilled + fulfilment.unfulfilled)


def _line(item: Item, index: int, currency: str) -> NewLine:
    place = f"orderItems[{index}]"
    product = item.product
    sku = product.seller_sku or product.asin
    if not sku:
        raise Malformed(
            f"{place}.product.sellerSku: the line has neither a SKU nor an ASIN",
            field=f"{place}.product.sellerSku",
            remedy=_REMEDY,
        )
    units = _wanted(item)
    discount = _parts(item, "DISCOUNT", place, currency)
    unit_price, more = _unit_price(item, place, currency)
    sent = item.fulfilment.fulfilled if item.fulfilment else 0
    return NewLine(
        external_id=item.id,
        channel_sku=sku,
        title=product.title or sku,
        quantity=units,
        unit_price_minor=unit_price,
        tax_minor=share(_parts(item, "TAX", place, currency), of=units, all_of=item.quantity),
        discount_minor=share(discount, of=units, all_of=item.quantity) + more,
        sent=min(sent, units),
    )


def _unit_price(item: Item, place: str, currency: str) -> tuple[int, int]:
    """The price of a unit, and what does not divide by the units as a discount.

    Before payment is authorised Amazon names no price at all.
    """
    price = item.product.price.unit_price if item.product.price else None
    if price is not None:
        return _minor(price, currency, f"{place}.product.price.unitPrice"), 0
    goods = _parts(item, "ITEM", place, currency)
    units = max(item.quantity, 1)
    unit = -(-goods // units)
    return unit, unit * units - goods


def _parts(item: Item, kind: str, place: str, currency: str) -> int:
    """The sum of the proceeds of one kind; discounts are written with or without a minus."""
    listed = item.proceeds.breakdowns if item.proceeds else None
    return sum(
        _minor(part.subtotal, currency, f"{place}.proceeds.breakdowns[{number}].subtotal")
        for number, part in enumerate(listed or ())
        if part.type == kind
    )


def _shipping(order: Order, currency: str) -> int:
    """Of the order if it says so, else of its items."""
    whole = order.proceeds.breakdowns if order.proceeds else None
    if whole:
        return sum(
            _minor(part.subtotal, currency, f"proceeds.breakdowns[{number}].subtotal")
            for number, part in enumerate(whole)
            if part.type == "SHIPPING"
        )
    return sum(
        _parts(item, "SHIPPING", f"orderItems[{index}]", currency)
        for index, item in enumerate(order.items)
    )


def _currency(order: Order) -> str:
    """The first that any amount is in; none is named before payment is authorised."""
    total = order.proceeds.grand_total if order.proceeds else None
    prices = (item.product.price.unit_price for item in order.items if item.product.price)
    return next((money.currency for money in (total, *prices) if money), _NO_CURRENCY)


def _minor(money: Money | None, currency: str, field: str) -> int:
    if money is None:
        return 0
    if money.currency != currency:
        raise Malformed(
            f"{field}: is in {money.currency}, the order in {currency}",
            field=f"{field}.currencyCode",
            remedy=_REMEDY,
        )
    amount = money.amount.removeprefix("-")
    return minor(amount, currency=currency, field=f"{field}.amount", remedy=_REMEDY)


def _delivery(
    order: Order, *, channel: str, settings: ChannelSettings, cancelled: bool
) -> tuple[Delivery, str | None]:
    """Shipping, or pickup at which of our locations: then the address is the store's."""
    if PICKUP not in (order.programs or ()):
        return Delivery.SHIP, None
    address = _recipient(order)
    names = [name for name in (address.name, address.company) if name] if address else []
    if cancelled:
        store = stores.mapped(settings, names)
        return (Delivery.PICKUP, store) if store else (Delivery.SHIP, None)
    store = stores.require(
        settings,
        names,
        channel=channel,
        field="recipient.deliveryAddress.name",
        remedy="the name is that of the store in Seller Central",
    )
    return Delivery.PICKUP, store


def _recipient(order: Order) -> Address | None:
    return order.recipient.address if order.recipient else None


def _address(order: Order) -> NewAddress | None:
    """The address, or None if it is missing or too redacted to send anything to."""
    address = _recipient(order)
    if address is None:
        return None
    city = address.city or address.municipality or address.district
    if not (address.line_1 and city and address.country):
        return None
    if not _COUNTRY.fullmatch(address.country):
        field = "recipient.deliveryAddress.countryCode"
        raise Malformed(
            f"{field}: {address.country!r} is no ISO 3166 code", field=field, remedy=_REMEDY
        )
    return NewAddress(
        name=address.name or (order.buyer and order.buyer.name) or "Guest",
        company=address.company or "",
        street=address.line_1,
        street_2=", ".join(line for line in (address.line_2, address.line_3) if line),
        city=city,
        region=address.region or "",
        postcode=address.postcode or "",
        country=address.country,
        phone=address.phone or "",
    )


def _holds(order: Order, address: NewAddress | None, *, shipped: bool) -> tuple[NewHold, ...]:
    holds = []
    status = order.fulfilment.status if order.fulfilment else "unknown"
    if order.fulfilment is None or status in _NOT_YET:
        holds.append(NewHold(HoldKind.PAYMENT, f"Amazon reports the order as {status}"))
    if shipped and address is None:
        holds.append(NewHold(HoldKind.ADDRESS, "Amazon shows no delivery address"))
    if _EASY_SHIP in (order.programs or ()):
        holds.append(
            NewHold(
                HoldKind.MANUAL, "Amazon Easy Ship: Amazon's carrier collects it, with its label"
            )
        )
    if asked := _cancel_requested(order):
        holds.append(NewHold(HoldKind.CANCEL_REQUESTED, asked))
    return tuple(holds)


def _cancel_requested(order: Order) -> str:
    """Which units the buyer asks to call off and have not been sent, in words; empty if none."""
    asked = []
    for item in order.items:
        request = item.cancellation.request if item.cancellation else None
        left = _wanted(item) - (item.fulfilment.fulfilled if item.fulfilment else 0)
        asks = request is not None and (
            request.requester == _BUYER or (request.reason and not request.requester)
        )
        if request is not None and asks and left > 0:
            because = f" ({request.reason})" if request.reason else ""
            asked.append(f"{left} of {item.product.seller_sku or item.id}{because}")
    return f"The buyer asks to cancel {', '.join(asked)}" if asked else ""
