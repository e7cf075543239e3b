"""Gift cards and store credit: made, looked up, spent on orders. A code is told once."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, ItemId, PaymentsWriter, SessionDep
from api.routes.payments import command_of_order
from api.schemas.payments import (
    CodeIn,
    CreditIn,
    CreditOut,
    CreditPaymentIn,
    NewCreditOut,
    StatementOut,
)
from oms.access.models import CommandKind
from oms.payments import capturing, crediting
from oms.payments.credit_models import Credit
from oms.payments.crediting import Opened
from oms.returns import exchanging

router = APIRouter(prefix="/v1", tags=["payments"])


@router.post("/credits", status_code=201)
def open_credit(
    body: CreditIn, session: SessionDep, who: PaymentsWriter, key: IdempotencyKey
) -> NewCreditOut:
    """Make a gift card or store credit, once per idempotency key; empty, if for refunds.

    The code is in the first answer alone: it is kept nowhere. Who missed it asks for another one.
    """
    made: list[Opened] = []

    def carry_out() -> dict[str, Any]:
        opened = crediting.open_credit(
            session,
            kind=body.kind,
            currency=body.currency,
            actor=who.actor,
            expires_at=body.expires_at,
        )
        if body.amount_minor:
            load = f"issue:{opened.credit.id}"
            crediting.load(session, opened.credit, body.amount_minor, key=load, actor=who.actor)
        made.append(opened)
        return {"id": str(opened.credit.id)}

    request = {"do": "open credit", **body.model_dump(mode="json")}
    return _told(session, once(session, CommandKind.PAYMENTS, who, key, request, carry_out), made)


@router.post("/credits/look")
def look(body: CodeIn, session: SessionDep, _who: PaymentsWriter) -> CreditOut:
    """What is left on a card. The code stands in the body, so that no log has it."""
    return _out(crediting.named(session, body.code))


@router.post("/credits/{credit_id}/new-code")
def renew_code(
    credit_id: ItemId, session: SessionDep, who: PaymentsWriter, key: IdempotencyKey
) -> NewCreditOut:
    """Another code for a card, as when the old one was lost or seen; the old one is void."""
    made: list[Opened] = []

    def carry_out() -> dict[str, Any]:
        made.append(crediting.renew_code(session, credit_id, actor=who.actor))
        return {"id": str(credit_id)}

    request = {"do": "renew code", "credit": str(credit_id)}
    return _told(session, once(session, CommandKind.PAYMENTS, who, key, request, carry_out), made)


@router.post("/orders/{order_id}/credit-payments", status_code=201)
def pay(
    order_id: ItemId,
    body: CreditPaymentIn,
    session: SessionDep,
    who: PaymentsWriter,
    key: IdempotencyKey,
) -> StatementOut:
    """Pay an order, or a part of it, with a gift card or store credit, once per idempotency key.

    409 `not_enough_credit`, `credit_expired`, or when the order has less left to pay.
    """

    def carry_out() -> None:
        capturing.take_credit(
            session,
            order_id,
            crediting.named(session, body.code),
            amount_minor=body.amount_minor,
            key=f"{who.actor}:{key}"[:120],
            actor=who.actor,
        )
        exchanging.go_on_if_paid(session, order_id, actor=who.actor)

    request = {"do": "take credit", "order": str(order_id), **body.model_dump(mode="json")}
    return command_of_order(session, who, key, request, order_id, carry_out)


def _told(session: Session, answer: dict[str, Any], made: list[Opened]) -> NewCreditOut:
    row = crediting.read(session, UUID(answer["id"]))
    code = made[0].code if made else None
    return NewCreditOut.model_validate(_out(row).model_dump() | {"code": code})


def _out(row: Credit) -> CreditOut:
    return CreditOut.model_validate(row)
