"""An order's money: what was taken, captured and given back; and a day's for the bookkeeping."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, ItemId, PaymentsReader, PaymentsWriter, SessionDep
from api.schemas.payments import (
    BookedOut,
    CardPaymentIn,
    EntryOut,
    OwedOut,
    PaidOutIn,
    PaymentIn,
    PaymentOut,
    ReconciliationOut,
    RefundIn,
    RefundLineOut,
    RefundOut,
    RepaymentOut,
    StatementOut,
    UncoveredOut,
)
from oms import clock
from oms.access.models import CommandKind
from oms.access.signing_in import Caller
from oms.errors import Invalid
from oms.orders import queries as orders
from oms.payments import capturing, card_client, cards, refunding, statements
from oms.payments.models import Refund
from oms.payments.refunding import Onto
from oms.payments.statements import Statement
from oms.returns import exchanging

router = APIRouter(prefix="/v1", tags=["payments"])


@router.get("/orders/{order_id}/payments")
def read(order_id: ItemId, session: SessionDep, _who: PaymentsReader) -> StatementOut:
    """All of an order's money."""
    return _statement(session, order_id)


@router.post("/orders/{order_id}/payments", status_code=201)
def take(
    order_id: ItemId, body: PaymentIn, session: SessionDep, who: PaymentsWriter, key: IdempotencyKey
) -> StatementOut:
    """Record money that was taken at a till, once per idempotency key.

    409 when it is more than the order has left to pay.
    """

    def carry_out() -> None:
        capturing.take(
            session, order_id, **body.model_dump(), key=f"{who.actor}:{key}"[:120], actor=who.actor
        )
        exchanging.go_on_if_paid(session, order_id, actor=who.actor)

    request = {"do": "take", "order": str(order_id), **body.model_dump(mode="json")}
    return command_of_order(session, who, key, request, order_id, carry_out)


@router.post("/orders/{order_id}/card-payments", status_code=201)
def take_card(
    order_id: ItemId,
    body: CardPaymentIn,
    session: SessionDep,
    who: PaymentsWriter,
    key: IdempotencyKey,
) -> StatementOut:
    """Take over a payment that the shop's checkout made with Stripe (`capture_method: manual`).

    Stripe is asked about it within seconds; what it holds is captured when goods leave. 409 when
    it pays another order.
    """

    def carry_out() -> None:
        cards.claim(session, order_id, body.payment_intent, actor=who.actor)
        card_client.cards()  # names the setting that is missing

    request = {"do": "card", "order": str(order_id), **body.model_dump()}
    return command_of_order(session, who, key, request, order_id, carry_out)


@router.post("/orders/{order_id}/refunds", status_code=201)
def refund(
    order_id: ItemId, body: RefundIn, session: SessionDep, who: PaymentsWriter, key: IdempotencyKey
) -> StatementOut:
    """Give money back, once per idempotency key, by the tenders that it came from.

    409 `refunded_before` for units that were refunded, `not_captured` when nothing is left.
    """

    def carry_out() -> None:
        units = {line.line_id: line.units for line in body.lines}
        if len(units) < len(body.lines):
            raise Invalid(
                "a line is named twice",
                field="lines",
                remedy="add its units up and name it once",
            )
        if not units and not body.goodwill_minor:
            raise Invalid(
                "neither lines nor a goodwill amount are given",
                field="lines",
                remedy="say what is to be given back",
            )
        capturing.settle(session, order_id)
        refunding.refund(
            session,
            order_id,
            units,
            cause=f"asked:{who.actor}:{key}"[:160],
            actor=who.actor,
            onto=Onto(body.credit_id) if body.credit_id else None,
            **body.model_dump(exclude={"lines", "credit_id"}),
        )

    request = {"do": "refund", "order": str(order_id), **body.model_dump(mode="json")}
    return command_of_order(session, who, key, request, order_id, carry_out)


@router.post("/repayments/{repayment_id}/pay")
def pay(
    repayment_id: ItemId,
    body: PaidOutIn,
    session: SessionDep,
    who: PaymentsWriter,
    key: IdempotencyKey,
) -> RepaymentOut:
    """A till has paid the money out. What a channel gives back is settled by its answer alone."""

    def carry_out() -> dict[str, Any]:
        row = refunding.pay(session, repayment_id, reference=body.reference, actor=who.actor)
        return RepaymentOut.model_validate(row).model_dump(mode="json")

    request = {"do": "pay", "repayment": str(repayment_id), **body.model_dump(mode="json")}
    return RepaymentOut.model_validate(
        once(session, CommandKind.PAYMENTS, who, key, request, carry_out)
    )


@router.get("/payments/settlement")
def settlement(
    session: SessionDep, _who: PaymentsReader, day: Annotated[date, Query()]
) -> list[BookedOut]:
    """Every movement of money on a day of UTC."""
    return [BookedOut.model_validate(row) for row in statements.booked_on(session, day)]


@router.get("/payments/settlement.csv", response_class=PlainTextResponse)
def settlement_table(
    session: SessionDep, _who: PaymentsReader, day: Annotated[date, Query()]
) -> PlainTextResponse:
    """The same as a table for the bookkeeping."""
    table = statements.as_csv(statements.booked_on(session, day))
    return PlainTextResponse(table, media_type="text/csv")


@router.get("/payments/reconciliation")
def reconciliation(session: SessionDep, _who: PaymentsReader) -> ReconciliationOut:
    """Refunds that customers still wait for, and goods that left without being paid for."""
    return ReconciliationOut(
        owed=[OwedOut.model_validate(row) for row in statements.owed_repayments(session)],
        uncovered=[
            UncoveredOut.model_validate(row)
            for row in statements.uncovered(session, now=clock.now())
        ],
    )


def command_of_order(
    session: Session,
    who: Caller,
    key: str,
    request: dict[str, Any],
    order_id: UUID,
    carry_out: Callable[[], None],
) -> StatementOut:
    """Carry a command about an order's money out once; the answer is its statement then."""

    def answer() -> dict[str, Any]:
        carry_out()
        session.flush()
        return _statement(session, order_id).model_dump(mode="json")

    return StatementOut.model_validate(
        once(session, CommandKind.PAYMENTS, who, key, request, answer)
    )


def _statement(session: Session, order_id: UUID) -> StatementOut:
    found = statements.of_order(session, orders.named(session, str(order_id)))
    return StatementOut(
        order_id=found.order.id,
        currency=found.order.currency,
        total_minor=found.order.total_minor,
        due_minor=found.due_minor,
        payments=[
            PaymentOut.model_validate(
                one.model_dump()
                | {
                    "entries": [
                        EntryOut.model_validate(entry)
                        for entry in found.entries
                        if entry.payment_id == one.id
                    ]
                }
            )
            for one in found.payments
        ],
        refunds=[_refund(found, one) for one in found.refunds],
    )


def _refund(found: Statement, one: Refund) -> RefundOut:
    lines = [row for row in found.refund_lines if row.refund_id == one.id]
    parts = [row for row in found.repayments if row.refund_id == one.id]
    return RefundOut.model_validate(
        one.model_dump()
        | {
            "lines": [RefundLineOut.model_validate(row) for row in lines],
            "repayments": [RepaymentOut.model_validate(row) for row in parts],
        }
    )
