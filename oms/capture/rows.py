"""The rows that a placed order consists of: the same as `oms.ordering.placing.place` writes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from oms.capture.arrivals import Arrival, Message
from oms.capture.network import Place
from oms.capture.planning import Plan
from oms.channels.models import MessageStatus
from oms.ids import new_id
from oms.inventory.models import MovementKind, ReservationStatus
from oms.ordering import placing, revisions
from oms.ordering.revising import Applied
from oms.orders import states
from oms.orders.models import OrderStatus
from oms.orders.states import Buckets

Row = tuple[Any, ...]

FIRST_VERSION: Final = 2
"""As placing leaves it: written, then its status derived."""
_SYSTEM: Final = "system"


@dataclass(slots=True)
class Placing:
    """An arrival on its way to becoming an order."""

    arrival: Arrival
    store: Place | None
    plan: Plan
    actor: str
    """Who placed it, for the audit trail."""
    message_id: UUID | None
    repeats: int = 0
    order_id: UUID = field(default_factory=new_id)
    customer_id: UUID = field(default_factory=new_id)

    @property
    def at(self) -> datetime:
        """The moment that all of its rows bear."""
        return self.arrival.at

    @property
    def email(self) -> str:
        """The customer's address as it was written."""
        return self.arrival.new.customer_email.strip()


@dataclass(slots=True)
class Rows:
    """Everything that one batch writes, by table."""

    addresses: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    holds: list[Row] = field(default_factory=list)
    revisions: list[Row] = field(default_factory=list)
    reservations: list[Row] = field(default_factory=list)
    movements: list[Row] = field(default_factory=list)
    audit: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    message_keys: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)


def rows_of(placings: Sequence[Placing], places: Sequence[Place]) -> Rows:
    """Write out all orders. `places` are the locations by position."""
    rows = Rows()
    for one in placings:
        address_id = _address(rows, one)
        _order(rows, one, address_id, places)
        _lines(rows, one, places)
        _trail(rows, one)
        if isinstance(one.arrival.by, Message):
            _message(rows, one, one.arrival.by)
    return rows


def customer_row(one: Placing) -> Row:
    """The order's customer, should it be a new one."""
    new = one.arrival.new
    return (one.customer_id, new.customer_name, one.email, new.customer_phone, one.at)


def _address(rows: Rows, one: Placing) -> UUID | None:
    address = one.arrival.new.address
    if address is None:
        return None
    address_id = new_id()
    row: Row = (
        address_id,
        one.customer_id,
        address.name,
        address.company,
        address.street,
        address.street_2,
        address.city,
        address.region,
        address.postcode,
        address.country,
        address.phone,
        address.latitude,
        address.longitude,
    )
    rows.addresses.append(row)
    return address_id


def status_of(one: Placing) -> OrderStatus:
    """The status that an order begins with."""
    new = one.arrival.new
    waiting = sum(units for _, _, units in one.plan.takes)
    total = sum(line.quantity for line in new.lines)
    buckets = Buckets(
        waiting=waiting, backordered=total - waiting, cancelled=0, short=0, fulfilled=0, total=total
    )
    return states.derive(buckets, held=bool(new.holds), delivery=new.delivery, parts=())


def _order(rows: Rows, one: Placing, address_id: UUID | None, places: Sequence[Place]) -> None:
    new = one.arrival.new
    row: Row = (
        one.order_id,
        new.channel,
        new.external_id,
        new.display_number,
        status_of(one).value,
        FIRST_VERSION,
        new.delivery.value,
        one.store.id if one.store else None,
        one.customer_id,
        address_id,
        new.currency,
        new.total_minor,
        new.shipping_minor,
        new.tax_included,
        new.placed_at,
        new.updated_at,
        one.plan.wanted.promise_by,
        one.at,
        _release_at(one, places),
        new.locale,
    )
    rows.orders.append(row)
    rows.holds.extend(
        (new_id(), one.order_id, hold.kind.value, hold.reason, one.at, one.actor)
        for hold in new.holds
    )


def _release_at(one: Placing, places: Sequence[Place]) -> datetime | None:
    """Until when an order waits; most policies let nothing wait."""
    wanted = one.plan.wanted
    if not wanted.policy.holds:
        return None
    holding = [places[at] for at in sorted({at for _, at, _ in one.plan.takes})]
    ends = [place.calendar.next_cut_off(one.at, cut_off=place.cut_off) for place in holding]
    return placing.wait_until(
        wanted.policy,
        one.arrival.new,
        captured_at=one.at,
        promise_by=wanted.promise_by,
        ends=[end for end in ends if end is not None],
    )


def _lines(rows: Rows, one: Placing, places: Sequence[Place]) -> None:
    plan = one.plan
    for position, (line, sku, at) in enumerate(
        zip(one.arrival.new.lines, plan.wanted.skus, plan.at, strict=True), start=1
    ):
        line_id, units = new_id(), line.quantity
        reserved, backordered = (0, units) if at is None else (units, 0)
        row: Row = (
            line_id,
            one.order_id,
            position,
            line.external_id,
            sku,
            line.title,
            units,
            0,
            reserved,
            backordered,
            0,
            0,
            0,
            line.unit_price_minor,
            line.tax_minor,
            line.discount_minor,
        )
        rows.lines.append(row)
        if at is not None:
            _reservation(rows, one, line_id, sku=sku, place=places[at].id, units=units)


def _reservation(
    rows: Rows, one: Placing, line_id: UUID, *, sku: str, place: UUID, units: int
) -> None:
    rows.reservations.append(
        (
            new_id(),
            one.order_id,
            line_id,
            place,
            sku,
            units,
            ReservationStatus.HELD.value,
            one.at,
        )
    )
    rows.movements.append(
        (
            sku,
            place,
            MovementKind.RESERVE.value,
            0,
            units,
            "order",
            one.order_id,
            _SYSTEM,
            one.at,
        )
    )


def _trail(rows: Rows, one: Placing) -> None:
    new = one.arrival.new
    row: Row = (
        new_id(),
        one.order_id,
        1,
        revisions.digest(new),
        new.updated_at,
        one.message_id,
        "placed",
        one.at,
    )
    rows.revisions.append(row)
    row = (
        one.at,
        one.actor,
        "order.captured",
        "order",
        one.order_id,
        one.order_id,
        one.arrival.request_id,
        json.dumps(placing.audit_facts(new)),
    )
    rows.audit.append(row)
    row = (
        "order.captured",
        "order",
        one.order_id,
        one.order_id,
        FIRST_VERSION,
        "",
        one.at,
        one.at,
        0,
    )
    rows.outbox.append(row)


def _message(rows: Rows, one: Placing, message: Message) -> None:
    hint = message.hint
    row: Row = (
        one.message_id,
        one.arrival.new.channel,
        hint.dedupe_key,
        hint.topic,
        hint.reference,
        hint.occurred_at,
        one.at,
        json.dumps(hint.kept_headers),
        message.body,
        MessageStatus.APPLIED.value,
        0,
        one.repeats,
        Applied.PLACED.value,
        one.order_id,
        one.at,
    )
    rows.messages.append(row)
    rows.message_keys.append((one.arrival.new.channel, hint.dedupe_key, one.message_id))
