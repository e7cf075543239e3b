"""The words that pages use for what the system calls by code."""

from typing import Final

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


def movement(row: StockMovement) -> str:
    """What a ledger row says happened; with the reason, where a person gave one."""
    said = MOVEMENTS.get(row.kind, row.kind.value.replace("_", " "))
    if row.reason:
        known = row.reason in set(AdjustReason)
        reason = ADJUSTMENTS[AdjustReason(row.reason)].lower() if known else row.reason
        return f"{said}: {reason}"
    return f"{said} by import" if row.cause_type == "import" else said
