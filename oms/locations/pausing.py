"""A location does no more of one kind of work for now, and why; what it was given it goes on with.

Routing, promises and checkout ask here, so a pause counts from the moment in which it is made, and
one that has an end is over by itself.
"""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, Invalid
from oms.locations.models import Location


class Work(StrEnum):
    """What can be paused."""

    SHIP = "ship"
    PICKUP = "pickup"


def ships(place: Location) -> bool:
    """Whether it takes orders to send now."""
    return place.can_ship and why_paused(place, Work.SHIP) is None


def hands_over(place: Location) -> bool:
    """Whether it takes orders to be collected now."""
    return place.can_pickup and why_paused(place, Work.PICKUP) is None


def why_paused(place: Location, work: Work) -> str | None:
    """Why it does not do this work now; None if no pause is on."""
    because, until = _of(place, work)
    return because if because is not None and is_on(until) else None


def paused_until(place: Location, work: Work) -> datetime | None:
    """When the pause that is on ends by itself."""
    return _of(place, work)[1]


def is_on(until: datetime | None) -> bool:
    """Whether a pause with this end, or none, is still on."""
    return until is None or until > clock.now()


def pause(
    session: Session,
    place: Location,
    work: Work,
    *,
    because: str,
    actor: str,
    until: datetime | None = None,
) -> None:
    """Take no more of this work from now on. Said again, reason and end are corrected."""
    if not because.strip():
        raise Invalid(
            "say why it is paused",
            field="because",
            remedy="one line that operations understands, such as: till is down",
        )
    if until is not None and until <= clock.now():
        raise Invalid(
            f"the pause would be over before it began ({until:%Y-%m-%d %H:%M} UTC)",
            field="until",
            remedy="give a later moment, or none and end it by hand",
        )
    _set(place, work, because.strip()[:200], until)
    facts = {"work": work.value, "because": because.strip(), "until": _text(until)}
    _tell(session, place, "location.paused", actor=actor, facts=facts)


def resume(session: Session, place: Location, work: Work, *, actor: str) -> None:
    """Take such work again."""
    if why_paused(place, work) is None:
        raise Conflict(
            f"{place.name} does not pause {work.value}",
            field="work",
            remedy="nothing is left to do",
        )
    _set(place, work, None, None)
    _tell(session, place, "location.resumed", actor=actor, facts={"work": work.value})


def _of(place: Location, work: Work) -> tuple[str | None, datetime | None]:
    if work is Work.SHIP:
        return place.ship_paused_because, place.ship_paused_until
    return place.pickup_paused_because, place.pickup_paused_until


def _set(place: Location, work: Work, because: str | None, until: datetime | None) -> None:
    if work is Work.SHIP:
        place.ship_paused_because, place.ship_paused_until = because, until
    else:
        place.pickup_paused_because, place.pickup_paused_until = because, until


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _tell(
    session: Session, place: Location, action: str, *, actor: str, facts: dict[str, str | None]
) -> None:
    session.add(place)
    session.flush()
    record(
        session,
        action=action,
        subject_type="location",
        subject_id=place.id,
        actor=actor,
        facts=facts,
    )
