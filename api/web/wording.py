"""The words that pages use for what the system calls by code."""

from typing import Final

from oms.audit.models import AuditRow
from oms.exceptions.models import ExceptionKind
from oms.fulfilments.models import RejectReason
from oms.fulfilments.short_models import ShortReason, WayOut
from oms.imports.models import ImportKind, ImportStatus
from oms.inventory.adjusting import AdjustReason
from oms.inventory.models import MovementKind, StockMovement
from oms.ordering.ways_out import Option
from oms.orders.models import Delivery, HoldKind, OrderStatus
from oms.payments.models import EntryKind, Provider
from oms.pickup.models import Proof
from oms.pickup.staging_models import Temperature
from oms.pickup.waves import Scanned, ScanOutcome
from oms.returns.models import Condition, Disposition, ReturnStatus
from oms.transfers.models import TransferStatus

STEPS: Final = {
    "new": "New",
    "picking": "Picking",
    "ready": "Ready",
    "handing_over": "Just handed over",
    "expired": "Expired",
    "collected": "Collected",
    "to_put_back": "To be put back",
    "put_back": "Put back",
    "cancelled": "Cancelled",
    "packing": "Packing",
    "packed": "Packed",
    "unlabelled": "Label given back",
    "labelled": "Labelled",
    "handed_over": "With the carrier",
    "delivered": "Delivered",
    "rejected": "Given back",
    "lost": "Lost",
    "returned": "Returned to sender",
}

STATUSES: Final = {
    OrderStatus.HELD: "On hold",
    OrderStatus.BACKORDERED: "Waiting for stock",
    OrderStatus.CAPTURED: "Captured",
    OrderStatus.IN_FULFILMENT: "In preparation",
    OrderStatus.READY_FOR_PICKUP: "Ready for pickup",
    OrderStatus.PARTLY_FULFILLED: "Partly fulfilled",
    OrderStatus.SHIPPED: "Shipped",
    OrderStatus.FULFILLED: "Fulfilled",
    OrderStatus.CANCELLED: "Cancelled",
}

TRANSFERS: Final = {
    TransferStatus.REQUESTED: "Asked for",
    TransferStatus.PICKED: "In the box",
    TransferStatus.SHIPPED: "On the way",
    TransferStatus.RECEIVED: "Received",
    TransferStatus.LOST: "Never came",
    TransferStatus.CANCELLED: "Called off",
}

RETURNS: Final = {
    ReturnStatus.ASKED: "Waits for an answer",
    ReturnStatus.AUTHORISED: "Goods may come",
    ReturnStatus.REFUSED: "Refused",
    ReturnStatus.IN_TRANSIT: "On its way back",
    ReturnStatus.RECEIVED: "To be inspected",
    ReturnStatus.INSPECTED: "To be decided on",
    ReturnStatus.CLOSED: "Closed",
    ReturnStatus.EXPIRED: "Never came",
    ReturnStatus.CANCELLED: "Called off",
}

CONDITIONS: Final = {
    Condition.AS_NEW: "as new",
    Condition.OPENED: "opened",
    Condition.WORN: "worn",
    Condition.DAMAGED: "damaged",
    Condition.FAULTY: "faulty",
}

DISPOSITIONS: Final = {
    Disposition.SELLABLE: "sold again here",
    Disposition.TRANSFER: "sent to another location",
    Disposition.REFURBISH: "to be refurbished",
    Disposition.WRITE_OFF: "written off",
    Disposition.SUPPLIER: "back to the supplier",
}

RETURN_REASONS: Final = (
    "changed my mind",
    "too small",
    "too large",
    "not as described",
    "came damaged",
    "does not work",
    "came too late",
    "another reason",
)

PROVIDERS: Final = {
    Provider.CHANNEL: "at the channel",
    Provider.TILL: "at a till",
    Provider.STRIPE: "at Stripe",
    Provider.CREDIT: "of ours",
}

MONEY: Final = {
    EntryKind.AUTHORISE: "Authorised",
    EntryKind.CAPTURE: "Captured",
    EntryKind.VOID: "Voided",
    EntryKind.REFUND: "Given back",
}

DELIVERIES: Final = {Delivery.SHIP: "Ship", Delivery.PICKUP: "Pickup in store"}

REASONS: Final = {
    RejectReason.NOT_FOUND: "Not found",
    RejectReason.DAMAGED: "Damaged",
    RejectReason.TOO_BUSY: "Too busy",
    RejectReason.CLOSED: "Closed",
}

ADJUSTMENTS: Final = {
    AdjustReason.DAMAGED: "Damaged",
    AdjustReason.LOST: "Lost or stolen",
    AdjustReason.EXPIRED: "Expired",
    AdjustReason.OWN_USE: "Used in the store",
    AdjustReason.FOUND: "Found",
    AdjustReason.CORRECTION: "Correction",
}

MOVEMENTS: Final = {
    MovementKind.RECEIVE: "Received",
    MovementKind.COUNT: "Counted",
    MovementKind.ADJUST: "Adjusted",
    MovementKind.RESERVE: "Reserved for an order",
    MovementKind.RELEASE: "Reservation released",
    MovementKind.SHIP: "Shipped",
    MovementKind.COLLECT: "Collected",
    MovementKind.PUT_BACK: "Put back",
    MovementKind.WRITE_OFF: "Written off",
    MovementKind.TRANSFER_OUT: "Sent to another location",
    MovementKind.TRANSFER_IN: "Came from another location",
}

