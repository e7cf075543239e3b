"""Let programs, devices and people in: keys, enrolments, associates and operators."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.access import secrets
from oms.access.models import Associate, Device, Operator, Scope, ServiceKey
from oms.errors import Invalid

_SHORTEST_PIN = 4
_SHORTEST_PASSWORD = 10


def issue_key(
    session: Session, *, name: str, scopes: Collection[Scope], expires_at: datetime | None = None
) -> str:
    """Make a service key and return it; it cannot be shown again."""
    key = secrets.KEY_PREFIX + secrets.new_token()
    session.add(
        ServiceKey(
            name=name,
            key_hash=secrets.token_hash(key),
            scopes=sorted(scope.value for scope in scopes),
            created_at=clock.now(),
            expires_at=expires_at,
        )
    )
    return key


def enrol_device(session: Session, *, location_id: UUID, name: str) -> tuple[Device, str]:
    """Tie a device to a store and return its token; it cannot be shown again."""
    token = secrets.new_token()
    device = Device(
        location_id=location_id,
        name=name,
        token_hash=secrets.token_hash(token),
        enrolled_at=clock.now(),
    )
    session.add(device)
    session.flush()
    return device, token


def add_associate(
    session: Session, *, location_id: UUID, badge: str, name: str, pin: str
) -> Associate:
    """Let a person work in one store."""
    _require_pin(pin)
    associate = Associate(
        location_id=location_id,
        badge=badge,
        name=name,
        pin_hash=secrets.remember_hash(pin),
        created_at=clock.now(),
    )
    session.add(associate)
    session.flush()
    return associate


def add_operator(session: Session, *, login: str, password: str) -> Operator:
    """Let a person into operations."""
    _require_password(password)
    operator = Operator(
        login=login, password_hash=secrets.remember_hash(password), created_at=clock.now()
    )
    session.add(operator)
    session.flush()
    return operator


def change_pin(session: Session, associate: Associate, *, pin: str) -> None:
    """Give an associate another PIN; a lock for wrong attempts ends."""
    _require_pin(pin)
    associate.pin_hash = secrets.remember_hash(pin)
    associate.wrong_pins, associate.locked_until = 0, None
    session.flush()


def change_password(session: Session, operator: Operator, *, password: str) -> None:
    """Give an operator another password; a lock for wrong attempts ends."""
    _require_password(password)
    operator.password_hash = secrets.remember_hash(password)
    operator.wrong_passwords, operator.locked_until = 0, None
    session.flush()


def _require_pin(pin: str) -> None:
    if not pin.isdigit() or len(pin) < _SHORTEST_PIN:
        raise Invalid(
            f"a PIN has at least {_SHORTEST_PIN} digits", field="pin", remedy="choose another"
        )


def _require_password(password: str) -> None:
    if len(password) < _SHORTEST_PASSWORD:
        raise Invalid(
            f"a password has at least {_SHORTEST_PASSWORD} characters",
            field="password",
            remedy="choose a longer one",
        )
