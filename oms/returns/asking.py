"""Ask for a return: what was bought and sent may come back, as the rules say."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.catalogue.models import Product
from oms.customers.models import Address, Customer
from oms.errors import Conflict, Forbidden, Invalid, NotFound
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Order, OrderLine
from oms.returns import exchanging, queries, rules, states
from oms.returns.models import Return, ReturnLine, ReturnStatus, Way
from oms.returns.rules import Facts, RuleSet, Terms

MOST_LINES: Final = 500


class NotBought(NotFound):
    """The order has no such article."""

    code = "not_bought"


class MoreThanSent(Conflict):
    """More units are to come back than left the house."""

    code = "more_than_sent"


class ReturnedBefore(Conflict):
    """The units are on their way back already, or came back."""

    code = "returned_before"


class NotThisCustomer(Forbidden):
    """The order is somebody else's."""

    code = "not_this_customer"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of an order line that the customer wants to give back, and why."""

    line_id: UUID
    units: int
    reason: str = ""


def ask(
    session: Session,
    order_id: UUID,
    wanted: Sequence[Wanted],
    *,
    way: Way,
    actor: str,
    email: str | None = None,
    label: bool = False,
) -> Return:
    """Ask for units to be returned; the answer is authorised, refused with its rule, or asked.

    A refusal by a rule is kept, so that a person may give in. What makes no sense is an error and
    nothing is kept: `NotBought`, `MoreThanSent`, `ReturnedBefore`, `NotThisCustomer`. With `email`
    the customer proves who they are. With `label` the carrier's label is bought for them.
    """
    order = orders.locked(session, order_id)
    _require_customer(session, order, email)
    _require_sense(wanted)
    _require_address(order, label=label, way=way)
    chosen = _chosen(session, order, wanted)
    current, version = queries.current_rules(session)
    found = rules.together(judged(session, order, [line for line, _ in chosen], current))
    row = Return(
        order_id=order.id,
        way=way,
        ground=found.ground,
        rules_version=version,
        decision=found.refused or f"rule: {found.rule}",
        instant=found.instant,
        with_shipping=found.with_shipping,
        fee_minor=found.fee_minor,
        wants_label=label,
        label_paid_by=found.label_paid_by,
        exchange=found.exchange,
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    session.add_all(
        ReturnLine(
            return_id=row.id, line_id=line.id, sku=line.sku, units=one.units, reason=one.reason
        )
        for line, one in chosen
    )
    states.created(session, row, actor=actor, facts={"units": sum(one.units for one in wanted)})
    if found.refused:
        states.move(session, row, ReturnStatus.REFUSED, actor="rules")
    elif not found.by_hand:
        _authorise(session, row, current, actor="rules")
    return row


def authorise(session: Session, return_id: UUID, *, reason: str, actor: str) -> Return:
    """A person lets the return be made, also one that was refused or has expired.

    A reopened return is checked again for units that came back by another one meanwhile.
    """
    row, order = queries.locked(session, return_id)
    _require_reason(reason)
    if row.status in (ReturnStatus.REFUSED, ReturnStatus.EXPIRED):
        again = [Wanted(line.line_id, line.units) for line in queries.lines(session, row.id)]
        _chosen(session, order, again)
    current, _ = queries.current_rules(session)
    row.decision = f"{row.decision}; {actor}: {reason.strip()}"
    row.reminded_at = None
    _authorise(session, row, current, actor=actor)
    return row


def refuse(session: Session, return_id: UUID, *, reason: str, actor: str) -> Return:
    """A person refuses a return that waits for an answer."""
    row, _ = queries.locked(session, return_id)
    _require_reason(reason)
    row.decision = reason.strip()
    states.move(session, row, ReturnStatus.REFUSED, actor=actor)
    return row


def cancel(session: Session, return_id: UUID, *, actor: str) -> Return:
    """The customer keeps the goods."""
    row, _ = queries.locked(session, return_id)
    states.move(session, row, ReturnStatus.CANCELLED, actor=actor)
    exchanging.call_off(session, row, actor=actor)
    return row


def sent(
    session: Session, return_id: UUID, *, carrier: str, tracking_number: str, actor: str
) -> Return:
    """The goods are on their way; from here the return does not run out by itself so soon."""
    row, _ = queries.locked(session, return_id)
    row.carrier, row.tracking_number = carrier, tracking_number
    row.sent_at = clock.now()
    current, _ = queries.current_rules(session)
    row.expires_at = clock.now() + timedelta(days=current.days_to_send)
    states.move(session, row, ReturnStatus.IN_TRANSIT, actor=actor, facts={"carrier": carrier})
    return row


def _authorise(session: Session, row: Return, current: RuleSet, *, actor: str) -> None:
    row.expires_at = clock.now() + timedelta(days=current.days_to_send)
    states.move(session, row, ReturnStatus.AUTHORISED, actor=actor)


def _require_customer(session: Session, order: Order, email: str | None) -> None:
    if email is None:
        return
    known = session.get_one(Customer, order.customer_id).email.strip().lower()
    if not known or not hmac.compare_digest(email.strip().lower().encode(), known.encode()):
        raise NotThisCustomer(
            f"order {order.display_number} was not placed with this e-mail address",
            field="email",
            remedy="use the address that the order was confirmed to",
        )


def _require_sense(wanted: Sequence[Wanted]) -> None:
    if not 0 < len(wanted) <= MOST_LINES:
        raise Invalid(
            "no line is to be returned" if not wanted else f"more than {MOST_LINES} lines",
            field="lines",
            remedy="name the lines that come back",
        )
    if len({one.line_id for one in wanted}) < len(wanted):
        raise Invalid("a line is named twice", field="lines", remedy="add its units up")
    if any(one.units <= 0 for one in wanted):
        raise Invalid("units must be above zero", field="lines.units", remedy="leave the line out")


def _require_address(order: Order, *, label: bool, way: Way) -> None:
    if label and (way is not Way.MAIL or order.address_id is None):
        raise Invalid(
            "a label is for a parcel from the address that the order went to",
            field="label",
            remedy="bring the goods to a store, or send them without our label",
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("no reason given", field="reason", remedy="say why, for the customer")


def _chosen(
    session: Session, order: Order, wanted: Sequence[Wanted]
) -> list[tuple[OrderLine, Wanted]]:
    """The lines that are meant, if so many units of each can still come back."""
    known = {line.id: line for line in orders.lines(session, order.id)}
    coming = queries.units_coming(session, order.id)
    chosen = []
    for one in wanted:
        line = known.get(one.line_id)
        if line is None:
            raise NotBought(
                f"order {order.display_number} has no line {one.line_id}",
                field="lines.line_id",
                remedy="use the ids of the order's own lines",
            )
        if one.units > line.fulfilled:
            raise MoreThanSent(
                f"{line.sku}: {line.fulfilled} units were sent or handed over, not {one.units}",
                field="lines.units",
                remedy="cancel what was not sent, and return what was",
                facts={"fulfilled": line.fulfilled},
            )
        before = coming.get(line.id, 0)
        if one.units > line.fulfilled - before:
            raise ReturnedBefore(
                f"{line.sku}: {before} of {line.fulfilled} units are on a return already,"
                f" not {one.units} more",
                field="lines.units",
                remedy="look at the order's other returns",
                facts={"fulfilled": line.fulfilled, "on_returns": before},
            )
        chosen.append((line, one))
    return chosen


def judged(
    session: Session, order: Order, chosen: Sequence[OrderLine], current: RuleSet
) -> list[Terms]:
    """What holds for each of these lines now."""
    when = queries.received_at(session, order.id)
    skus = [line.sku for line in chosen]
    categories = dict(
        session.exec(select(Product.sku, Product.category).where(col(Product.sku).in_(skus))).all()
    )
    trusted = queries.trusted(session, order.customer_id, after_orders=current.trusted_after_orders)
    country = _country(session, order)
    return [
        rules.terms(
            current,
            Facts(
                sku=line.sku,
                category=categories[line.sku],
                channel=order.channel,
                country=country,
                delivery=order.delivery.value,
                received_at=when.get(line.id),
            ),
            now=clock.now(),
            trusted=trusted,
        )
        for line in chosen
    ]


def _country(session: Session, order: Order) -> str:
    """Where the customer got the goods."""
    if order.address_id is not None:
        return session.get_one(Address, order.address_id).country
    if order.pickup_location_id is not None:
        return session.get_one(Location, order.pickup_location_id).country
    return ""
