"""The sending side: ask for goods and hold them, pick them, send them off, or call it off.

Stock is never promised twice on the way: from the request on the units are held where they lie,
and when they leave they are in transit to the other location, on nobody's shelf and in nobody's
promise. Each step is one transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.catalogue import queries as catalogue
from oms.errors import Invalid, NotFound
from oms.inventory import movements, supplies, trust
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause, Change
from oms.transfers import queries, states
from oms.transfers.models import Transfer, TransferLine, TransferStatus

MOST_LINES = 200


def request(
    session: Session,
    *,
    from_location_id: UUID,
    to_location_id: UUID,
    wanted: Mapping[str, int],
    expected_at: datetime,
    actor: str,
    order_id: UUID | None = None,
    decision_id: UUID | None = None,
    note: str = "",
) -> Transfer:
    """Ask for units by SKU and hold them there. Raises `InsufficientStock` unless all are free.

    What rules keep back at the sending location is not taken for another one either.
    """
    _require_sound(session, from_location_id, to_location_id, wanted)
    transfer = Transfer(
        from_location_id=from_location_id,
        to_location_id=to_location_id,
        order_id=order_id,
        decision_id=decision_id,
        note=note.strip(),
        expected_at=expected_at,
        requested_at=clock.now(),
        requested_by=actor,
    )
    session.add(transfer)
    session.flush()
    session.add_all(
        TransferLine(transfer_id=transfer.id, sku=sku, requested=units)
        for sku, units in wanted.items()
    )
    movements.apply(
        session,
        [
            Change(sku, from_location_id, MovementKind.RESERVE, reserved=units)
            for sku, units in wanted.items()
        ],
        cause=Cause("transfer", transfer.id, actor),
    )
    session.flush()
    states.created(session, transfer, actor=actor)
    return transfer


def pick(
    session: Session,
    transfer_id: UUID,
    *,
    picked: Mapping[str, int],
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """The goods are fetched: all of them, or as many as were found.

    What was not found is taken off the books, which are believed less from then on, and a count
    is asked for; it is not promised to anybody else meanwhile.
    """
    transfer = queries.locked(session, transfer_id, sender=location_id, version=version)
    lines = queries.lines(session, transfer.id)
    _require_picked(picked, {line.sku: line.requested for line in lines})
    if not any(picked.values()):
        raise Invalid(
            "nothing was picked",
            field="picked",
            remedy="cancel the transfer; then ask for a count if the goods were not there",
        )
    states.move(session, transfer, TransferStatus.PICKED, actor=actor)
    missing = {line.sku: line.requested - picked[line.sku] for line in lines}
    movements.apply(
        session,
        [
            Change(
                sku,
                transfer.from_location_id,
                MovementKind.ADJUST,
                on_hand=-units,
                reserved=-units,
                reason="not found for a transfer",
            )
            for sku, units in missing.items()
            if units
        ],
        cause=Cause("transfer", transfer.id, actor),
    )
    for line in lines:
        line.picked = picked[line.sku]
        if missing[line.sku]:
            trust.doubt(session, sku=line.sku, location_id=transfer.from_location_id, actor=actor)
    session.flush()
    return transfer


def ship(
    session: Session,
    transfer_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """The goods leave: off the books here, and in transit to there until they are received."""
    transfer = queries.locked(session, transfer_id, sender=location_id, version=version)
    states.move(session, transfer, TransferStatus.SHIPPED, actor=actor)
    for line in queries.lines(session, transfer.id):
        if not line.picked:
            continue
        supply = supplies.send_held(
            session,
            document=f"transfer {transfer.number}",
            sku=line.sku,
            from_location_id=transfer.from_location_id,
            to_location_id=transfer.to_location_id,
            units=line.picked,
            expected_at=transfer.expected_at,
            actor=actor,
        )
        line.supply_id = supply.id
    session.flush()
    return transfer


def cancel(
    session: Session,
    transfer_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Transfer:
    """Call it off before it has left, from either side; the goods are free again.

    What was picked already lies in a box: saying this, somebody has put it back on the shelf.
    """
    queries.one(session, transfer_id, location_id=location_id)
    transfer = queries.locked(session, transfer_id, version=version)
    picked = transfer.status is TransferStatus.PICKED
    states.move(session, transfer, TransferStatus.CANCELLED, actor=actor)
    kind = MovementKind.PUT_BACK if picked else MovementKind.RELEASE
    held = {
        line.sku: line.picked if picked else line.requested
        for line in queries.lines(session, transfer.id)
    }
    movements.apply(
        session,
        [
            Change(sku, transfer.from_location_id, kind, reserved=-units)
            for sku, units in held.items()
            if units
        ],
        cause=Cause("transfer", transfer.id, actor),
    )
    session.flush()
    return transfer


def cancel_for_order(session: Session, order_id: UUID, *, actor: str) -> None:
    """Call off what has not left yet for an order that is called off.

    What is on the way arrives, and is the receiving store's to sell. Senders may be asked again.
    """
    for row in session.exec(
        select(Transfer).where(
            Transfer.order_id == order_id,
            col(Transfer.status).in_((TransferStatus.REQUESTED, TransferStatus.PICKED)),
        )
    ).all():
        cancel(session, row.id, actor=actor).forgotten_at = clock.now()


def _require_picked(given: Mapping[str, int], most: Mapping[str, int]) -> None:
    """Every article of the document is counted, no other, and none beyond what was asked for."""
    wrong = [
        f"{sku}: {given.get(sku, 'none')} of {most.get(sku, 0)} picked"
        for sku in sorted(set(given) | set(most))
        if sku not in given or sku not in most or not 0 <= given[sku] <= most[sku]
    ]
    if wrong:
        raise Invalid(
            "not what the transfer asks for: " + ", ".join(wrong),
            field="picked",
            remedy="give units for every article of the transfer, and for no other",
        )


def _require_sound(
    session: Session, origin: UUID, destination: UUID, wanted: Mapping[str, int]
) -> None:
    if origin == destination:
        raise Invalid("goods go to another location", field="to", remedy="name another location")
    if not wanted or len(wanted) > MOST_LINES or any(units <= 0 for units in wanted.values()):
        raise Invalid(
            f"a transfer has 1 to {MOST_LINES} articles, and units of each",
            field="lines",
            remedy="name the articles and how many of each",
        )
    unknown = sorted(set(wanted) - catalogue.known(session, list(wanted)))
    if unknown:
        raise NotFound(
            f"not in the catalogue: {', '.join(unknown)}",
            field="lines",
            remedy="use SKUs of the catalogue",
        )
