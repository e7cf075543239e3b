"""The moves a pickup and a customer's visit may make, and the functions that make them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import IllegalMove
from oms.exceptions.cases import resolve_cause
from oms.outbox.appending import append
from oms.outbox.live import announce
from oms.pickup import slots
from oms.pickup.curbside_models import Arrival, ArrivalStatus
from oms.pickup.models import Pickup, PickupStatus
from oms.pickup.staging_models import PickupPackage

_S = PickupStatus
_A = ArrivalStatus

NEXT: Final[Mapping[PickupStatus, frozenset[PickupStatus]]] = {
    _S.PREPARING: frozenset({_S.READY, _S.CANCELLED}),
    _S.READY: frozenset({_S.HANDING_OVER, _S.EXPIRED, _S.TO_PUT_BACK}),
    # The customer may still come, or call it off, until the goods are back on the shelf.
    _S.EXPIRED: frozenset({_S.PUT_BACK, _S.HANDING_OVER, _S.TO_PUT_BACK}),
    # Undone it is what it was; if a part was taken, the rest waits on, or goes back.
    _S.HANDING_OVER: frozenset({_S.COLLECTED, _S.READY, _S.EXPIRED, _S.TO_PUT_BACK}),
    _S.COLLECTED: frozenset(),
    _S.TO_PUT_BACK: frozenset({_S.PUT_BACK}),
    _S.PUT_BACK: frozenset(),
    _S.CANCELLED: frozenset(),
}

CLOSED: Final = frozenset(status for status, after in NEXT.items() if not after)
WAITING: Final = frozenset({_S.PREPARING, _S.READY, _S.EXPIRED})
"""The customer has not come, and still may."""
STAGED: Final = frozenset({_S.READY, _S.EXPIRED})
"""The goods lie on their shelf."""
_CALLED_OFF: Final = frozenset({_S.PUT_BACK, _S.TO_PUT_BACK, _S.CANCELLED})

NEXT_ARRIVAL: Final[Mapping[ArrivalStatus, frozenset[ArrivalStatus]]] = {
    # Whoever was on the way may walk in and collect at the counter.
    _A.ON_THE_WAY: frozenset({_A.HERE, _A.SERVED, _A.GONE}),
    _A.HERE: frozenset({_A.TAKEN, _A.SERVED, _A.GONE}),
    _A.TAKEN: frozenset({_A.HERE, _A.SERVED, _A.GONE}),
    _A.SERVED: frozenset(),
    _A.GONE: frozenset(),
}


def move(
    session: Session,
    pickup: Pickup,
    to: PickupStatus,
    *,
    actor: str,
    facts: dict[str, Any] | None = None,
    action: str | None = None,
) -> None:
    """Change the status, raise the version, and tell audit and outbox.

    `action` names the event where the status alone would say it wrongly.
    """
    if to not in NEXT[pickup.status]:
        raise IllegalMove(
            f"this pickup is {_words(pickup.status)}, so it cannot become {_words(to)}",
            field="status",
            remedy="look at it again; somebody else may have worked on it",
            facts={"status": pickup.status.value, "version": pickup.version},
        )
    before = pickup.status
    pickup.status = to
    if to not in WAITING:
        _end_visit(session, pickup, actor=actor)
    if to in CLOSED:
        _free_totes(session, pickup)
    touched(
        session,
        pickup,
        action=action or f"pickup.{to.value}",
        actor=actor,
        facts={"from": before.value} | (facts or {}),
    )


def move_arrival(
    session: Session, pickup: Pickup, arrival: Arrival, to: ArrivalStatus, *, actor: str
) -> None:
    """Change the status of a visit, and tell of it. What describes the car ends with the visit."""
    if to not in NEXT_ARRIVAL[arrival.status]:
        raise IllegalMove(
            f"this visit is {_words(arrival.status)}, so it cannot become {_words(to)}",
            field="status",
            remedy="look at it again; somebody else may have taken it",
            facts={"status": arrival.status.value, "version": arrival.version},
        )
    arrival.status = to
    if not NEXT_ARRIVAL[to]:
        arrival.closed_at = clock.now()
        arrival.vehicle = arrival.plate = ""
    if to is not _A.HERE:
        resolve_cause(
            session,
            cause_type="arrival",
            cause_id=arrival.id,
            actor=actor,
            resolution=f"the visit is {to.value}",
        )
    arrival_changed(session, pickup, arrival, action=f"arrival.{to.value}", actor=actor)


def arrival_changed(
    session: Session, pickup: Pickup, arrival: Arrival, *, action: str, actor: str, **facts: Any
) -> None:
    """Raise the version of a visit and tell of it, as news of its pickup.

    The pickup's own version stays: what is typed at the counter is no less true for a customer
    who has just said that they are here.
    """
    arrival.version += 1
    _tell(session, pickup, action=action, actor=actor, facts={"arrival": str(arrival.id)} | facts)


def created(session: Session, pickup: Pickup, *, actor: str) -> None:
    """Tell audit and outbox of a new pickup."""
    _tell(session, pickup, action="pickup.created", actor=actor, facts={})


def touched(
    session: Session, pickup: Pickup, *, action: str, actor: str, facts: dict[str, Any]
) -> None:
    """Raise the version after a change that is not one of status, and tell of it."""
    pickup.version += 1
    _tell(session, pickup, action=action, actor=actor, facts=facts)


def _end_visit(session: Session, pickup: Pickup, *, actor: str) -> None:
    """Whoever has the goods, or waits for none, is no visitor; a call-off frees the slot too."""
    called_off = pickup.status in _CALLED_OFF
    arrival = session.exec(
        select(Arrival)
        .where(Arrival.pickup_id == pickup.id, col(Arrival.closed_at).is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if arrival is not None:
        to = ArrivalStatus.GONE if called_off else ArrivalStatus.SERVED
        move_arrival(session, pickup, arrival, to, actor=actor)
    if called_off:
        slots.give_up(session, pickup.order_id)


def _free_totes(session: Session, pickup: Pickup) -> None:
    """The packages of a closed pickup are nobody's any more; their totes may be used again."""
    session.execute(
        update(PickupPackage)
        .where(col(PickupPackage.pickup_id) == pickup.id)
        .values(gone=True)
        .execution_options(synchronize_session=False)
    )


def _words(status: PickupStatus | ArrivalStatus) -> str:
    return status.value.replace("_", " ")


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
