"""Labels of returning parcels and where those parcels are. Each step may run twice."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio import activity

from carriers.base import (
    CarrierError,
    Label,
    LabelFormat,
    NotFound,
    Parcel,
    Rate,
    Shipment,
    TrackingRef,
)
from carriers.comparing import compare
from oms import clock
from oms.returns import labels, queries
from oms.returns.labels import Bought, ReturnParcel
from oms.settings import settings
from workflows import carriage
from workflows.activities.carrying import address_of, carrier_errors, place_of, registry
from workflows.activities.work import unit_of_work, workflow_time
from workflows.messages import Step

_IN_NO_HURRY: Final = timedelta(days=60)
"""Goods that come back may take the cheapest way."""


@activity.defn
def buy_return_label(step: Step) -> str:
    """Buy the customer's label, once; the key is the return's own id."""
    with workflow_time(step.at), unit_of_work() as session:
        parcel = labels.to_buy(session, UUID(step.id))
    if parcel is None:
        return "no label is owed"
    with carrier_errors():
        bought = _buy(parcel)
    with workflow_time(step.at), unit_of_work() as session:
        row = labels.attach(session, parcel.return_id, bought)
        return f"{row.carrier} {row.tracking_number}"


@activity.defn
def give_return_label_back(step: Step) -> str:
    """Ask the carrier to take back a label that nobody uses."""
    with unit_of_work() as session:
        kept = labels.of_return(session, UUID(step.id))
        number = queries.read(session, UUID(step.id)).number
    if kept is None:
        return "there is none"
    with carrier_errors():
        carrier = registry().get(kept.carrier)
        label = Label(
            carrier=kept.carrier,
            service=kept.service,
            reference=_reference(number or 0),
            tracking_number=kept.tracking_number,
            tracking_url=kept.tracking_url,
            amount_minor=kept.cost_minor,
            currency=kept.currency,
            documents={},
        )
        state = carrier.void(label)
    with workflow_time(step.at), unit_of_work() as session:
        labels.given_back(session, UUID(step.id))
    return state.value


@activity.defn
def track_return(step: Step) -> str:
    """Ask the carrier for news of the parcel."""
    with unit_of_work() as session:
        label = labels.of_return(session, UUID(step.id))
        sent_at = queries.read(session, UUID(step.id)).sent_at
    if label is None:
        return "no parcel to follow"
    ref = TrackingRef(
        tracking_number=label.tracking_number, handed_over_at=sent_at, bought_at=label.bought_at
    )
    with carrier_errors():
        try:
            scans = registry().get(label.carrier).track(ref)
        except NotFound:
            scans = []
    with workflow_time(step.at), unit_of_work() as session:
        events = [(one.code.value, one.at) for one in scans]
        new = labels.scanned(session, UUID(step.id), events, actor=f"carrier:{label.carrier}")
    return f"{new} news"


def _buy(parcel: ReturnParcel) -> Bought:
    """Buy where the choice fell; if that carrier will not, the next attempt chooses anew."""
    shipment = _shipment(parcel)
    rate = _choice(parcel, shipment)
    with unit_of_work() as session:
        labels.choose(session, parcel, carrier=rate.carrier, service=rate.service)
    carrier = registry().get(rate.carrier)
    try:
        label = carrier.buy(shipment, rate, LabelFormat.PDF, str(parcel.return_id))
    except CarrierError as error:
        if not error.retryable and carrier.find(shipment.reference) is None:
            with unit_of_work() as session:
                labels.choose(session, parcel, carrier="", service="")
        raise
    return Bought(
        tracking_number=label.tracking_number,
        tracking_url=label.tracking_url,
        cost_minor=rate.amount_minor if label.amount_minor is None else label.amount_minor,
        currency=label.currency or rate.currency,
        pdf=label.documents[LabelFormat.PDF],
    )


def _choice(parcel: ReturnParcel, shipment: Shipment) -> Rate:
    """Today's offer of the service that was chosen before, or the cheapest of all."""
    chosen = [registry().get(parcel.carrier)] if parcel.carrier else carriage.compared()
    found = compare(
        chosen,
        shipment,
        currency=settings().carrier_currency,
        deliver_by=clock.now().date() + _IN_NO_HURRY,
        sheets=carriage.sheets(),
    )
    return next((one for one in found.offers if one.service == parcel.service), found.chosen)


def _shipment(parcel: ReturnParcel) -> Shipment:
    return Shipment(
        reference=_reference(parcel.number),
        sender=address_of(parcel.sender, phone=parcel.phone),
        recipient=place_of(parcel.recipient),
        parcel=Parcel(
            weight_g=parcel.weight_g,
            length_mm=parcel.length_mm,
            width_mm=parcel.width_mm,
            height_mm=parcel.height_mm,
        ),
        ship_on=clock.now().date(),
        value_minor=parcel.value_minor,
        currency=parcel.currency,
        notes=(f"Return {parcel.number}", f"Order {parcel.order_number}"),
    )


def _reference(number: int) -> str:
    return f"R{number}"
