"""Whoever looks after a store lets its people and devices in, and out again."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, delete, select

from oms import clock
from oms.access import enrolling
from oms.access.models import Associate, Device, SignIn
from oms.audit.recording import record
from oms.errors import Conflict, NotFound
from oms.locations.models import Location


def people(session: Session, store: Location) -> Sequence[Associate]:
    """Everybody who works or has worked there: who may come in first, by name."""
    return session.exec(
        select(Associate)
        .where(Associate.location_id == store.id)
        .order_by(col(Associate.active).desc(), col(Associate.name), col(Associate.badge))
    ).all()


def devices(session: Session, store: Location) -> Sequence[Device]:
    """Devices in use, the newest first."""
    return session.exec(
        select(Device)
        .where(Device.location_id == store.id, col(Device.revoked_at).is_(None))
        .order_by(col(Device.enrolled_at).desc(), col(Device.name))
    ).all()


def add(
    session: Session,
    store: Location,
    *,
    badge: str,
    name: str,
    pin: str,
    manages: bool,
    actor: str,
) -> Associate:
    """Let a person work in the store. A badge is one person's, also when they have left."""
    taken = session.exec(
        select(Associate.name).where(Associate.location_id == store.id, Associate.badge == badge)
    ).first()
    if taken is not None:
        raise Conflict(
            f"badge {badge} is {taken}'s",
            field="badge",
            remedy="give another badge, or let that person in again",
        )
    person = enrolling.add_associate(session, location_id=store.id, badge=badge, name=name, pin=pin)
    person.manages = manages
    _tell(session, store, "access.added", actor=actor, badge=badge, manages=manages)
    return person


def deactivate(session: Session, store: Location, badge: str, *, actor: str) -> Associate:
    """Keep a person out from now on; sessions that are open end. Nobody shuts themselves out."""
    person = _person(session, store, badge)
    if actor == f"associate:{store.code}:{badge}":
        raise Conflict(
            "you cannot take your own badge out of use",
            field="badge",
            remedy="ask another manager, or operations",
        )
    person.active = False
    _sign_out(session, person)
    _tell(session, store, "access.deactivated", actor=actor, badge=badge)
    return person


def reactivate(session: Session, store: Location, badge: str, *, actor: str) -> Associate:
    """Let a person in again, with the PIN that they had."""
    person = _person(session, store, badge)
    person.active = True
    _tell(session, store, "access.reactivated", actor=actor, badge=badge)
    return person


def reset_pin(session: Session, store: Location, badge: str, *, pin: str, actor: str) -> Associate:
    """Give a person another PIN; a lock for wrong ones ends, and so do open sessions."""
    person = _person(session, store, badge)
    enrolling.change_pin(session, person, pin=pin)
    if actor != f"associate:{store.code}:{badge}":
        _sign_out(session, person)
    _tell(session, store, "access.pin_reset", actor=actor, badge=badge)
    return person


def enrol(session: Session, store: Location, *, name: str, actor: str) -> tuple[Device, str]:
    """Tie a device to the store; the token is shown once."""
    device, token = enrolling.enrol_device(session, location_id=store.id, name=name)
    _tell(session, store, "access.device_enrolled", actor=actor, device=name)
    return device, token


def revoke(session: Session, store: Location, device_id: UUID, *, actor: str) -> Device:
    """Take a device out of use; whoever is signed in on it is not any more."""
    device = session.get(Device, device_id, with_for_update=True)
    if device is None or device.location_id != store.id:
        raise NotFound(
            f"there is no device {device_id} in this store",
            field="device_id",
            remedy="read the list of devices again",
        )
    if device.revoked_at is None:
        device.revoked_at = clock.now()
        _tell(session, store, "access.device_revoked", actor=actor, device=device.name)
    return device


def _person(session: Session, store: Location, badge: str) -> Associate:
    person = session.exec(
        select(Associate)
        .where(Associate.location_id == store.id, Associate.badge == badge)
        .with_for_update()
    ).first()
    if person is None:
        raise NotFound(
            f"nobody in {store.name} has badge {badge}",
            field="badge",
            remedy="read the list of people again",
        )
    return person


def _sign_out(session: Session, person: Associate) -> None:
    session.execute(delete(SignIn).where(col(SignIn.associate_id) == person.id))


def _tell(session: Session, store: Location, action: str, *, actor: str, **facts: object) -> None:
    session.flush()
    record(
        session,
        action=action,
        subject_type="location",
        subject_id=store.id,
        actor=actor,
        facts=facts,
    )
