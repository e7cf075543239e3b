"""Returns at the counter: find the order, take the goods, give the money back or other goods."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, SessionDep
from api.schemas.base import In
from api.storework import once_at_store
from api.web.bell import bell
from api.web.people import AtLocation, AtLocationDep
from api.web.rendering import render
from api.web.return_forms import BringForm, DecideForm, PaidForm, TakeForm
from oms.catalogue import queries as catalogue
from oms.errors import NotFound
from oms.locations import queries as locations
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments import capturing, crediting, refunding, statements
from oms.payments.crediting import Opened
from oms.returns import counter, finding, queries, showing
from oms.returns.counter import Done
from oms.returns.models import Return

router = APIRouter(prefix="/store/returns")


class NoForm(In):
    """A command that says all by itself."""


@router.get("")
def page(unit: SessionDep, at: AtLocationDep) -> Response:
    """Where a return begins, and what lies in quarantine here."""
    return render(
        "store/returns.html",
        at=at,
        tab="returns",
        waiting=showing.in_quarantine(unit, at.location),
        rules=queries.current_rules(unit)[0],
        **bell(unit, at),
    )


@router.post("/find")
def find(
    unit: SessionDep, _at: AtLocationDep, shown: Annotated[str, Form(max_length=400)] = ""
) -> Response:
    """Open what was scanned or typed; several orders are listed, none is said plainly."""
    found = finding.find(unit, shown)
    if found.return_id is not None:
        return Response(headers={"HX-Redirect": f"/store/returns/{found.return_id}"})
    if found.order_id is not None:
        return Response(headers={"HX-Redirect": f"/store/returns/orders/{found.order_id}"})
    return render("store/_returns_found.html", shown=shown.strip(), found=found.orders)


@router.get("/orders/{order_id}")
def order(order_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """What of an order may come back, by which rule, and what comes back already."""
    found = orders.named(unit, str(order_id))
    return render(
        "store/return_order.html",
        at=at,
        tab="returns",
        order=found,
        lines=showing.returnable(unit, found),
        returns=queries.of_order(unit, found.id),
        **bell(unit, at),
    )


@router.post("/orders/{order_id}")
def bring(
    order_id: ItemId,
    form: Annotated[BringForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Take the goods, and give the customer what they get."""

    def carry_out() -> Done:
        return counter.bring(
            unit,
            order_id,
            form.brought(),
            form.wish(unit),
            place=at.location,
            actor=at.who.actor,
        )

    return _once(unit, at, key, ("bring back", order_id, form), carry_out)


@router.get("/{return_id}")
def one(return_id: ItemId, unit: SessionDep, at: AtLocationDep) -> Response:
    """A return: what is to be taken, decided or paid out here."""
    locations.require_returns(at.location)
    facts = _facts(unit, at, queries.read(unit, return_id))
    return render("store/return.html", at=at, tab="returns", **facts, **bell(unit, at))


@router.post("/{return_id}/take")
def take(
    return_id: ItemId,
    form: Annotated[TakeForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Take the goods of a return that was asked for elsewhere."""

    def carry_out() -> Done:
        return counter.take(
            unit,
            return_id,
            form.brought(),
            form.wish(unit),
            place=at.location,
            actor=at.who.actor,
            version=form.version,
        )

    return _once(unit, at, key, ("take return", return_id, form), carry_out)


@router.post("/{return_id}/goods/{goods_id}/decide")
def decide(
    return_id: ItemId,
    goods_id: ItemId,
    form: Annotated[DecideForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Say what becomes of goods that lie in quarantine here."""

    def carry_out() -> Done:
        row = counter.decide(
            unit,
            return_id,
            goods_id,
            condition=form.condition,
            disposition=form.disposition,
            place=at.location,
            actor=at.who.actor,
        )
        return Done(row)

    return _once(unit, at, key, ("decide on goods", goods_id, form), carry_out)


@router.post("/{return_id}/repayments/{repayment_id}/paid")
def paid(
    return_id: ItemId,
    repayment_id: ItemId,
    form: Annotated[PaidForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The till has paid the customer out."""

    def carry_out() -> Done:
        row = queries.read(unit, return_id)
        repayment, refund = statements.repayment_of(unit, repayment_id)
        if refund.id != row.refund_id:
            raise NotFound(f"this return has no repayment {repayment_id}", field="repayment_id")
        refunding.pay(unit, repayment.id, reference=form.reference, actor=at.who.actor)
        return Done(row)

    return _once(unit, at, key, ("pay out", repayment_id, form), carry_out)


@router.post("/{return_id}/new-code")
def new_code(
    return_id: ItemId, unit: SessionDep, at: AtLocationDep, key: IdempotencyKey
) -> Response:
    """Another code for the store credit, for whoever did not get the first one."""

    def carry_out() -> Done:
        row = queries.read(unit, return_id)
        if row.credit_id is None:
            raise NotFound("this return has no store credit", field="return_id")
        opened = crediting.renew_code(unit, row.credit_id, actor=at.who.actor)
        return Done(row, opened=opened)

    return _once(unit, at, key, ("new code", return_id, NoForm()), carry_out)


def _once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, UUID, In],
    carry_out: Callable[[], Done],
) -> Response:
    """Carry a command out once and show the return; a code is shown the first time alone."""
    opened: list[Opened] = []

    def answered() -> dict[str, Any]:
        done = carry_out()
        opened.extend([done.opened] if done.opened else [])
        return {"return": str(done.row.id)}

    answer = once_at_store(unit, at.who, key, request, answered)
    unit.flush()
    row = queries.read(unit, UUID(answer["return"]))
    facts = _facts(unit, at, row) | {"code": opened[0].code if opened else None}
    return render("store/_return_done.html", at=at, **facts)


def _facts(unit: Session, at: AtLocation, row: Return) -> dict[str, Any]:
    found = unit.get_one(Order, row.order_id)
    money = statements.of_order(unit, found)
    goods = queries.goods(unit, row.id)
    lines = queries.lines(unit, row.id)
    other = unit.get_one(Order, row.exchange_order_id) if row.exchange_order_id else None
    skus = [line.sku for line in lines] + [one.sku for one in goods]
    return {
        "row": row,
        "order": found,
        "lines": lines,
        "goods": goods,
        "names": {sku: one.name for sku, one in catalogue.products(unit, skus).items()},
        "barcodes": catalogue.barcodes(unit, skus),
        "here": {one.id for one in goods if one.location_id == at.location.id},
        "refund": next((one for one in money.refunds if one.id == row.refund_id), None),
        "repayments": [one for one in money.repayments if one.refund_id == row.refund_id],
        "payments": {one.id: one for one in money.payments},
        "credit": crediting.read(unit, row.credit_id) if row.credit_id and not other else None,
        "other": other,
        "other_due": capturing.due_minor(unit, other) if other else 0,
        "code": None,
    }
