"""Steps of a return. Each looks at the rows first and may run twice."""

from uuid import UUID

from temporalio import activity

from oms.money import show
from oms.returns import settling
from workflows import return_views
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step, Subject, View


@activity.defn
def view_return(subject: Subject) -> View:
    """Read the return."""
    with workflow_time(subject.at), unit_of_work() as session:
        return return_views.view(session, UUID(subject.id))


@activity.defn
def give_money_back(step: Step) -> str:
    """Refund what came, once, by the tenders that the money came from."""
    with workflow_time(step.at), unit_of_work() as session:
        made = settling.give_money_back(session, UUID(step.id))
        if made is None:
            return "nothing owed"
        return f"refund {made.number}: {show(made.amount_minor, currency=made.currency)}"


@activity.defn
def close_return(step: Step) -> str:
    """End the return if nothing is left to do."""
    with workflow_time(step.at), unit_of_work() as session:
        return settling.close(session, UUID(step.id)).status.value


@activity.defn
def meet_return_deadline(step: Step) -> str:
    """Remind the customer or end the waiting, if the return is still what was seen."""
    with workflow_time(step.at), unit_of_work() as session:
        row = settling.meet_deadline(session, UUID(step.id), version=step.version)
        return row.status.value
