"""Rows of opening orders: one row a line, the rows of one order side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from sqlmodel import Session, col, select

from oms.imports.batches import Batch, Outcome, unknown
from oms.imports.faults import Fault
from oms.locations.calendars import calendars
from oms.locations.models import Location
from oms.ordering.placing import MOST_LINES
from oms.ordering.placing_many import Opening, place_many
from oms.orders.models import Delivery
from oms.orders.new_order import NewAddress, NewLine, NewOrder

_OF_LINE: Final = frozenset(
    {"line_id", "sku", "title", "quantity", "unit_price_minor", "tax_minor", "discount_minor",
     "reserve_at"}
)  # fmt: skip
_TO_SHIP: Final = ("street", "city", "postcode", "country")

Lines = list[tuple[int, dict[str, Any]]]
"""The rows of one order, each with its line in the file."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one order, what is wrong with them in themselves, and the order they state."""

    lines: Lines
    faults: Sequence[Fault]
    new: NewOrder


def prepare(batch: Batch) -> Sequence[Group]:
    """Put rows together to orders."""
    groups: dict[tuple[str, str], Lines] = {}
    for line, cells in batch.cells():
        groups.setdefault((cells["channel"], cells["external_id"]), []).append((line, cells))
    shared = [name for name in batch.columns if name not in _OF_LINE]
    shared_of = itemgetter(*shared)
    return [
        Group(lines, _own_faults(lines, shared, shared_of), _new(lines))
        for lines in groups.values()
    ]


def place_orders(session: Session, batch: Batch) -> Outcome:
    """Place the orders that are new, each whole or not at all; the counts are of rows."""
    outcome = Outcome()
    places = _places(session, batch)
    sound: list[tuple[Lines, Opening]] = []
    groups: Sequence[Group] = batch.prepared
    for one in groups:
        if faults := [*one.faults, *_place_faults(one.lines, places)]:
            outcome.faults += _whole(one.lines, faults)
        else:
            sound.append((one.lines, _opening(one, places)))
    stores = list({one.store.code: one.store for _, one in sound if one.store}.values())
    placed = place_many(
        session,
        [one for _, one in sound],
        calendars=calendars(session, stores) if stores else {},
        actor=batch.actor,
    )
    refused: dict[int, list[Fault]] = {}
    for why in placed.refusals:
        line = next(at for at, cells in sound[why.position][0] if cells["line_id"] == why.line_id)
        refused.setdefault(why.position, []).append(
            Fault(line, why.column, why.value, why.reason, why.remedy)
        )
    for position, faults in refused.items():
        outcome.faults += _whole(sound[position][0], faults)
    outcome.added, outcome.unchanged = placed.placed, placed.known
    return outcome


def _places(session: Session, batch: Batch) -> dict[str, Location]:
    wanted = {
        code
        for at, name in enumerate(batch.columns)
        if name in ("reserve_at", "pickup_store")
        for row in batch.rows
        if (code := row.values[at])
    }
    if not wanted:
        return {}
    rows = session.exec(select(Location).where(col(Location.code).in_(wanted)))
    return {row.code: row for row in rows}


def _own_faults(
    lines: Lines, shared: Sequence[str], shared_of: Callable[[Any], Any]
) -> Sequence[Fault]:
    """What is wrong with an order whatever the database holds."""
    at, order = lines[0]
    faults = []
    if len(lines) > MOST_LINES:
        faults.append(
            Fault(at, "line_id", str(len(lines)), f"is more than {MOST_LINES} lines of one order",
                  "split it into several orders")
        )  # fmt: skip
    if order["delivery"] is Delivery.SHIP:
        faults += [
            Fault(at, name, "", "is empty, and the order is to be shipped", "give the address")
            for name in _TO_SHIP
            if not order[name]
        ]
    same = shared_of(order)
    for line, cells in lines[1:]:
        if shared_of(cells) == same:
            continue
        faults += [
            Fault(line, name, str(cells[name]), f"differs from line {at} of the same order",
                  "every row of an order repeats the same")
            for name in shared
            if cells[name] != order[name]
        ]  # fmt: skip
    return faults


def _place_faults(lines: Lines, places: Mapping[str, Location]) -> Sequence[Fault]:
    """What is wrong with the locations that an order names."""
    at, order = lines[0]
    faults = []
    if order["delivery"] is Delivery.PICKUP:
        code = order["pickup_store"]
        store = places.get(code) if code else None
        if store is None:
            faults.append(unknown(at, "pickup_store", code or "", "location"))
        elif not (store.active and store.can_pickup):
            why, remedy = "does not hand over pickups", "name a store that does"
            faults.append(Fault(at, "pickup_store", code, why, remedy))
    faults += [
        unknown(line, "reserve_at", code, "location")
        for line, cells in lines
        if (code := cells["reserve_at"]) is not None and code not in places
    ]
    return faults


def _whole(lines: Lines, faults: list[Fault]) -> list[Fault]:
    """The faults of an order, with one for each of its rows that has none of its own."""
    wrong = {fault.line for fault in faults}
    first = min(wrong)
    return faults + [
        Fault(line, "", cells["external_id"], f"is left out because line {first} is wrong",
              "an order is taken whole; mend the wrong row")
        for line, cells in lines
        if line not in wrong
    ]  # fmt: skip


def _opening(group: Group, places: Mapping[str, Location]) -> Opening:
    code = group.new.pickup_store
    reserve_at = {
        cells["line_id"]: places[cells["reserve_at"]].id
        for _, cells in group.lines
        if cells["reserve_at"] is not None
    }
    return Opening(group.new, places[code] if code else None, reserve_at)


def _new(lines: Lines) -> NewOrder:
    _, order = lines[0]
    pickup = order["delivery"] is Delivery.PICKUP
    return NewOrder(
        channel=order["channel"],
        external_id=order["external_id"],
        display_number=order["display_number"] or order["external_id"],
        placed_at=order["placed_at"],
        updated_at=order["placed_at"],
        currency=order["currency"],
        total_minor=order["total_minor"],
        lines=tuple([_line(cells) for _, cells in lines]),
        customer_name=order["customer_name"],
        customer_email=order["customer_email"],
        customer_phone=order["customer_phone"],
        delivery=order["delivery"],
        pickup_store=order["pickup_store"] if pickup else None,
        address=None if pickup else _address(order),
        shipping_minor=order["shipping_minor"],
        deliver_by=order["promise_by"],
    )


def _line(cells: Mapping[str, Any]) -> NewLine:
    return NewLine(
        external_id=cells["line_id"],
        channel_sku=cells["sku"],
        title=cells["title"] or cells["sku"],
        quantity=cells["quantity"],
        unit_price_minor=cells["unit_price_minor"],
        tax_minor=cells["tax_minor"],
        discount_minor=cells["discount_minor"],
    )


def _address(order: Mapping[str, Any]) -> NewAddress:
    return NewAddress(
        name=order["ship_name"] or order["customer_name"],
        street=order["street"],
        city=order["city"],
        region=order["region"],
        postcode=order["postcode"],
        country=order["country"],
        phone=order["customer_phone"],
        latitude=order["latitude"],
        longitude=order["longitude"],
    )
