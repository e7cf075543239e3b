"""Apply a newer state of an order that a channel reports, as far as the work allows."""

from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from oms.audit.recording import record
from oms.customers.models import Address
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.fulfilments import order_status
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import FulfilmentStatus
from oms.locations.models import Location
from oms.ordering import cancelling, holds, placing, preordering, revisions
from oms.orders import queries as orders
from oms.orders import states
from oms.orders.models import HoldKind, Order, OrderLine
from oms.orders.new_order import NewHold, NewOrder
from oms.sourcing import holding


class Applied(StrEnum):
    """What became of a reported state."""

    PLACED = "placed"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    NOT_OURS = "nothing of it is ours to fulfil"


def apply(
    session: Session, new: NewOrder, *, actor: str, message_id: UUID | None = None
) -> tuple[Order | None, Applied]:
    """Make our order what the channel says it is: place it, change it, or cancel it.

    A state older than the one we have is superseded and changes nothing; a state seen before
    is unchanged. An order that we never had and that leaves us nothing to do (gift cards only) is
    not ours; but one that was called off before we heard of it is kept as cancelled, so that an
    older message cannot bring it to life. What others have sent before we heard of it is not ours
    either. Messages about one order queue on its reference.
    """
    placing.lock_reference(session, channel=new.channel, external_id=new.external_id)
    order = orders.by_reference(session, channel=new.channel, external_id=new.external_id)
    if order is None:
        new = _left_to_us(new)
    if order is None and not new.lines and not new.cancelled:
        return None, Applied.NOT_OURS
    if order is None:
        return placing.place(session, new, actor=actor, message_id=message_id), Applied.PLACED
    order = orders.locked(session, order.id)
    if new.updated_at < order.external_updated_at:
        return order, Applied.SUPERSEDED
    if revisions.seen(session, order, new):
        return order, Applied.UNCHANGED
    changes, refused = _revise(session, order, new, actor=actor)
    order.external_updated_at = new.updated_at
    revisions.add(session, order, new, message_id=message_id, changes="; ".join(changes))
    if refused:
        _ask_a_person(session, order, refused)
    if changes:
        record(
            session,
            action="order.revised",
            subject_type="order",
            subject_id=order.id,
            order_id=order.id,
            actor=actor,
            facts={"changes": changes},
        )
        order_status.refresh(session, order.id, event="order.revised")
    return order, Applied.REVISED if changes else Applied.UNCHANGED


def _left_to_us(new: NewOrder) -> NewOrder:
    """The order as it concerns us, who hear of it for the first time.

    What the channel has as sent, somebody else has sent. If that is part of it, somebody else may
    be about to send the rest too: a person looks before we do.
    """
    sent = sum(line.sent for line in new.lines)
    if sent == 0 or new.cancelled:
        return new
    wanted = sum(line.quantity for line in new.lines)
    if sent == wanted:
        return replace(new, lines=())
    hold = NewHold(HoldKind.MANUAL, f"{sent} of {wanted} units had been sent before we heard of it")
    return replace(new, holds=(*new.holds, hold))


def _revise(
    session: Session, order: Order, new: NewOrder, *, actor: str
) -> tuple[list[str], list[str]]:
    """Change what may be changed; say in words what was, and what the work does not allow."""
    refused: list[str] = []
    if order.status in states.CLOSED:
        return [], refused
    if new.cancelled:
        return _cancel(session, order, refused, actor=actor), refused
    changes: list[str] = []
    if _same_delivery(session, order, new):
        changes += _address(session, order, new, refused)
    else:
        place = f" at {new.pickup_store}" if new.pickup_store else ""
        refused.append(f"the channel changed the delivery to {new.delivery.value}{place}")
    changes += _holds(session, order, new, refused, actor=actor)
    changes += _quantities(session, order, new, refused, actor=actor)
    changes += _added(session, order, new, refused, actor=actor)
    if order.total_minor != new.total_minor:
        order.total_minor = new.total_minor
        changes.append("new total")
    return changes, refused


def _cancel(session: Session, order: Order, refused: list[str], *, actor: str) -> list[str]:
    try:
        cancelling.cancel(session, order.id, actor=actor, reason="cancelled on the channel")
    except cancelling.TooLate as late:
        refused.append(f"the channel cancelled it, but {late.message}")
        return []
    return ["cancelled"]


