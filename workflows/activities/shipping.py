"""Steps of a shipment: labels, voids and tracking."""

from uuid import UUID

from temporalio import activity

from carriers.base import LabelFormat, TrackingRef
from oms.fulfilments import packing, parcels, scanning
from oms.fulfilments.packing import BoughtLabel
from oms.fulfilments.parcels import ToShip
from oms.fulfilments.scanning import CarrierScan
from oms.settings import settings
from oms.sourcing import policies
from oms.sourcing.policy import Policy, carrier_exclusions
from workflows import views
from workflows.activities.carrying import carrier_errors, cheapest, registry, shipment_of
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step, Subject, View


@activity.defn
def view_shipment(subject: Subject) -> View:
    """Read the shipment."""
    with workflow_time(subject.at), unit_of_work() as session:
        return views.shipment(session, UUID(subject.id))


@activity.defn
def buy_labels(step: Step) -> str:
    """Buy a label for each parcel that has none, in both formats.

    The key is the parcel's own id: a purchase whose answer was lost is found again by it.
    """
    with unit_of_work() as session:
        waiting = parcels.to_label(session, UUID(step.id))
        policy = policies.current(session).policy
    for one in waiting:
        bought = _buy(one, policy)
        with unit_of_work() as session:
            packing.attach_label(session, one.parcel.id, bought, actor=f"carrier:{bought.carrier}")
    return f"{len(waiting)} label(s)"


@activity.defn
def void_labels(step: Step) -> str:
    """Give back the labels of a cancelled shipment."""
    with unit_of_work() as session:
        owed = parcels.to_void(session, UUID(step.id))
    for one in owed:
        with carrier_errors():
            carrier = registry().get(one.parcel.carrier or settings().carrier)
            label = carrier.find(shipment_of(one).reference)
            if label is not None:
                carrier.void(label)
        with unit_of_work() as session:
            parcels.voided(session, one.parcel.id)
    return f"{len(owed)} label(s) given back"


@activity.defn
def track(step: Step) -> str:
    """Ask the carrier for news of every parcel on the road."""
    with unit_of_work() as session:
        travelling = parcels.on_the_road(session, UUID(step.id))
    new = 0
    for one in travelling:
        with carrier_errors():
            scans = (
                registry()
                .get(one.carrier)
                .track(
                    TrackingRef(
                        tracking_number=one.tracking_number, handed_over_at=one.handed_over_at
                    )
                )
            )
        with workflow_time(step.at), unit_of_work() as session:
            new += scanning.add_scans(
                session,
                one.parcel_id,
                [CarrierScan(s.id, s.code.value, s.at, s.place, s.text) for s in scans],
                actor=f"carrier:{one.carrier}",
            )
    return f"{new} new scan(s)"


def _buy(one: ToShip, policy: Policy) -> BoughtLabel:
    excluded = carrier_exclusions(
        policy,
        channel=one.channel,
        categories=one.categories,
        country=one.recipient.country,
        region=one.recipient.region,
    )
    with carrier_errors():
        carrier = registry().get(settings().carrier)
        shipment = shipment_of(one)
        rate = cheapest(carrier.rate(shipment), excluded)
        labels = {
            kind: carrier.buy(shipment, rate, kind, str(one.parcel.id)) for kind in LabelFormat
        }
    label = labels[LabelFormat.PDF]
    return BoughtLabel(
        carrier=label.carrier,
        service=label.service,
        tracking_number=label.tracking_number,
        tracking_url=label.tracking_url,
        cost_minor=label.amount_minor,
        currency=label.currency,
        contents={kind.value: labels[kind].documents[kind] for kind in LabelFormat},
    )
