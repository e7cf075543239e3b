"""Steps of a shipment: labels, voids and tracking."""

from uuid import UUID

from temporalio import activity

from carriers.base import (
    CarrierError,
    LabelFormat,
    NotFound,
    Rate,
    Refused,
    Scan,
    Shipment,
    TrackingRef,
    VoidState,
)
from carriers.comparing import compare
from oms.fulfilments import packing, parcels, scanning
from oms.fulfilments.packing import BoughtLabel
from oms.fulfilments.parcels import OnTheRoad, ToShip
from oms.fulfilments.scanning import CarrierScan
from oms.settings import settings
from oms.sourcing import policies
from oms.sourcing.policy import Policy, carrier_exclusions
from workflows import carriage, views
from workflows.activities.carrying import (
    carrier_errors,
    label_of,
    reference_of,
    registry,
    shipment_of,
)
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step, Subject, View


@activity.defn
def view_shipment(subject: Subject) -> View:
    """Read the shipment."""
    with workflow_time(subject.at), unit_of_work() as session:
        return views.shipment(session, UUID(subject.id))


@activity.defn
def buy_labels(step: Step) -> str:
    """Buy the label of the first parcel that has none, in both formats.

    One at a time, so that each has the whole time of a call; the step is owed until none is left.
    The key is the parcel's own id: a purchase whose answer was lost is found again by it.
    """
    with unit_of_work() as session:
        waiting = parcels.to_label(session, UUID(step.id))
        policy = policies.current(session).policy
    if not waiting:
        return "every parcel has its label"
    one = waiting[0]
    bought = _buy(one, policy)
    with unit_of_work() as session:
        packing.attach_label(session, one.parcel.id, bought, actor=f"carrier:{bought.carrier}")
    return f"the label of parcel {one.parcel.number}; {len(waiting) - 1} to go"


@activity.defn
def void_labels(step: Step) -> str:
    """Give back the labels of a cancelled shipment; what stays pending is asked about later."""
    with workflow_time(step.at), unit_of_work() as session:
        owed = parcels.to_void(session, UUID(step.id))
    for one in owed:
        with carrier_errors():
            state, why = _void(one)
        with workflow_time(step.at), unit_of_work() as session:
            match state:
                case VoidState.VOIDED:
                    parcels.voided(session, one.parcel.id)
                case VoidState.PENDING:
                    parcels.void_pending(session, one.parcel.id)
                case VoidState.REFUSED:
                    parcels.void_refused(session, one.parcel.id, why=why)
    return f"{len(owed)} label(s) given back"


@activity.defn
def track(step: Step) -> str:
    """Ask the carrier for news of every parcel on the road."""
    with unit_of_work() as session:
        travelling = parcels.on_the_road(session, UUID(step.id))
    new = 0
    for one in travelling:
        scans = _scans(one)
        with workflow_time(step.at), unit_of_work() as session:
            new += scanning.add_scans(
                session,
                one.parcel_id,
                [CarrierScan(s.id, s.code.value, s.at, s.place, s.text) for s in scans],
                actor=f"carrier:{one.carrier}",
            )
    return f"{new} new scan(s)"


def _scans(one: OnTheRoad) -> list[Scan]:
    """What the carrier has seen; nothing of a parcel whose first scan is still to come."""
    ref = TrackingRef(tracking_number=one.tracking_number, handed_over_at=one.handed_over_at)
    with carrier_errors():
        carrier = registry().get(one.carrier)
        try:
            return carrier.track(ref)
        except NotFound:
            return []


def _buy(one: ToShip, policy: Policy) -> BoughtLabel:
    """Buy where the choice fell; if that carrier will not, the next attempt chooses anew."""
    with carrier_errors():
        shipment = shipment_of(one)
        rate = _choice(one, shipment, policy)
        carrier = registry().get(rate.carrier)
        try:
            labels = {
                kind: carrier.buy(shipment, rate, kind, str(one.parcel.id)) for kind in LabelFormat
            }
        except CarrierError as error:
            # What was refused may have been the second format of a label that is bought.
            if not error.retryable and carrier.find(shipment.reference) is None:
                with unit_of_work() as session:
                    packing.forget_carrier(session, one.parcel.id)
            raise
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


def _choice(one: ToShip, shipment: Shipment, policy: Policy) -> Rate:
    """The offer to take: the one chosen before, or the best of all, kept before it is bought."""
    kept = _kept_choice(one, shipment)
    if kept is not None:
        return kept
    excluded = carrier_exclusions(
        policy,
        channel=one.channel,
        categories=one.categories,
        country=one.recipient.country,
        region=one.recipient.region,
    )
    found = compare(
        carriage.compared(),
        shipment,
        currency=settings().carrier_currency,
        deliver_by=one.deliver_by,
        sheets=carriage.sheets(),
        excluded=[(one.carrier, one.service, one.reason) for one in excluded],
    )
    with unit_of_work() as session:
        packing.choose_carrier(
            session,
            one.parcel.id,
            carrier=found.chosen.carrier,
            service=found.chosen.service,
            why=found.document(),
        )
    return found.chosen


def _kept_choice(one: ToShip, shipment: Shipment) -> Rate | None:
    """Today's offer of the service that an earlier attempt chose; None to choose anew."""
    if one.parcel.carrier is None:
        return None
    carrier = registry().get(one.parcel.carrier)
    currency, sheets = settings().carrier_currency, carriage.sheets()
    try:
        offers = compare([carrier], shipment, currency=currency, sheets=sheets).offers
    except CarrierError as error:
        if error.retryable:
            raise
        offers = ()
    for rate in offers:
        if rate.service == one.parcel.service:
            return rate
    if carrier.find(shipment.reference) is not None:
        raise Refused(
            f"{carrier.code} has sold a label for {shipment.reference} with"
            f" {one.parcel.service}, which it no longer offers; void it there, then try again",
            code="service_gone",
        )
    return None


def _void(one: ToShip) -> tuple[VoidState, str]:
    """Ask the carrier to take a label back: what it says, and why if it will not.

    Without a number nobody knows whether one was bought, as when the answer was lost: it is
    looked for.
    """
    carrier = registry().get(one.parcel.carrier or settings().carrier)
    number = one.parcel.tracking_number
    label = label_of(one, tracking_number=number) if number else carrier.find(reference_of(one))
    if label is None:
        return VoidState.VOIDED, ""
    try:
        return carrier.void(label), "it is on its way or too old"
    except NotFound as error:
        return VoidState.REFUSED, str(error)