def _same_delivery(session: Session, order: Order, new: NewOrder) -> bool:
    if order.delivery_moved_at is not None:
        return True  # its customer chose another way here; the channel says what it said before
    store = session.get(Location, order.pickup_location_id) if order.pickup_location_id else None
    return (order.delivery, store.code if store else None) == (new.delivery, new.pickup_store)


def _address(session: Session, order: Order, new: NewOrder, refused: list[str]) -> list[str]:
    if new.address is None or order.delivery_moved_at is not None:
        return []
    old = session.get(Address, order.address_id) if order.address_id else None
    wanted = (
        new.address.name, new.address.company, new.address.street, new.address.street_2,
        new.address.city, new.address.region, new.address.postcode, new.address.country,
    )  # fmt: skip
    if old is not None and wanted == (
        old.name, old.company, old.street, old.street_2,
        old.city, old.region, old.postcode, old.country,
    ):  # fmt: skip
        return []
    packed = [
        part
        for part in fulfilments.of_order(session, order.id)
        if part.status in (FulfilmentStatus.PACKED, FulfilmentStatus.HANDED_OVER)
    ]
    if packed:
        refused.append("the address changed after a parcel was packed")
        return []
    order.address_id = placing.add_address(session, order.customer_id, new.address)
    return ["new address"]


def _holds(
    session: Session, order: Order, new: NewOrder, refused: list[str], *, actor: str
) -> list[str]:
    """Holds that the channel knows of follow it; those that people set are theirs to release."""
    theirs = {HoldKind.PAYMENT, HoldKind.ADDRESS, HoldKind.CANCEL_REQUESTED}
    now = {one.kind: one for one in orders.open_holds(session, order.id) if one.kind in theirs}
    wanted = {one.kind: one.reason for one in new.holds if one.kind in theirs}
    changes = []
    for kind in sorted(set(now) - set(wanted)):
        holds.release_hold(session, order.id, kind=kind, actor=actor)
        changes.append(f"{kind.value} hold released")
    for kind in sorted(set(wanted) - set(now)):
        holds.place_hold(session, order.id, kind=kind, reason=wanted[kind], actor=actor)
        changes.append(f"{kind.value} hold")
        if kind is HoldKind.CANCEL_REQUESTED and fulfilments.of_order(session, order.id):
            refused.append(f"{wanted[kind]}, and a location has the work already")
    return changes


def _quantities(
    session: Session, order: Order, new: NewOrder, refused: list[str], *, actor: str
) -> list[str]:
    """Lines that shrank or went; work that has begun on them needs a person."""
    wanted = {line.external_id: line.quantity for line in new.lines}
    cuts = {
        line.id: units
        for line in orders.lines(session, order.id)
        if (units := _kept(line) - wanted.get(line.external_id, 0)) > 0
    }
    left = cancelling.cancel_units(session, order, cuts, actor=actor)
    if left:
        refused.append(
            f"the channel removed {sum(left.values())} unit(s) that a location is already"
            " working on or has sent"
        )
    return ["units removed"] if cuts and left != cuts else []


def _kept(line: OrderLine) -> int:
    return line.quantity - line.cancelled - line.short


def _added(
    session: Session, order: Order, new: NewOrder, refused: list[str], *, actor: str
) -> list[str]:
    """Lines that are new become lines of their own, so begun work stays as it is."""
    known = {line.external_id: line for line in orders.lines(session, order.id)}
    fresh = [line for line in new.lines if line.external_id not in known]
    grown = [
        line
        for line in new.lines
        if line.external_id in known and line.quantity > _kept(known[line.external_id])
    ]
    if grown:
        refused.append(
            "the channel raised the quantity of "
            + ", ".join(known[line.external_id].sku for line in grown)
        )
    if not fresh:
        return []
    skus = placing.resolve_skus(
        session, channel=new.channel, channel_skus={line.channel_sku for line in fresh}
    )
    placing.add_lines(session, order, fresh, skus=skus, after=len(known))
    preordering.hold_until_release(session, order, actor=actor)
    holding.hold(session, order)
    return [f"{len(fresh)} line(s) added"]


def _ask_a_person(session: Session, order: Order, refused: list[str]) -> None:
    open_case(
        session,
        kind=ExceptionKind.CHANGE_REFUSED,
        cause_type="order",
        cause_id=order.id,
        order_id=order.id,
        detail=f"order {order.display_number}: {'; '.join(refused)}",
        remedy="look at the order; stop the work with the location, or tell the customer",
    )
