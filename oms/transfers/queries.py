"""Read transfers."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, or_, select

from oms.errors import NotFound
from oms.orders.queries import require_version
from oms.transfers.models import Transfer, TransferLine, TransferStatus


def locked(
    session: Session,
    transfer_id: UUID,
    *,
    sender: UUID | None = None,
    receiver: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """The transfer, locked until the transaction ends and read after the lock.

    With `sender` or `receiver` it must leave from or come to that location: whoever works there
    does that side of it and no other.
    """
    row = one(session, transfer_id, location_id=sender or receiver)
    if sender is not None and row.from_location_id != sender:
        raise NotFound(
            f"transfer {row.number} leaves from another location",
            field="transfer_id",
            remedy="the location that sends it picks it and sends it off",
        )
    if receiver is not None and row.to_location_id != receiver:
        raise NotFound(
            f"transfer {row.number} comes to another location",
            field="transfer_id",
            remedy="the location that it goes to receives it",
        )
    session.refresh(row, with_for_update=True)
    require_version(f"transfer {row.number}", have=row.version, seen=version)
    return row


def one(session: Session, transfer_id: UUID, *, location_id: UUID | None = None) -> Transfer:
    """A transfer; with `location_id`, one that leaves or comes there: others are not found."""
    row = session.get(Transfer, transfer_id)
    if row is None or (
        location_id is not None and location_id not in (row.from_location_id, row.to_location_id)
    ):
        raise _none(transfer_id)
    return row


def lines(session: Session, transfer_id: UUID) -> Sequence[TransferLine]:
    """Its lines, by article: the sequence in which stock is locked."""
    return session.exec(
        select(TransferLine)
        .where(TransferLine.transfer_id == transfer_id)
        .order_by(col(TransferLine.sku))
        .execution_options(populate_existing=True)
    ).all()


def of_location(
    session: Session,
    location_id: UUID | None = None,
    *,
    statuses: Sequence[TransferStatus] = (),
    limit: int = 200,
) -> Sequence[Transfer]:
    """Transfers from or to a location, or all of them; the newest first."""
    query = select(Transfer).order_by(col(Transfer.id).desc()).limit(limit)
    if location_id is not None:
        query = query.where(
            or_(Transfer.from_location_id == location_id, Transfer.to_location_id == location_id)
        )
    if statuses:
        query = query.where(col(Transfer.status).in_(statuses))
    return session.exec(query.execution_options(populate_existing=True)).all()


def of_order(session: Session, order_id: UUID) -> Sequence[Transfer]:
    """Transfers for an order, the newest first."""
    return session.exec(
        select(Transfer).where(Transfer.order_id == order_id).order_by(col(Transfer.id).desc())
    ).all()


def failed(session: Session, order_id: UUID) -> Sequence[Transfer]:
    """Transfers for an order of which nothing came, whose senders are not to be asked again."""
    return session.exec(
        select(Transfer).where(
            Transfer.order_id == order_id,
            col(Transfer.status).in_((TransferStatus.CANCELLED, TransferStatus.LOST)),
            col(Transfer.forgotten_at).is_(None),
        )
    ).all()


def held_for(session: Session, *, sku: str, location_id: UUID) -> Sequence[tuple[Transfer, int]]:
    """Transfers that have not left a location, and the units of the article held for each."""
    rows = session.exec(
        select(Transfer, TransferLine)
        .join(TransferLine, col(TransferLine.transfer_id) == Transfer.id)
        .where(
            Transfer.from_location_id == location_id,
            col(Transfer.status).in_((TransferStatus.REQUESTED, TransferStatus.PICKED)),
            TransferLine.sku == sku,
        )
        .order_by(col(Transfer.id))
    ).all()
    return [
        (row, line.picked if row.status is TransferStatus.PICKED else line.requested)
        for row, line in rows
    ]


def _none(transfer_id: UUID) -> NotFound:
    return NotFound(
        f"there is no transfer {transfer_id} here",
        field="transfer_id",
        remedy="read the list again; the link may be of another location",
    )
