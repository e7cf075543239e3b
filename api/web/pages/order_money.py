"""An order's ledger and its returns for operations, one page each."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from api.deps import ItemId, OperatorDep, SessionDep
from api.schemas.returns import WhyIn
from api.web.order_view import return_view
from api.web.rendering import render
from oms.access import people
from oms.audit import recording
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments import statements
from oms.returns import asking, queries

router = APIRouter(prefix="/operations")


@router.get("/orders/{order_id}/money")
def money(order_id: ItemId, unit: SessionDep, who: OperatorDep) -> Response:
    """What was authorised, captured, voided and given back, entry by entry."""
    found = statements.of_order(unit, orders.named(unit, str(order_id)))
    return render(
        "operations/money.html",
        who=who,
        tab="orders",
        order=found.order,
        money=found,
        payments={one.id: one for one in found.payments},
        names=people.names(unit, {entry.actor for entry in found.entries}),
    )


@router.get("/returns/{return_id}")
def one(return_id: ItemId, unit: SessionDep, who: OperatorDep) -> Response:
    """A return: what was asked, what came, what became of it, and when."""
    return render("operations/return.html", who=who, tab="orders", **_facts(unit, return_id))


@router.post("/returns/{return_id}/authorise")
def authorise(
    return_id: ItemId, form: Annotated[WhyIn, Form()], unit: SessionDep, who: OperatorDep
) -> Response:
    """Let a return be made, also one that was refused or has expired."""
    asking.authorise(unit, return_id, reason=form.reason, actor=who.actor)
    return _done(unit, return_id, "Authorised. The customer may send or bring the goods.")


@router.post("/returns/{return_id}/refuse")
def refuse(
    return_id: ItemId, form: Annotated[WhyIn, Form()], unit: SessionDep, who: OperatorDep
) -> Response:
    """Refuse a return that waits for an answer."""
    asking.refuse(unit, return_id, reason=form.reason, actor=who.actor)
    return _done(unit, return_id, "Refused.")


def _done(unit: Session, return_id: UUID, said: str) -> Response:
    unit.flush()
    return render("operations/_return_card.html", said=said, **_facts(unit, return_id))


def _facts(unit: Session, return_id: UUID) -> dict[str, Any]:
    row = queries.read(unit, return_id)
    order = unit.get_one(Order, row.order_id)
    shown = return_view(unit, row, recording.of_order(unit, order.id, since=order.captured_at))
    names = people.names(unit, {event.actor for event in shown.timeline})
    return {"order": order, "shown": shown, "names": names}
