"""Goods without a receipt at the counter: store credit at the lowest recent price, by policy."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Response

from api.deps import IdempotencyKey, SessionDep
from api.storework import once_at_store
from api.web.bell import bell
from api.web.people import AtLocationDep
from api.web.rendering import render
from api.web.return_forms import NoReceiptForm
from oms.payments import crediting
from oms.payments.crediting import Opened
from oms.reports import stock_at
from oms.returns import unreceipted

router = APIRouter(prefix="/store/returns/no-receipt")


@router.get("")
def page(
    unit: SessionDep, at: AtLocationDep, sku: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """Ask for the article; with one, say what it is taken back for."""
    product, each = unreceipted.offer(unit, sku, place=at.location) if sku else (None, 0)
    return render(
        "store/no_receipt.html",
        at=at,
        tab="returns",
        product=product,
        each=each,
        ways=unreceipted.WAYS,
        **bell(unit, at),
    )


@router.post("/find")
def find(
    unit: SessionDep, at: AtLocationDep, shown: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Look the article up; what is refused says by which rule."""
    found = stock_at.find(unit, shown)
    if len(found) != 1:
        return render("store/_no_receipt_found.html", shown=shown.strip(), found=found)
    unreceipted.offer(unit, found[0].sku, place=at.location)
    return Response(headers={"HX-Redirect": f"/store/returns/no-receipt?sku={found[0].sku}"})


@router.post("")
def take(
    form: Annotated[NoReceiptForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Take the goods for store credit."""
    made: list[Opened] = []

    def carry_out() -> dict[str, Any]:
        row, opened = unreceipted.take(
            unit, **form.model_dump(), place=at.location, actor=at.who.actor
        )
        made.append(opened)
        return {"credit": str(row.credit_id)}

    request = ("no receipt", at.location.id, form)
    answer = once_at_store(unit, at.who, key, request, carry_out)
    credit = crediting.read(unit, UUID(answer["credit"]))
    return render("store/_no_receipt_done.html", credit=credit, code=made[0].code if made else None)
