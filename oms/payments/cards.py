"""Card payments of our own account: what is owed to the provider, and what its answers mean.

The ledger decides, the provider follows: `owed` compares the two, so every step may be taken twice,
late, or after a crash. One capture is made of each authorisation, because the provider lets go of
the rest with it; the rest, and an authorisation that lapses, is authorised anew from the same card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict, NotFound
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.orders import lines as order_lines
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.payments import capturing, ledger, refunding, states
from oms.payments.card_models import CardIntent, IntentStatus
from oms.payments.models import EntryKind, Payment, Provider, Repayment, RepaymentStatus

SYSTEM: Final = "provider:stripe"
HOLDS_FOR: Final = timedelta(days=7)
"""How long an authorisation holds where the provider does not say."""
RENEW_BEFORE: Final = timedelta(hours=6)
ASK_AGAIN: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(hours=24)
"""A payment that its customer has not confirmed by then is not waited for."""
Step = Literal["look", "capture", "void", "renew", "refund"]
Deadline = Literal["look", "replace", "refund"]


@dataclass(frozen=True, slots=True)
class Found:
    """A payment as its provider tells it. `state` is the provider's own word."""

    intent_id: str
    state: str
    currency: str
    capturable_minor: int = 0
    received_minor: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToRefund:
    """Money to be given back; `reference` is the provider's refund, if it was asked for before."""

    repayment_id: UUID
    amount_minor: int
    reference: str


def claim(session: Session, order_id: UUID, intent_id: str, *, actor: str) -> Payment:
    """Take a payment over that the shop's checkout made; the provider is asked about it then.

    The same payment is taken over once; for another order it is refused.
    """
    order = orders.locked(session, order_id)
    known = session.exec(select(CardIntent).where(CardIntent.intent_id == intent_id)).first()
    if known is None:
        return _add(session, order, intent_id, actor=actor)
    if known.order_id != order.id:
        raise Conflict(
            f"{intent_id} pays another order",
            field="payment_intent",
            remedy="make a payment of its own for each order",
        )
    return session.get_one(Payment, known.payment_id)


def owed(session: Session, row: CardIntent) -> list[Step]:
    """What the provider is to be asked or told now, the first thing first."""
    payment = session.get_one(Payment, row.payment_id)
    if row.news:
        return ["look"]
    if row.status is IntentStatus.OPEN:
        if payment.captured_minor > row.captured_minor:
            return ["capture"]
        if ledger.open_minor(payment) == 0:
            return ["void"]
    if row.renew_minor and _is_wanted(session, row):
        return ["renew"]
    new = [one for one in to_refund(session, row.payment_id) if not one.reference]
    return ["refund"] if new else []


def next_deadline(session: Session, row: CardIntent) -> tuple[datetime, Deadline] | None:
    """When to ask again, or to replace an authorisation because it lapses soon."""
    if row.status is IntentStatus.OPEN and row.expires_at is not None:
        return row.expires_at - RENEW_BEFORE, "replace"
    if row.status is IntentStatus.ASKED:
        return clock.now() + ASK_AGAIN, "look"
    if to_refund(session, row.payment_id):
        return clock.now() + ASK_AGAIN, "refund"
    return None


def looked(session: Session, payment_id: UUID, found: Found) -> None:
    """Bring the ledger in line with what the provider says."""
    row, payment, order = locked(session, payment_id)
    row.news = False
    if row.status is IntentStatus.ASKED:
        _first_look(session, row, payment, order, found)
    lapsed = row.status is IntentStatus.OPEN and found.state == "canceled"
    # Where the ledger has captured already, the capture fails and a person is asked.
    if lapsed and payment.captured_minor == row.captured_minor:
        _void_rest(session, row, payment)
        states.move_intent(session, row, IntentStatus.VOIDED, actor=SYSTEM)
    session.flush()
    capturing.settle(session, order.id)  # goods may have left before the card was known to be good


def begin_capture(session: Session, payment_id: UUID) -> int:
    """What is to be captured now, all in all; 0 if nothing is.

    The rest is voided in the ledger first: the provider lets go of it with the capture, so nothing
    may count on it from here on.
    """
    row, payment, _ = locked(session, payment_id)
    if row.status is not IntentStatus.OPEN or payment.captured_minor == row.captured_minor:
        return 0
    _void_rest(session, row, payment)
    return payment.captured_minor


def captured(session: Session, payment_id: UUID, found: Found) -> None:
    """The provider has captured."""
    row, _, _ = locked(session, payment_id)
    if row.status is IntentStatus.OPEN:
        row.captured_minor = found.received_minor
        states.move_intent(session, row, IntentStatus.SPENT, actor=SYSTEM)


def replace(session: Session, payment_id: UUID) -> None:
    """Give an authorisation up that lapses soon; it is let go of, and asked for anew."""
    row, payment, _ = locked(session, payment_id)
    lapses = row.status is IntentStatus.OPEN and row.expires_at is not None
    untouched = payment.captured_minor == row.captured_minor
    if lapses and untouched and clock.now() >= (row.expires_at or clock.now()) - RENEW_BEFORE:
        _void_rest(session, row, payment)
        states.tell_intent(session, row, what="replaced", actor=SYSTEM)


def let_go(session: Session, payment_id: UUID) -> None:
    """The provider has let go of an authorisation of which nothing was captured."""
    row, _, _ = locked(session, payment_id)
    if row.status is IntentStatus.OPEN:
        states.move_intent(session, row, IntentStatus.VOIDED, actor=SYSTEM)


