"""The life of a card payment with our own account: held, charged when goods leave, given back."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import cards
    from workflows.messages import Subject

from workflows.following import Act, Follower
from workflows.queues import PAYMENTS

_ACTS = {
    "look": Act(cards.look, "Ask Stripe how the payment is", PAYMENTS, outside=True),
    "capture": Act(cards.capture, "Charge the card for what left", PAYMENTS, outside=True),
    "void": Act(cards.void, "Let go of the card", PAYMENTS, outside=True),
    "replace": Act(cards.replace, "Give up an authorisation that lapses"),
    "renew": Act(cards.renew, "Authorise the rest anew", PAYMENTS, outside=True),
    "refund": Act(cards.refund, "Give the money back to the card", PAYMENTS, outside=True),
}


@workflow.defn
class CardPayment(Follower):
    """Follow the ledger at the provider. Spent, it ends; a refund starts it again."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the payment through; return how it ended."""
        return await self.follow(subject, load=cards.view_card, acts=_ACTS)
