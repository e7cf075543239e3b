"""Tell a customer one thing, once, however often a server is away."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import notices
    from workflows.messages import Subject

from workflows.following import Act, Follower
from workflows.queues import NOTICE_RETRY, NOTIFY

_ACTS = {
    "word": Act(notices.word_notice, "Word it in the customer's language", NOTIFY),
    "send_email": Act(notices.send_email, "Mail it", NOTIFY, outside=True, patience=NOTICE_RETRY),
    "send_sms": Act(notices.send_sms, "Text it", NOTIFY, outside=True, patience=NOTICE_RETRY),
    "send_webhook": Act(
        notices.send_webhook, "Tell the webhooks", NOTIFY, outside=True, patience=NOTICE_RETRY
    ),
}


@workflow.defn
class SendNotice(Follower):
    """Word a notice and send it by every medium that is owed."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the notice told; return its stage."""
        return await self.follow(subject, load=notices.view_notice, acts=_ACTS)
