"""What happened to an order, in the words of its timeline."""

from typing import Final

from oms.audit.models import AuditRow

_EVENTS: Final = {
    "order.captured": "Order taken in",
    "order.imported": "Order taken over by import",
    "order.revised": "Order changed by its channel",
    "order.routed": "Locations chosen",
    "order.held": "Put on hold",
    "order.released": "Hold released",
    "order.cancelled": "Cancelled",
    "order.moved": "Goes another way, as its customer chose",
    "order.trimmed": "Its customer cancelled a part",
    "order.collector_named": "Its customer named who may collect",
    "order.collector_removed": "Its customer took a name off",
    "order.arrival_answered": "Its customer said whether it arrived well",
    "order.refunded": "Money is given back",
    "repayment.owed": "Money is owed back",
    "repayment.paid": "Money was given back",
    "order.reroute_asked": "Asked to be routed again",
    "order.release_asked": "Asked to be routed without waiting",
    "order.place_moved": "Moved to a better place by a joint run",
    "fulfilment.allocated": "Work given to a location",
    "fulfilment.picking": "Picking started",
    "fulfilment.packed": "Everything picked and packed",
    "fulfilment.handed_over": "Goods left the house",
    "fulfilment.delivered": "Delivered",
    "fulfilment.rejected": "Location gave the work back",
    "fulfilment.cancelled": "Location's work called off",
    "fulfilment.lost": "Lost on the way",
    "fulfilment.returned": "Returned to sender",
    "fulfilment.packing": "Packing started",
    "parcel.labelled": "Label bought",
    "parcel.label_printed": "Label printed",
    "parcel.label_reprinted": "Label printed again",
    "parcel.label_given_back": "Label given back",
    "parcel.label_wanted": "Another label wanted",
    "parcel.in_transit": "Parcel on its way",
    "parcel.out_for_delivery": "Parcel out for delivery",
    "parcel.carrier_chosen": "Carrier chosen",
    "parcel.delivery_failed": "Delivery attempt failed",
    "parcel.delivered": "Parcel delivered",
    "parcel.returned": "Parcel returned to sender",
    "parcel.lost": "Parcel lost, says the carrier",
    "pickup.created": "Pickup opened at the store",
    "pickup.picking": "An associate took the pickup",
    "pickup.short_picked": "Units were not there",
    "pickup.lessened": "Customer wants less of it",
    "pickup.packed": "Package closed",
    "pickup.unpacked": "Package opened again",
    "pickup.staged": "Package put on its shelf",
    "pickup.ready": "Ready at the counter; customer told",
    "pickup.reminded": "Customer reminded",
    "pickup.expired": "Nobody came in time",
    "pickup.put_back": "Goods back on the sales shelf",
    "pickup.handing_over": "Handed to the customer; can be undone",
    "pickup.hand_over_undone": "Hand-over undone",
    "pickup.collected": "Handed over to the customer",
    "pickup.part_collected": "A part was collected; the rest waits",
    "pickup.waits_longer": "Waits longer: the store's hours changed",
    "pickup.promised_later": "Promised for later: the store's hours changed",
    "pickup.declined": "Customer does not want it",
    "pickup.to_put_back": "Called off; the goods are to be put back",
    "pickup.cancelled": "Pickup called off",
    "pickup.wrong_code": "A wrong pickup code was shown",
    "arrival.on_the_way": "Customer is on the way",
    "arrival.here": "Customer is at the car",
    "arrival.taken": "An associate goes to the car",
    "arrival.escalated": "Customer waits at the car; called out again",
    "arrival.served": "Served at the car",
    "arrival.gone": "Customer left, or never came",
    "order.slot_booked": "Slot booked",
    "order.slot_released": "Slot given back",
    "transfer.requested": "Asked for at another location",
    "transfer.picked": "Picked for the transfer",
    "transfer.shipped": "On the way to the store",
    "transfer.received": "Come to the store",
    "transfer.lost": "Sent to the store, and never came",
    "transfer.cancelled": "Transfer called off",
    "card.asked": "Card payment taken over",
    "card.open": "Card authorised",
    "card.spent": "Card charged",
    "card.voided": "Card let go",
    "card.refused": "Card payment is not good",
    "card.renewed": "Card authorised anew",
    "card.replaced": "Card is to be authorised anew",
    "card.news": "Card’s provider has news",
    "payment.authorise": "Money authorised",
    "payment.capture": "Money captured",
    "payment.void": "Authorisation let go",
    "payment.refund": "Money to be given back",
    "return.labelled": "Label bought for the return",
    "return.label_given_back": "Label of the return given back",
    "return.arrived": "Parcel of the return arrived",
    "return.exchanged": "Other goods are had instead",
    "return.asked": "Return asked for",
    "return.authorised": "Return authorised",
    "return.refused": "Return refused",
    "return.in_transit": "Goods on their way back",
    "return.received": "Goods came back",
    "return.received_more": "More goods came back",
    "return.looked_at": "Goods inspected",
    "return.inspected": "All goods inspected",
    "return.disposed": "Goods decided on",
    "return.refunded": "Return refunded",
    "return.reminded": "Customer reminded of the return",
    "return.expired": "Goods never came",
    "return.cancelled": "Return called off",
    "return.closed": "Return closed",
    "writeback.accepted": "Channel has been told",
    "writeback.dead": "Channel could not be told",
    "exception.resolved": "Exception resolved",
}

_FACTS: Final = {
    "carrier": "carrier {}",
    "changes": "{}",
    "condition": "{}",
    "disposition": "{}",
    "channel": "from {}",
    "boxes": "{}",
    "error": "{}",
    "kind": "{}",
    "locations": "{}",
    "proof": "by {}",
    "reason": "{}",
    "reference": "reference {}",
    "refund": "refund {}",
    "rejected": "{}",
    "reminder": "reminder {}",
    "rest": "the rest {}",
    "resolution": "{}",
    "package": "package {}",
    "shelf": "shelf {}",
    "sku": "{}",
    "skus": "{}",
    "taken_over_from": "taken over from {}",
    "tracking": "{}",
    "way": "{}",
}

_COUNTS: Final = {
    "forgotten": ("refusal", "forgotten"),
    "lines": ("line", ""),
    "minutes": ("minute", ""),
    "unfilled": ("line", "unfilled"),
    "units": ("unit", ""),
}


def event(row: AuditRow) -> str:
    """What happened, in words."""
    return _EVENTS.get(row.action, row.action.replace("_", " ").replace(".", ": "))


def facts(row: AuditRow) -> str:
    """The facts of an audit row that a person wants, in words."""
    said = []
    for name, value in row.facts.items():
        if name in _COUNTS and isinstance(value, int) and value:
            noun, more = _COUNTS[name]
            said.append(f"{value} {noun}{'' if value == 1 else 's'} {more}".strip())
        form = _FACTS.get(name)
        if form is None or value in (None, "", [], 0, False):
            continue
        if isinstance(value, list):
            value = ", ".join(str(one) for one in value)
        said.append(form.format(str(value).replace("_", " ")))
    return " · ".join(said)
