"""Collect the goods from the shelves."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel import Session

from oms.errors import Invalid
from oms.fulfilments import order_status, outcomes, queries, states
from oms.fulfilments.models import Fulfilment, FulfilmentLine, FulfilmentStatus
from oms.orders.queries import require_version


def start(
    session: Session, fulfilment_id: UUID, *, actor: str, version: int | None = None
) -> Fulfilment:
    """Take the work. Raises `IllegalMove` when somebody has it already."""
    fulfilment = queries.locked(session, fulfilment_id)
    require_version(f"fulfilment {fulfilment.number}", have=fulfilment.version, seen=version)
    states.move(session, fulfilment, FulfilmentStatus.PICKING, actor=actor)
    order_status.refresh(session, fulfilment.order_id, event="order.picking")
    return fulfilment


def record_picked(
    session: Session, fulfilment: Fulfilment, picked: Mapping[str, int] | None
) -> None:
    """Note what was taken from the shelf, by SKU; it must be all that was asked for.

    Two lines may ask for one SKU; the units are spread over them in order. Without `picked` the
    units count that were noted on the lines one by one.
    """
    lines = queries.lines(session, fulfilment.id)
    require_all(lines, noted(lines) if picked is None else picked)
    for line in lines:
        line.picked = line.quantity
    outcomes.accepted(session, fulfilment)


def noted(lines: Sequence[FulfilmentLine]) -> dict[str, int]:
    """Units by SKU that were noted as picked one by one."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.picked
    return units


def require_all(lines: Sequence[FulfilmentLine], counted: Mapping[str, int]) -> None:
    """Raise `Invalid`, naming each article, unless exactly these goods were counted."""
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    wrong = [
        f"{sku}: {counted.get(sku, 0)} of {wanted.get(sku, 0)} picked"
        for sku in sorted(set(wanted) | set(counted))
        if counted.get(sku, 0) != wanted.get(sku, 0)
    ]
    if wrong:
        raise Invalid(
            "not exactly what was asked for: " + ", ".join(wrong),
            field="picked",
            remedy="pick what is missing, put back what is too much, or reject the work",
        )
