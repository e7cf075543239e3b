"""Steps of a manifest."""

from uuid import UUID

from temporalio import activity

from carriers.base import FilesManifests
from oms.fulfilments import filing
from workflows import manifest_view
from workflows.activities.carrying import carrier_errors, label_of, registry
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step, Subject, View


@activity.defn
def view_manifest(subject: Subject) -> View:
    """Read the manifest."""
    with workflow_time(subject.at), unit_of_work() as session:
        return manifest_view.manifest(session, UUID(subject.id))


@activity.defn
def file_manifest(step: Step) -> str:
    """Tell the carrier what it takes, if it wants to know; done once, however often it is asked.

    The key is the manifest's own id: a list whose answer was lost is found again by it.
    """
    with unit_of_work() as session:
        found = filing.owed(session, UUID(step.id))
    if found is None:
        return "nothing is owed"
    manifest, parcels = found
    with carrier_errors():
        carrier = registry().get(manifest.carrier)
        form = None
        if isinstance(carrier, FilesManifests):
            labels = [
                label_of(one, tracking_number=one.parcel.tracking_number or "") for one in parcels
            ]
            form = carrier.manifest(labels, key=step.id)
    with unit_of_work() as session:
        if form is None:
            filing.settled(session, manifest.id)
            return f"{manifest.carrier} wants no list of its own"
        filing.settled(session, manifest.id, reference=form.reference, document=form.document)
    return f"filed as {form.reference}"
