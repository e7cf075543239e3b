"""Steps of a transfer."""

from uuid import UUID

from temporalio import activity

from oms.transfers import overdue
from workflows import transfer_view
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step, Subject, View


@activity.defn
def view_transfer(subject: Subject) -> View:
    """Read the transfer."""
    with workflow_time(subject.at), unit_of_work() as session:
        return transfer_view.transfer(session, UUID(subject.id))


@activity.defn
def ask_where_it_is(step: Step) -> str:
    """Open a case for a transfer that should have come, if it still is what was seen."""
    with workflow_time(step.at), unit_of_work() as session:
        asked = overdue.ask_where_it_is(session, UUID(step.id), version=step.version)
        return "asked" if asked else "nothing is due"
