"""A card payment as its workflow sees it."""

from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms.errors import NotFound
from oms.money import show
from oms.orders.models import Order
from oms.payments import cards
from oms.payments.card_models import CardIntent, IntentStatus
from oms.payments.models import Payment
from workflows.messages import View
from workflows.views import attributes_of, link_to

_SAID: Final = {
    IntentStatus.ASKED: "waits for the customer or for the provider",
    IntentStatus.OPEN: "is held on the card",
    IntentStatus.SPENT: "is charged",
    IntentStatus.VOIDED: "was let go",
    IntentStatus.REFUSED: "is not good",
}


def view(session: Session, payment_id: UUID) -> View:
    """What is owed to the provider, and until when the card is held."""
    row = session.get(CardIntent, payment_id)
    if row is None:
        raise NotFound(f"there is no card payment {payment_id}", field="payment_id")
    parent = session.get_one(Order, row.order_id)
    payment = session.get_one(Payment, payment_id)
    owed = cards.owed(session, row)
    deadline, at_deadline = cards.next_deadline(session, row) or (None, "")
    money = show(payment.authorised_minor, currency=payment.currency)
    return View(
        stage=row.status.value,
        version=row.version,
        closed=not owed and deadline is None,
        details=f"**{money} {_SAID[row.status]}** · {row.intent_id}" + link_to(parent),
        attributes=attributes_of(parent, kind="payment", stage=row.status.value)
        | {"OmsExternalRef": row.intent_id},
        owed=list(owed),
        deadline=deadline,
        at_deadline=at_deadline,
    )


def summary(row: CardIntent, parent: Order) -> str:
    """One line that tells a card payment from the others."""
    return f"Card payment · {parent.display_number} · {row.intent_id}"
