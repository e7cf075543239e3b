"""The life of an order: held or released, routed, then watched until every part is closed."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from workflows.activities import orders
    from workflows.messages import Order, Subject
    from workflows.queues import DATABASE_CALL, DATABASE_RETRY

from workflows.following import Act, Follower

_ACTS = {
    "release": Act(orders.route, "Its wait for joint routing is over: give the locations work"),
    "route": Act(orders.route, "Choose the locations and give them their work"),
    "retry_backorder": Act(orders.route, "Look again for stock of what is backordered"),
}


@workflow.defn
class OrderWorkflow(Follower):
    """Route the order when nothing holds it, and again whatever comes back."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """See the order through; return how it ended."""
        return await self.follow(subject, load=orders.view_order, acts=_ACTS)

    @workflow.update
    async def cancel(self, reason: str) -> str:
        """Call off whatever has not left the house, as the order's page does."""
        return await workflow.execute_activity(
            orders.cancel,
            Order(_order_id(), reason),
            summary="Cancel, asked by an operator",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )

    @cancel.validator
    def refuse_without_reason(self, reason: str) -> None:
        """An order is not called off for nothing."""
        if not reason.strip():
            raise ApplicationError("say why the order is cancelled", type="no_reason")

    @workflow.update
    async def force_reroute(self) -> str:
        """Forget which locations gave the order back, and route it again."""
        return await workflow.execute_activity(
            orders.reroute,
            Order(_order_id(), "asked by an operator"),
            summary="Route again, asked by an operator",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )

    @workflow.update
    async def release_now(self) -> str:
        """End the wait for joint routing."""
        return await workflow.execute_activity(
            orders.release_now,
            Order(_order_id(), "asked by an operator"),
            summary="Route now, asked by an operator",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )


def _order_id() -> str:
    return workflow.info().workflow_id.partition(":")[2]
