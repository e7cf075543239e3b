"""The life of a pickup: prepared by people, reminded of, collected or put back."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import pickups
    from workflows.messages import Subject

from workflows.following import Act, Follower

_ACTS = {
    "meet_deadline": Act(pickups.meet_deadline, "Remind the customer, or end the waiting"),
}


@workflow.defn
class PickupFulfilment(Follower):
    """Remind the customer of what waits, and end the waiting when its time is over."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the pickup through; return how it ended."""
        return await self.follow(subject, load=pickups.view_pickup, acts=_ACTS)
