"""The receiving side: count what came, and book each difference where it belongs.

came          on the books here; what is damaged of it is set apart at once
short         left there, never came: in nobody's stock, and shown on the document
over          came without being on the document: it has left the other's shelf, so it leaves
              its books as well, if they have it free; a count there settles the rest
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from oms.errors import Invalid
from oms.inventory import counts_wanted, movements, supplies
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause, Change, InsufficientStock
from oms.transfers import queries, states
from oms.transfers.models import Transfer, TransferLine, TransferStatus


@dataclass(frozen=True, slots=True)
class Came:
    """Units of one article that came, and how many of them cannot be sold."""

    units: int
    damaged: int = 0


def receive(
    session: Session,
    transfer_id: UUID,
    *,
    counted: Mapping[str, Came],
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """Book in what came, and close the transfer: nothing more of it is expected.

    Every article that was sent is counted, if only to say that none came. If nothing came at all
    the transfer is lost. Orders that wait for the goods are looked at again.
    """
    transfer = queries.locked(session, transfer_id, receiver=location_id, version=version)
    lines = [line for line in queries.lines(session, transfer.id) if line.picked]
    _require_counted(counted, lines)
    lost = not any(came.units for came in counted.values())
    to = TransferStatus.LOST if lost else TransferStatus.RECEIVED
    differences = sum(counted[line.sku].units != line.picked for line in lines)
    states.move(session, transfer, to, actor=actor, facts={"differences": differences})
    for line in lines:
        _book(session, transfer, line, counted[line.sku], actor=actor)
    session.flush()
    return transfer


def _book(
    session: Session, transfer: Transfer, line: TransferLine, came: Came, *, actor: str
) -> None:
    assert line.supply_id is not None
    line.received = min(came.units, line.picked)
    line.over = came.units - line.received
    line.damaged = came.damaged
    damaged = min(came.damaged, line.received)
    if line.received:
        supplies.receive(session, line.supply_id, units=line.received, damaged=damaged, actor=actor)
    if line.received < line.picked:
        supplies.close(session, line.supply_id, actor=actor)
    if line.over:
        _book_over(session, transfer, line, damaged=came.damaged - damaged, actor=actor)
    if came.units != line.picked:
        what = "over" if line.over else "short"
        counts_wanted.ask(
            session,
            sku=line.sku,
            location_id=transfer.from_location_id,
            reason=f"transfer {transfer.number} came {what}",
            actor=actor,
        )


def _book_over(
    session: Session, transfer: Transfer, line: TransferLine, *, damaged: int, actor: str
) -> None:
    """Units beyond the document: in here, and out there where the books have them free."""
    cause = Cause("transfer", transfer.id, actor)
    out = Change(
        line.sku,
        transfer.from_location_id,
        MovementKind.TRANSFER_OUT,
        on_hand=-line.over,
        reason="sent beyond the document",
    )
    try:
        with session.begin_nested():
            movements.apply(session, [out], cause=cause)
    except InsufficientStock:
        pass  # promised there to others; the count that is asked for says what is true
    into = Change(
        line.sku,
        transfer.to_location_id,
        MovementKind.TRANSFER_IN,
        on_hand=line.over,
        damaged=damaged,
        reason="came beyond the document",
    )
    movements.apply(session, [into], cause=cause)


def _require_counted(counted: Mapping[str, Came], lines: list[TransferLine]) -> None:
    sent = {line.sku for line in lines}
    missing, strange = sorted(sent - set(counted)), sorted(set(counted) - sent)
    if missing:
        raise Invalid(
            f"not counted: {', '.join(missing)}",
            field="counted",
            remedy="count every article of the transfer; give 0 for one that did not come",
        )
    if strange:
        raise Invalid(
            f"not part of this transfer: {', '.join(strange)}",
            field="counted",
            remedy="receive other goods without a document, on the stock page",
        )
    wrong = [sku for sku, came in counted.items() if not 0 <= came.damaged <= came.units]
    if wrong:
        raise Invalid(
            f"{wrong[0]}: damaged units are among those that came",
            field="counted",
            remedy="count again",
        )