def renewed(session: Session, payment_id: UUID, found: Found) -> None:
    """The rest is authorised anew: a payment of its own, settled with what has left already."""
    row, _, order = locked(session, payment_id)
    row.renew_minor = 0
    payment = claim(session, order.id, found.intent_id, actor=SYSTEM)
    states.tell_intent(session, row, what="renewed", actor=SYSTEM)
    looked(session, payment.id, found)


def to_refund(session: Session, payment_id: UUID) -> Sequence[ToRefund]:
    """What the customer is to have back by this card."""
    rows = session.exec(
        select(Repayment)
        .where(
            Repayment.payment_id == payment_id,
            Repayment.status == RepaymentStatus.OWED,
            col(Repayment.credit_id).is_(None),
        )
        .order_by(col(Repayment.id))
    ).all()
    return [ToRefund(row.id, row.amount_minor, row.reference) for row in rows]


def refund_asked(session: Session, repayment_id: UUID, *, reference: str, given_back: bool) -> None:
    """The provider has the refund; `given_back` when the money is on its way to the customer."""
    if given_back:
        refunding.settled_by_provider(session, repayment_id, reference=reference, actor=SYSTEM)
        return
    row = session.get_one(Repayment, repayment_id, with_for_update=True)
    row.reference = reference[:200]


def heard(session: Session, intent_id: str) -> bool:
    """The provider says that something has happened: it is asked what. False if it is not ours."""
    row = session.exec(
        select(CardIntent).where(CardIntent.intent_id == intent_id).with_for_update()
    ).first()
    if row is None:
        return False
    row.news = True
    states.tell_intent(session, row, what="news", actor=SYSTEM)
    return True


def locked(session: Session, payment_id: UUID) -> tuple[CardIntent, Payment, Order]:
    """A card payment and its order, locked in the sequence that everybody locks in."""
    found = session.get(CardIntent, payment_id)
    if found is None:
        raise NotFound(
            f"there is no card payment {payment_id}",
            field="payment_id",
            remedy="use an id that the order's payments list",
        )
    order = orders.locked(session, found.order_id)
    payments = {one.id: one for one in ledger.locked(session, order.id)}
    row = session.get_one(CardIntent, payment_id, with_for_update=True, populate_existing=True)
    return row, payments[payment_id], order


def _add(session: Session, order: Order, intent_id: str, *, actor: str) -> Payment:
    payment = Payment(
        order_id=order.id,
        provider=Provider.STRIPE,
        tender="card",
        reference=intent_id,
        currency=order.currency,
        created_at=clock.now(),
        created_by=actor,
    )
    session.add(payment)
    session.flush()
    row = CardIntent(
        payment_id=payment.id,
        order_id=order.id,
        intent_id=intent_id,
        news=True,
        asked_at=clock.now(),
    )
    session.add(row)
    session.flush()
    states.tell_intent(session, row, what="asked", actor=actor)
    return payment


def _first_look(
    session: Session, row: CardIntent, payment: Payment, order: Order, found: Found
) -> None:
    held = found.capturable_minor + found.received_minor
    if found.currency != order.currency and held:
        _refuse(session, row, order, f"it is in {found.currency}, the order in {order.currency}")
        return
    match found.state:
        case "requires_capture":
            _enter(session, payment, EntryKind.AUTHORISE, found.capturable_minor)
            row.expires_at = found.expires_at or clock.now() + HOLDS_FOR
            states.move_intent(session, row, IntentStatus.OPEN, actor=SYSTEM)
        case "succeeded":
            for kind in (EntryKind.AUTHORISE, EntryKind.CAPTURE):
                _enter(session, payment, kind, found.received_minor)
            row.captured_minor = found.received_minor
            states.move_intent(session, row, IntentStatus.SPENT, actor=SYSTEM)
        case "canceled" | "requires_payment_method":
            _refuse(session, row, order, f"the provider says {found.state}")
        case _ if clock.now() > row.asked_at + FORGOTTEN_AFTER:
            _refuse(session, row, order, f"it is still {found.state.replace('_', ' ')}")


def _refuse(session: Session, row: CardIntent, order: Order, why: str) -> None:
    states.move_intent(session, row, IntentStatus.REFUSED, actor=SYSTEM)
    open_case(
        session,
        kind=ExceptionKind.WORKFLOW_STUCK,
        cause_type="payment",
        cause_id=row.payment_id,
        order_id=order.id,
        detail=f"{row.intent_id} does not pay order {order.display_number}: {why}",
        remedy="ask the customer to pay in another way, or cancel the order",
    )


def _void_rest(session: Session, row: CardIntent, payment: Payment) -> None:
    """Void in the ledger what the provider will not hold, and remember to ask for it again."""
    rest = ledger.open_minor(payment)
    if rest > 0:
        _enter(session, payment, EntryKind.VOID, rest)
        row.renew_minor = rest


def _enter(session: Session, payment: Payment, kind: EntryKind, amount_minor: int) -> None:
    key = f"{kind.value}:{payment.reference}:{payment.id}"
    ledger.enter(session, payment, kind, amount_minor, key=key[:160], actor=SYSTEM)


def _is_wanted(session: Session, row: CardIntent) -> bool:
    """Whether goods of the order are still to be sent, or were sent without being paid for."""
    order = session.get_one(Order, row.order_id)
    waits = any(order_lines.open_units(line) for line in orders.lines(session, order.id))
    return waits and capturing.due_minor(session, order) > 0