IMPORTS: Final = {
    ImportStatus.WAITING: "Waiting for a worker",
    ImportStatus.RUNNING: "Running",
    ImportStatus.DONE: "Done",
    ImportStatus.REFUSED: "Refused",
}

KINDS: Final = {
    ImportKind.PRODUCTS: "Products",
    ImportKind.LOCATIONS: "Locations",
    ImportKind.STOCK: "Stock",
    ImportKind.LISTINGS: "Listings",
    ImportKind.PRICES: "Prices",
    ImportKind.ORDERS: "Opening orders",
    ImportKind.BINS: "Bins",
    ImportKind.BOXES: "Boxes",
}

HOLDS: Final = {
    HoldKind.PAYMENT: "Payment",
    HoldKind.FRAUD: "Suspected fraud",
    HoldKind.ADDRESS: "Address to be checked",
    HoldKind.MANUAL: "Held by hand",
    HoldKind.PREORDER: "Not released yet",
    HoldKind.CANCEL_REQUESTED: "The buyer asks to cancel",
}

CASES: Final = {
    ExceptionKind.UNKNOWN_SKU: "Unknown article",
    ExceptionKind.MALFORMED_ORDER: "Order cannot be read",
    ExceptionKind.UNKNOWN_STORE: "Unknown store",
    ExceptionKind.CANNOT_FILL: "Cannot be filled",
    ExceptionKind.CHANGE_REFUSED: "Change comes too late",
    ExceptionKind.WRITEBACK_FAILED: "Channel was not told",
    ExceptionKind.CARRIER_FAILED: "Carrier failed",
    ExceptionKind.PARCEL_LOST: "Parcel lost or returned",
    ExceptionKind.WORKFLOW_STUCK: "Workflow is stuck",
    ExceptionKind.CUSTOMER_WAITS: "Customer waits at the car",
    ExceptionKind.TRANSFER_LATE: "Transfer has not come",
    ExceptionKind.NOTICE_FAILED: "Customer was not told",
    ExceptionKind.ARRIVED_WRONG: "Did not arrive well",
    ExceptionKind.INTERNAL: "Fault on our side",
}

SHORT_REASONS: Final = {
    ShortReason.NOT_FOUND: "Not found",
    ShortReason.DAMAGED: "Damaged",
    ShortReason.RESERVED: "Somebody else has it in hand",
}

WAYS: Final = {
    WayOut.OTHER_BIN: "Look in another bin",
    WayOut.LATER: "Wait for what is coming",
    WayOut.TRANSFER: "Have it sent here",
    WayOut.CANCEL: "Cancel it",
}

WAYS_DONE: Final = {
    WayOut.OTHER_BIN: "look in the other bin",
    WayOut.LATER: "comes later, the customer agrees",
    WayOut.TRANSFER: "sent here from elsewhere, the customer agrees",
    WayOut.CANCEL: "cancelled",
}

TEMPERATURES: Final = {
    Temperature.AMBIENT: "At room temperature",
    Temperature.CHILLED: "Chilled",
    Temperature.FROZEN: "Frozen",
}

PROOFS: Final = {
    Proof.QR: "QR code",
    Proof.CODE: "6-digit code",
    Proof.IDENTITY: "identity document",
}

DOCUMENTS: Final = (
    "passport",
    "identity card",
    "driving licence",
    "residence permit",
    "other official document with a photograph",
)

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


def way_out(option: Option) -> str:
    """A way out in words, with the place that it names."""
    if option.bin is not None:
        return f"Look in {option.bin.name}"
    if option.from_location is not None:
        return f"Have it sent here from {option.from_location.name}"
    return WAYS[option.way]


def scanned(scan: Scanned) -> str:
    """What became of a scan, in words."""
    match scan.outcome:
        case ScanOutcome.ASSIGNED:
            of = f"{scan.picked} of {scan.quantity}"
            return f"Tote {scan.tote}: {scan.name} for {scan.order_number}. {of}."
        case ScanOutcome.COMPLETE:
            return f"{scan.name}: all {scan.quantity} are collected already."
        case ScanOutcome.WRONG:
            what = f"{scan.name} ({scan.code})" if scan.name else scan.code
            return f"Wrong article: {what} is not wanted in this wave. Put it back."


def event(row: AuditRow) -> str:
    """What happened, in words."""
    return _EVENTS.get(row.action, row.action.replace("_", " ").replace(".", ": "))


def movement(row: StockMovement) -> str:
    """What a ledger row says happened; with the reason, where a person gave one."""
    said = MOVEMENTS.get(row.kind, row.kind.value.replace("_", " "))
    if row.reason:
        known = row.reason in set(AdjustReason)
        reason = ADJUSTMENTS[AdjustReason(row.reason)].lower() if known else row.reason
        return f"{said}: {reason}"
    return f"{said} by import" if row.cause_type == "import" else said


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
