"""Steps of a pickup."""

from uuid import UUID

from temporalio import activity

from oms.pickup import escalating, expiry, settling
from oms.pickup import queries as pickups
from workflows import views
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step, Subject, View


@activity.defn
def view_pickup(subject: Subject) -> View:
    """Read the pickup of a fulfilment."""
    with workflow_time(subject.at), unit_of_work() as session:
        return views.pickup(session, UUID(subject.id))


@activity.defn
def meet_deadline(step: Step) -> str:
    """Remind the customer or end the waiting, if the pickup is still what was seen."""
    with workflow_time(step.at), unit_of_work() as session:
        waiting = pickups.of_fulfilment(session, UUID(step.id))
        if waiting is None:
            return "no pickup"
        expiry.meet_deadline(session, waiting.id, version=step.version)
        return waiting.status.value


@activity.defn
def settle_hand_over(step: Step) -> str:
    """Make a hand-over final that can no longer be undone."""
    with workflow_time(step.at), unit_of_work() as session:
        waiting = pickups.of_fulfilment(session, UUID(step.id))
        if waiting is None:
            return "no pickup"
        return settling.settle(session, waiting.id).status.value


@activity.defn
def meet_arrival(step: Step) -> str:
    """Call out again for a customer at the car, or stop expecting one who never came."""
    with workflow_time(step.at), unit_of_work() as session:
        waiting = pickups.of_fulfilment(session, UUID(step.id))
        visit = escalating.meet_deadline(session, waiting.id) if waiting is not None else None
        return visit.status.value if visit is not None else "no visit"
