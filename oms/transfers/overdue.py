"""A transfer that should have come: somebody is asked where it is, once."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.locations.models import Location
from oms.transfers import queries, states
from oms.transfers.models import Transfer


def next_deadline(transfer: Transfer) -> datetime | None:
    """When it should have come, unless it is over or somebody has been asked already."""
    if transfer.status in states.CLOSED or transfer.asked_at is not None:
        return None
    return transfer.expected_at


def ask_where_it_is(session: Session, transfer_id: UUID, *, version: int) -> bool:
    """Open a case for a transfer that is late, if it is still what was seen; whether it is.

    The case closes by itself when the transfer is over.
    """
    transfer = queries.locked(session, transfer_id, version=version)
    due = next_deadline(transfer)
    if due is None or due > clock.now():
        return False
    transfer.asked_at = clock.now()
    sender = session.get_one(Location, transfer.from_location_id)
    receiver = session.get_one(Location, transfer.to_location_id)
    open_case(
        session,
        kind=ExceptionKind.TRANSFER_LATE,
        cause_type="transfer",
        cause_id=transfer.id,
        order_id=transfer.order_id,
        detail=f"transfer {transfer.number} from {sender.name} ({sender.code}) to {receiver.name}"
        f" ({receiver.code}) is {transfer.status.value} and should have come"
        f" {transfer.expected_at:%Y-%m-%d %H:%M} UTC",
        remedy="ask the sending store; the receiving store books in what comes, or that nothing"
        " did, and the case closes by itself",
    )
    return True
