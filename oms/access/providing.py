"""Make access agree with secrets that somebody else keeps, as the set-up of a whole system does.

Whoever comes in by a secret that is already right is left alone; whoever has another gets the
given one. Each function says whether it changed anything.
"""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, select

from oms import clock
from oms.access import enrolling, secrets
from oms.access.models import Associate, Device, Operator, Scope, ServiceKey


def provide_key(session: Session, *, name: str, scopes: Collection[Scope], key: str) -> bool:
    """Let the program of this name in with this key, and with no other."""
    key_hash = secrets.token_hash(key)
    granted = sorted(scope.value for scope in scopes)
    row = session.exec(select(ServiceKey).where(ServiceKey.name == name)).first()
    if row is None:
        row = ServiceKey(name=name, key_hash=key_hash, scopes=granted, created_at=clock.now())
        session.add(row)
    elif (row.key_hash, row.scopes, row.expires_at, row.revoked_at) == (
        key_hash,
        granted,
        None,
        None,
    ):
        return False
    row.key_hash, row.scopes = key_hash, granted
    row.expires_at = row.revoked_at = None
    session.flush()
    return True


def provide_device(session: Session, *, location_id: UUID, name: str, token: str) -> bool:
    """Enrol a device that holds this token; one that was taken out of use is not used again."""
    hashed = secrets.token_hash(token)
    if session.exec(select(Device.id).where(Device.token_hash == hashed)).first() is not None:
        return False
    session.add(
        Device(location_id=location_id, name=name, token_hash=hashed, enrolled_at=clock.now())
    )
    session.flush()
    return True


def provide_associate(
    session: Session, *, location_id: UUID, badge: str, name: str, pin: str, manages: bool = False
) -> bool:
    """Let this person work in one store with this PIN, and look after it or not."""
    person = session.exec(
        select(Associate).where(Associate.location_id == location_id, Associate.badge == badge)
    ).first()
    if person is None:
        person = enrolling.add_associate(
            session, location_id=location_id, badge=badge, name=name, pin=pin
        )
        person.manages = manages
        return True
    if secrets.remembered(pin, person.pin_hash) and person.manages is manages:
        return False
    person.manages = manages
    enrolling.change_pin(session, person, pin=pin)
    return True


def provide_operator(session: Session, *, login: str, password: str) -> bool:
    """Let this person into operations with this password."""
    person = session.exec(select(Operator).where(Operator.login == login)).first()
    if person is None:
        enrolling.add_operator(session, login=login, password=password)
        return True
    if secrets.remembered(password, person.password_hash):
        return False
    enrolling.change_password(session, person, password=password)
    return True
