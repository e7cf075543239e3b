"""Translate the reference channel's documents: its orders into ours, our facts into its events."""

import json
from typing import Any, Final

from oms.channels import stores
from oms.channels.base import Malformed, WritebackCommand
from oms.channels.documents import minor, read_object, refuse_repeated, validate
from oms.channels.models import WritebackKind
from oms.channels.reference.document import Address, Event, Line, Order, Pickup
from oms.connections import ChannelSettings
from oms.money import to_decimal
from oms.orders.models import Delivery, HoldKind
from oms.orders.new_order import NewAddress, NewHold, NewLine, NewOrder

CANCELLED_TOPIC: Final = "order.cancelled"
TOPICS: Final = frozenset({"order.created", "order.updated", CANCELLED_TOPIC})
_REMEDY: Final = "see docs/integrations/reference.md; send the order again under a new webhook-id"
_PAID: Final = frozenset({"paid", "authorized"})
_EVENT: Final = {
    WritebackKind.SHIPPED: "order.shipped",
    WritebackKind.READY: "pickup.ready",
    WritebackKind.COLLECTED: "pickup.collected",
    WritebackKind.CANCELLED: "order.cancelled",
    WritebackKind.REFUNDED: "order.refunded",
}


def to_order(body: bytes, *, channel: str, settings: ChannelSettings) -> NewOrder:
    """Translate a webhook body. Raises `Malformed` or `UnknownStore`."""
    event = validate(Event, read_object(body), remedy=_REMEDY)
    order = event.data
    if order.test and not settings.allow_test_orders:
        raise Malformed(
            "data.test: this is a test order",
            field="data.test",
            remedy=f"place a real one, or set channels.{channel}.allow_test_orders for a trial",
        )
    if not order.lines:
        raise Malformed("data.lines: has no line", field="data.lines", remedy=_REMEDY)
    refuse_repeated(
        (line.id for line in order.lines), field="data.lines[{}].id".format, remedy=_REMEDY
    )
    cancelled = event.type == CANCELLED_TOPIC
    address, deliver_by, store = None, None, None
    if isinstance(order.delivery, Pickup):
        store = _store(order.delivery, channel=channel, settings=settings)
    else:
        address = _address(order.delivery.address) if order.delivery.address else None
        deliver_by = order.delivery.deliver_by
    return NewOrder(
        channel=channel,
        external_id=order.id,
        display_number=order.number or order.id,
        placed_at=order.placed_at,
        updated_at=order.updated_at,
        currency=order.currency,
        total_minor=_minor(order, order.total, "total"),
        lines=tuple(_line(order, line, index) for index, line in enumerate(order.lines)),
        customer_name=order.customer.name,
        customer_email=order.customer.email,
        customer_phone=order.customer.phone,
        delivery=Delivery(order.delivery.method),
        pickup_store=store,
        address=address,
        shipping_minor=_minor(order, order.shipping, "shipping"),
        tax_included=order.prices_include_tax,
        deliver_by=deliver_by,
        holds=() if cancelled else _holds(order, address),
        cancelled=cancelled,
        locale=order.customer.locale,
        hold_id=order.hold_id,
    )


def to_event(command: WritebackCommand) -> bytes:
    """The event that tells the channel of one fact."""
    data: dict[str, Any] = {
        "id": command.order_external_id,
        "number": command.order_number,
        "lines": [{"id": line.external_id, "quantity": line.quantity} for line in command.lines],
        "location": command.location_code,
        "location_name": command.location_name,
        "carrier": command.carrier,
        "tracking_number": command.tracking_number,
        "tracking_url": command.tracking_url,
        "pick_up_by": command.pick_up_by.isoformat() if command.pick_up_by else None,
    } | _money(command)
    event = {
        "type": _EVENT[command.kind],
        "timestamp": command.occurred_at.isoformat(),
        "data": {key: value for key, value in data.items() if value is not None},
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _money(command: WritebackCommand) -> dict[str, Any]:
    """What is to be given back; nothing for every other fact."""
    if command.kind is not WritebackKind.REFUNDED:
        return {}
    return {
        "amount": to_decimal(command.amount_minor, currency=command.currency),
        "shipping": to_decimal(command.shipping_minor, currency=command.currency),
        "currency": command.currency,
        "reason": command.reason,
    }


def _line(order: Order, line: Line, index: int) -> NewLine:
    place = f"lines[{index}]"
    return NewLine(
        external_id=line.id,
        channel_sku=line.sku,
        title=line.title or line.sku,
        quantity=line.quantity,
        unit_price_minor=_minor(order, line.unit_price, f"{place}.unit_price"),
        tax_minor=_minor(order, line.tax, f"{place}.tax"),
        discount_minor=_minor(order, line.discount, f"{place}.discount"),
    )


def _minor(order: Order, amount: str, place: str) -> int:
    return minor(amount, currency=order.currency, field=f"data.{place}", remedy=_REMEDY)


def _store(delivery: Pickup, *, channel: str, settings: ChannelSettings) -> str:
    """Our location code: the channel uses it as it is, unless the settings map its names."""
    if not settings.locations:
        return delivery.store
    return stores.require(
        settings,
        [delivery.store],
        channel=channel,
        field="data.delivery.store",
        remedy="with no such setting the channel uses our location codes",
    )


def _address(address: Address) -> NewAddress:
    whole = address.latitude is not None and address.longitude is not None
    return NewAddress(
        name=address.name,
        company=address.company,
        street=address.street,
        street_2=address.street_2,
        city=address.city,
        region=address.region,
        postcode=address.postcode,
        country=address.country,
        phone=address.phone,
        latitude=address.latitude if whole else None,
        longitude=address.longitude if whole else None,
    )


def _holds(order: Order, address: NewAddress | None) -> tuple[NewHold, ...]:
    holds = []
    if order.payment not in _PAID:
        holds.append(NewHold(HoldKind.PAYMENT, f"the payment is {order.payment}"))
    if order.delivery.method == "ship" and address is None:
        holds.append(NewHold(HoldKind.ADDRESS, "the order has no address yet"))
    return tuple(holds)
