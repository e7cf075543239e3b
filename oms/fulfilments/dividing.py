"""A part of a pickup leaves the house: it becomes a fulfilment of its own, the rest stays."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.fulfilments import handing_over, queries, states
from oms.fulfilments.models import Fulfilment, FulfilmentLine, FulfilmentStatus
from oms.inventory import reservations
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause


def part_left(
    session: Session, fulfilment: Fulfilment, taken: Mapping[UUID, int], *, actor: str
) -> Fulfilment:
    """Let units of these lines leave as a new fulfilment, and return it; the rest stays held.

    `taken` is units by line of the fulfilment, some of it and not all. Whole lines move over
    with what is held for them; of others the taken units are used up here, because a line has
    one hold at a time. The caller holds the locks, opens what serves the new part, and refreshes
    the order's status.
    """
    part = _part_of(session, fulfilment, actor=actor)
    reservations.lock_stock(session, fulfilment.order_id)
    held = {row.line_id: row for row in reservations.of_fulfilment(session, fulfilment.id)}
    for line in queries.lines(session, fulfilment.id):
        units = taken.get(line.line_id, 0)
        if units == line.quantity:
            line.fulfilment_id = part.id
            held[line.line_id].fulfilment_id = part.id
        elif units:
            _split(session, line, into=part, units=units)
            reservations.consume_part(
                session,
                held[line.line_id],
                units=units,
                kind=MovementKind.COLLECT,
                fulfilment_id=part.id,
                cause=Cause("fulfilment", part.id, actor),
            )
    session.flush()
    handing_over.goods_left(session, part, kind=MovementKind.COLLECT, actor=actor)
    return part


def spread(lines: Sequence[FulfilmentLine], by_sku: Mapping[str, int]) -> dict[UUID, int]:
    """Units by line for units by SKU; where two lines have one SKU, the first is served first."""
    left = dict(by_sku)
    found: dict[UUID, int] = {}
    for line in lines:
        units = min(line.quantity, left.get(line.sku, 0))
        if units:
            found[line.line_id] = units
            left[line.sku] -= units
    return found


def _part_of(session: Session, fulfilment: Fulfilment, *, actor: str) -> Fulfilment:
    part = Fulfilment(
        order_id=fulfilment.order_id,
        location_id=fulfilment.location_id,
        kind=fulfilment.kind,
        status=FulfilmentStatus.PACKED,
        decision_id=fulfilment.decision_id,
        due_at=fulfilment.due_at,
        created_at=clock.now(),
    )
    session.add(part)
    session.flush()
    states.created(session, part, actor=actor)
    return part


def _split(session: Session, line: FulfilmentLine, *, into: Fulfilment, units: int) -> None:
    """Move units of a picked line to the other fulfilment."""
    session.add(
        FulfilmentLine(
            fulfilment_id=into.id,
            line_id=line.line_id,
            sku=line.sku,
            quantity=units,
            picked=units,
        )
    )
    line.picked = line.quantity = line.quantity - units
