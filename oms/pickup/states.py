"""The moves a pickup may make, and the one function that makes them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session

from oms.audit.recording import record
from oms.errors import IllegalMove
from oms.outbox.appending import append
from oms.outbox.live import announce
from oms.pickup.models import Pickup, PickupStatus

_S = PickupStatus

NEXT: Final[Mapping[PickupStatus, frozenset[PickupStatus]]] = {
    _S.PREPARING: frozenset({_S.READY, _S.CANCELLED}),
    _S.READY: frozenset({_S.COLLECTED, _S.EXPIRED, _S.CANCELLED}),
    # The customer may still come, or call it off, until the goods are back on the shelf.
    _S.EXPIRED: frozenset({_S.PUT_BACK, _S.COLLECTED, _S.CANCELLED}),
    _S.COLLECTED: frozenset(),
    _S.PUT_BACK: frozenset(),
    _S.CANCELLED: frozenset(),
}

CLOSED: Final = frozenset(status for status, after in NEXT.items() if not after)


def move(
    session: Session,
    pickup: Pickup,
    to: PickupStatus,
    *,
    actor: str,
    facts: dict[str, Any] | None = None,
) -> None:
    """Change the status, raise the version, and tell audit and outbox."""
    if to not in NEXT[pickup.status]:
        raise IllegalMove(
            f"this pickup is {pickup.status.value}, so it cannot become {to.value}",
            field="status",
            remedy="look at it again; somebody else may have worked on it",
            facts={"status": pickup.status.value, "version": pickup.version},
        )
    before = pickup.status
    pickup.status = to
    touched(
        session,
        pickup,
        action=f"pickup.{to.value}",
        actor=actor,
        facts={"from": before.value} | (facts or {}),
    )


def created(session: Session, pickup: Pickup, *, actor: str) -> None:
    """Tell audit and outbox of a new pickup."""
    _tell(session, pickup, action="pickup.created", actor=actor, facts={})


def touched(
    session: Session, pickup: Pickup, *, action: str, actor: str, facts: dict[str, Any]
) -> None:
    """Raise the version after a change that is not one of status, and tell of it."""
    pickup.version += 1
    _tell(session, pickup, action=action, actor=actor, facts=facts)


def _tell(
    session: Session, pickup: Pickup, *, action: str, actor: str, facts: dict[str, Any]
) -> None:
    record(
        session,
        action=action,
        subject_type="pickup",
        subject_id=pickup.id,
        order_id=pickup.order_id,
        actor=actor,
        facts=facts | {"version": pickup.version},
    )
    append(
        session,
        topic=action,
        subject_type="pickup",
        subject_id=pickup.id,
        order_id=pickup.order_id,
        version=pickup.version,
    )
    announce(session, location_id=pickup.location_id)
