"""One order for operations: everything known of it, and what may be done with it."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import ItemId, OperatorDep, SessionDep
from api.paper.files import label_file
from api.schemas.base import In
from api.schemas.orders import Name, Text
from api.web.explanation import explanation
from api.web.order_view import order_view
from api.web.rendering import by_htmx, render
from oms import clock
from oms.channels import writebacks
from oms.errors import Invalid, NotFound
from oms.fulfilments.models import Fulfilment, Parcel
from oms.locations import queries as locations
from oms.notifications import sending
from oms.ordering import cancelling, holds, rerouting, ship_to_store
from oms.orders.models import HoldKind
from oms.returns import links
from oms.sourcing import decisions, reasons

router = APIRouter(prefix="/operations/orders/{order_id}")


class CancelForm(In):
    """Why the order is called off, and on which state of it that was decided."""

    version: Annotated[int, Field(gt=0)]
    reason: Text = ""


class HoldForm(In):
    """A hold to place."""

    kind: HoldKind
    reason: Text = ""


class ReleaseForm(In):
    """A hold to let go."""

    kind: HoldKind


class SendForm(In):
    """Who sends what the order waits for, and in how many days it should be there."""

    from_location: Name
    days: Annotated[int, Field(ge=0, le=60)] = 2


@router.get("")
def page(request: Request, order_id: ItemId, unit: SessionDep, who: OperatorDep) -> Response:
    """The whole page, or its body when it refreshes itself."""
    if by_htmx(request):
        return _body(unit, order_id)
    return render("operations/order.html", who=who, tab="orders", **_facts(unit, order_id))


@router.get("/supposed")
def supposed(order_id: ItemId, unit: SessionDep, _who: OperatorDep) -> Response:
    """What would have changed the newest decision, and what changed from the one before."""
    rows = decisions.of_order(unit, order_id)
    if not rows:
        raise NotFound(
            f"order {order_id} was never routed", field="order_id", remedy="reload the order's page"
        )
    names = reasons.location_names(unit)
    return render(
        "operations/_order_supposed.html",
        supposed=reasons.supposed_of(rows[0], names),
        since=reasons.changes(rows[:2], names)[0],
    )


@router.post("/cancel")
def cancel(
    order_id: ItemId, form: Annotated[CancelForm, Form()], unit: SessionDep, who: OperatorDep
) -> Response:
    """Call off whatever has not left the house."""
    cancelling.cancel(
        unit,
        order_id,
        actor=who.actor,
        reason=_said(form.reason, "reason", "say why the order is cancelled"),
        version=form.version,
    )
    return _done(unit, order_id, "Cancelled. Stock is free again and the channel will be told.")


@router.post("/holds")
def place_hold(
    order_id: ItemId, form: Annotated[HoldForm, Form()], unit: SessionDep, who: OperatorDep
) -> Response:
    """Keep the order from being routed."""
    reason = _said(form.reason, "reason", "say what must be settled before it goes on")
    holds.place_hold(unit, order_id, kind=form.kind, reason=reason, actor=who.actor)
    return _done(unit, order_id, "On hold. Work that has begun goes on.")


@router.post("/release")
def release_hold(
    order_id: ItemId, form: Annotated[ReleaseForm, Form()], unit: SessionDep, who: OperatorDep
) -> Response:
    """Let the order go on."""
    holds.release_hold(unit, order_id, kind=form.kind, actor=who.actor)
    return _done(unit, order_id, "Released.")


@router.post("/reroute")
def reroute(order_id: ItemId, unit: SessionDep, who: OperatorDep) -> Response:
    """Let the locations be asked again that had given it back."""
    forgotten = rerouting.forget_rejections(unit, order_id, actor=who.actor)
    return _done(unit, order_id, f"It is routed again; {forgotten} refusals are forgotten.")


@router.post("/release-now")
def release_now(order_id: ItemId, unit: SessionDep, who: OperatorDep) -> Response:
    """Let an order that waits for joint routing go on."""
    rerouting.release_now(unit, order_id, actor=who.actor)
    return _done(unit, order_id, "It waits no longer.")


@router.post("/ship-to-store")
def send_to_store(
    order_id: ItemId, form: Annotated[SendForm, Form()], unit: SessionDep, who: OperatorDep
) -> Response:
    """Have what the order waits for sent to the store where it is collected."""
    made = ship_to_store.ask(
        unit,
        order_id,
        from_location_id=locations.by_code(unit, form.from_location).id,
        expected_at=clock.now() + timedelta(days=form.days),
        actor=who.actor,
    )
    return _done(
        unit, order_id, f"Asked for with transfer {made.number}; the goods are held there."
    )


@router.post("/sendings/{sending_id}/send-again")
def send_again(order_id: ItemId, sending_id: UUID, unit: SessionDep, who: OperatorDep) -> Response:
    """Send a notice again that was refused or given up."""
    sending.send_again(unit, sending_id, actor=who.actor)
    return _done(unit, order_id, "It is being sent again.")


@router.post("/writebacks/{writeback_id}/retry")
def retry_writeback(
    order_id: ItemId, writeback_id: UUID, unit: SessionDep, who: OperatorDep
) -> Response:
    """Tell the channel again."""
    writebacks.retry(unit, writeback_id, actor=who.actor)
    return _done(unit, order_id, "The channel is told again.")


@router.post("/return-link")
def return_link(order_id: ItemId, unit: SessionDep, _who: OperatorDep) -> Response:
    """Tell the customer's page of returns, to be sent to them."""
    return _done(unit, order_id, f"The customer's page of returns: {links.link(unit, order_id)}")


@router.get("/parcels/{parcel_id}/label.{kind}")
def label(
    order_id: ItemId,
    parcel_id: UUID,
    kind: Literal["pdf", "zpl"],
    unit: SessionDep,
    who: OperatorDep,
) -> Response:
    """A parcel's label, to print."""
    parcel = unit.get(Parcel, parcel_id)
    fulfilment = unit.get(Fulfilment, parcel.fulfilment_id) if parcel else None
    if fulfilment is None or fulfilment.order_id != order_id:
        raise NotFound(f"this order has no parcel {parcel_id}", field="parcel_id")
    return label_file(unit, fulfilment, parcel_id=parcel_id, kind=kind, actor=who.actor)


def _said(text: str, field: str, remedy: str) -> str:
    if not text:
        raise Invalid(f"no {field} given", field=field, remedy=remedy)
    return text


def _facts(unit: Session, order_id: UUID) -> dict[str, Any]:
    view = order_view(unit, order_id)
    newest = view.decisions[0] if view.decisions else None
    names = {place.code: place.name for place in view.places.values()}
    return {
        "view": view,
        "order": view.order,
        "why": explanation(newest, lines=view.lines, names=names) if newest else None,
        "hold_kinds": list(HoldKind),
    }


def _body(unit: Session, order_id: UUID) -> Response:
    return render("operations/_order.html", **_facts(unit, order_id))


def _done(unit: Session, order_id: UUID, said: str) -> Response:
    unit.flush()
    return render(
        "operations/_order_done.html", said=said, good=True, remedy=None, **_facts(unit, order_id)
    )
