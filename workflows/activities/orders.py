"""Steps of an order."""

from uuid import UUID

from temporalio import activity

from oms.ordering import cancelling, rerouting
from oms.sourcing import routing_orders
from workflows import views
from workflows.activities.work import final_rules, unit_of_work, workflow_time
from workflows.messages import Order, Step, Subject, View

_OPERATOR = "operator:temporal"


@activity.defn
def view_order(subject: Subject) -> View:
    """Read the order."""
    with workflow_time(subject.at), unit_of_work() as session:
        return views.order(session, UUID(subject.id))


@activity.defn
def route(step: Step) -> str:
    """Choose the locations for what is open, and give them their work."""
    with workflow_time(step.at), final_rules():
        routed = routing_orders.route(UUID(step.id), actor="system")
    if routed is None:
        return "nothing to route"
    return f"{len(routed.fulfilment_ids)} fulfilment(s), {routed.unfilled} line(s) unfilled"


@activity.defn
def cancel(wish: Order) -> str:
    """Call an order off, as its page does."""
    with unit_of_work() as session:
        order = cancelling.cancel(session, UUID(wish.id), actor=_OPERATOR, reason=wish.reason)
        return order.status.value


@activity.defn
def reroute(wish: Order) -> str:
    """Let every location be asked again."""
    with unit_of_work() as session:
        forgotten = rerouting.forget_rejections(session, UUID(wish.id), actor=_OPERATOR)
    return f"{forgotten} refusal(s) forgotten"


@activity.defn
def release_now(wish: Order) -> str:
    """Let an order that waits for joint routing go on."""
    with unit_of_work() as session:
        return rerouting.release_now(session, UUID(wish.id), actor=_OPERATOR).status.value
