"""Say how likely a location accepts work, instead of what was learned; and take that back."""

from datetime import datetime

from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Invalid, NotFound
from oms.fulfilments.outcomes import EVERY_CLASS
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.sourcing.models import AcceptanceOverride


def set_override(
    session: Session,
    location: str,
    *,
    probability: float,
    reason: str,
    actor: str,
    sku_class: str = EVERY_CLASS,
    until: datetime | None = None,
) -> AcceptanceOverride:
    """Put a person's word in force at a location for one class, or for all without their own.

    The one before it ends. Saying the same again changes nothing. Raises `Invalid` for what is no
    probability, no reason, or an end in the past.
    """
    _require_sense(probability=probability, reason=reason, until=until)
    place = _locked(session, location)
    known = _open(session, place, sku_class)
    if known is not None:
        if (known.probability, known.reason, known.until) == (probability, reason.strip(), until):
            return known
        _close(known, actor=actor, because="it was set anew")
        session.flush()
    row = AcceptanceOverride(
        location_id=place.id,
        sku_class=sku_class,
        probability=probability,
        reason=reason.strip(),
        until=until,
        set_at=clock.now(),
        set_by=actor,
    )
    session.add(row)
    session.flush()
    _audit(session, row, action="acceptance.set", actor=actor, why=row.reason)
    return row


def clear_override(
    session: Session, location: str, *, actor: str, because: str, sku_class: str = EVERY_CLASS
) -> AcceptanceOverride:
    """Let what was learned count again. Raises `NotFound` when nothing else was said."""
    place = _locked(session, location)
    row = _open(session, place, sku_class)
    if row is None:
        of = f"class {sku_class} at {location}" if sku_class else location
        raise NotFound(
            f"nobody has overridden the acceptance of {of}",
            field="sku_class",
            remedy="list the acceptance; only what is overridden there can be cleared",
        )
    _close(row, actor=actor, because=because)
    session.flush()
    _audit(session, row, action="acceptance.cleared", actor=actor, why=because)
    return row


def _require_sense(*, probability: float, reason: str, until: datetime | None) -> None:
    if not 0 <= probability <= 1:
        raise Invalid(
            f"{probability:g} is no probability",
            field="probability",
            remedy="give a number from 0 (never) to 1 (always)",
        )
    if not reason.strip():
        raise Invalid(
            "no reason given", field="reason", remedy="say why, for whoever reads it later"
        )
    if until is not None and until <= clock.now():
        raise Invalid(
            f"{until.isoformat()} has passed",
            field="until",
            remedy="give a moment to come, or none for a word without end",
        )


def _locked(session: Session, location: str) -> Location:
    """The location, so that two who speak of it do so in turn; work given to it does not wait."""
    place = locations.by_code(session, location)
    session.exec(select(Location.id).where(Location.id == place.id).with_for_update(key_share=True))
    return place


def _open(session: Session, place: Location, sku_class: str) -> AcceptanceOverride | None:
    return session.exec(
        select(AcceptanceOverride)
        .where(
            AcceptanceOverride.location_id == place.id,
            AcceptanceOverride.sku_class == sku_class,
            col(AcceptanceOverride.ended_at).is_(None),
        )
        .execution_options(populate_existing=True)
    ).first()


def _close(row: AcceptanceOverride, *, actor: str, because: str) -> None:
    row.ended_at, row.ended_by, row.ended_because = clock.now(), actor, because


def _audit(session: Session, row: AcceptanceOverride, *, action: str, actor: str, why: str) -> None:
    record(
        session,
        action=action,
        subject_type="location",
        subject_id=row.location_id,
        actor=actor,
        facts={
            "sku_class": row.sku_class,
            "probability": row.probability,
            "until": row.until.isoformat() if row.until else None,
            "reason": why,
        },
    )
