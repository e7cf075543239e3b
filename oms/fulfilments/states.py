"""The moves a fulfilment and a parcel may make, and the functions that make them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import IllegalMove
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, Parcel, ParcelStatus
from oms.outbox.appending import append
from oms.outbox.live import announce

_F = FulfilmentStatus
_P = ParcelStatus

NEXT: Final[Mapping[FulfilmentStatus, frozenset[FulfilmentStatus]]] = {
    _F.ALLOCATED: frozenset({_F.PICKING, _F.REJECTED, _F.CANCELLED}),
    _F.PICKING: frozenset({_F.PACKED, _F.ALLOCATED, _F.REJECTED, _F.CANCELLED}),
    _F.PACKED: frozenset({_F.HANDED_OVER, _F.CANCELLED}),
    _F.HANDED_OVER: frozenset({_F.DELIVERED, _F.LOST, _F.RETURNED}),
    _F.DELIVERED: frozenset(),
    _F.REJECTED: frozenset(),
    _F.CANCELLED: frozenset(),
    _F.LOST: frozenset(),
    _F.RETURNED: frozenset(),
}

CLOSED: Final = frozenset(status for status, after in NEXT.items() if not after)

# A carrier's scans arrive late and out of order; only what cannot be undone is final.
_ON_THE_ROAD: Final = frozenset(
    {_P.IN_TRANSIT, _P.OUT_FOR_DELIVERY, _P.DELIVERY_FAILED, _P.DELIVERED, _P.RETURNED, _P.LOST}
)
NEXT_PARCEL: Final[Mapping[ParcelStatus, frozenset[ParcelStatus]]] = {
    _P.PACKED: frozenset({_P.LABELLED, _P.VOIDED}),
    _P.LABELLED: _ON_THE_ROAD | {_P.VOIDED},
    _P.IN_TRANSIT: _ON_THE_ROAD - {_P.IN_TRANSIT},
    _P.OUT_FOR_DELIVERY: _ON_THE_ROAD - {_P.OUT_FOR_DELIVERY},
    _P.DELIVERY_FAILED: _ON_THE_ROAD - {_P.DELIVERY_FAILED},
    _P.DELIVERED: frozenset(),
    _P.RETURNED: frozenset(),
    _P.LOST: frozenset({_P.DELIVERED, _P.RETURNED}),  # lost parcels do turn up
    _P.VOIDED: frozenset(),
}


def move(
    session: Session,
    fulfilment: Fulfilment,
    to: FulfilmentStatus,
    *,
    actor: str,
    facts: dict[str, Any] | None = None,
) -> None:
    """Change the status, raise the version, and tell audit and outbox."""
    if to not in NEXT[fulfilment.status]:
        raise IllegalMove(
            f"fulfilment {fulfilment.number} is {fulfilment.status.value},"
            f" so it cannot become {to.value}",
            field="status",
            remedy="read it again; somebody else may have worked on it",
            facts={"status": fulfilment.status.value, "version": fulfilment.version},
        )
    before = fulfilment.status
    fulfilment.status = to
    fulfilment.version += 1
    if to in CLOSED or (to is _F.HANDED_OVER and fulfilment.kind.value == "pickup"):
        fulfilment.closed_at = clock.now()
    _tell(session, fulfilment, before=before.value, actor=actor, facts=facts or {})


def created(session: Session, fulfilment: Fulfilment, *, actor: str) -> None:
    """Tell audit and outbox of new work for a location."""
    _tell(session, fulfilment, before=None, actor=actor, facts={})


def labels_changed(
    session: Session, fulfilment: Fulfilment, *, event: str, actor: str, facts: dict[str, Any]
) -> None:
    """Tell of labels that were given back or are wanted again; raises the version."""
    fulfilment.version += 1
    record(
        session,
        action=event,
        subject_type="fulfilment",
        subject_id=fulfilment.id,
        order_id=fulfilment.order_id,
        actor=actor,
        facts=facts | {"version": fulfilment.version},
    )
    append(
        session,
        topic=event,
        subject_type="fulfilment",
        subject_id=fulfilment.id,
        order_id=fulfilment.order_id,
        version=fulfilment.version,
    )
    announce(session, location_id=fulfilment.location_id)


def move_parcel(parcel: Parcel, to: ParcelStatus) -> None:
    """Change a parcel's status and raise its version; the caller tells who must know."""
    if to not in NEXT_PARCEL[parcel.status]:
        raise IllegalMove(
            f"parcel {parcel.tracking_number or parcel.id} is {parcel.status.value},"
            f" so it cannot become {to.value}"
        )
    parcel.status = to
    parcel.version += 1


def is_closed(fulfilment: Fulfilment) -> bool:
    """Whether nothing more is to be done for it."""
    return fulfilment.closed_at is not None


def _tell(
    session: Session,
    fulfilment: Fulfilment,
    *,
    before: str | None,
    actor: str,
    facts: dict[str, Any],
) -> None:
    record(
        session,
        action=f"fulfilment.{fulfilment.status.value}",
        subject_type="fulfilment",
        subject_id=fulfilment.id,
        order_id=fulfilment.order_id,
        actor=actor,
        facts=facts | {"from": before, "version": fulfilment.version},
    )
    append(
        session,
        topic=f"fulfilment.{fulfilment.status.value}",
        subject_type="fulfilment",
        subject_id=fulfilment.id,
        order_id=fulfilment.order_id,
        version=fulfilment.version,
    )
    announce(session, location_id=fulfilment.location_id)
