"""The life of a pickup: prepared by people, reminded of, collected or put back.

A hand-over is final a minute after it was made; until then it can be undone.

A customer who comes by car is part of it: whoever waits outside too long is called out again.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import pickups
    from workflows.messages import Subject

from workflows.following import Act, Follower

_ACTS = {
    "meet_deadline": Act(pickups.meet_deadline, "Remind the customer, or end the waiting"),
    "settle_hand_over": Act(pickups.settle_hand_over, "The hand-over can no longer be undone"),
    "meet_arrival": Act(pickups.meet_arrival, "Nobody attends to the customer at the car"),
}


@workflow.defn
class PickupFulfilment(Follower):
    """Remind the customer of what waits, and end the waiting when its time is over."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the pickup through; return how it ended."""
        return await self.follow(subject, load=pickups.view_pickup, acts=_ACTS)
