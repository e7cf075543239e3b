"""The life of a shipment: picked and packed by people, labelled, handed over, tracked."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import shipping
    from workflows.messages import Subject

from workflows.following import Act, Follower
from workflows.queues import CARRIER, LABEL_CALL

_ACTS = {
    "buy_labels": Act(
        shipping.buy_labels, "Buy a carrier's label", CARRIER, outside=True, takes=LABEL_CALL
    ),
    "void_labels": Act(shipping.void_labels, "Give labels back", CARRIER, outside=True),
    "track": Act(shipping.track, "Ask the carrier where it is", CARRIER, outside=True),
}


@workflow.defn
class ShipFulfilment(Follower):
    """Buy labels when it is packed, follow the parcels when they have left."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the shipment through; return how it ended."""
        return await self.follow(subject, load=shipping.view_shipment, acts=_ACTS)
