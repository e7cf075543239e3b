"""Recognise a program by its key and a person by PIN or password; keep their sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from oms import clock
from oms.access import secrets
from oms.access.models import Associate, Device, Operator, ServiceKey, SignIn
from oms.errors import Forbidden, Unauthenticated
from oms.locations.models import Location

SHIFT = timedelta(hours=12)
MOST_WRONG = 5
LOCKED_FOR = timedelta(minutes=5)
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking. `location_id` limits an associate to one store."""

    actor: str
    name: str
    scopes: frozenset[str]
    location_id: UUID | None = None
    location_code: str | None = None
    device_id: UUID | None = None
    csrf: str | None = None
    """Set for people who come by cookie; their forms must carry it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The secret was wrong. A value, not an error: the count of attempts must be committed."""

    message: str
    retry_after_s: int | None = None


_ASSOCIATE_SCOPES = frozenset({"store:work"})
_MANAGER_SCOPES = _ASSOCIATE_SCOPES | {"store:manage"}
_OPERATOR_SCOPES = frozenset(
    {"operations", "orders:read", "orders:write", "stock:read", "store:manage"}
)
# A hash to check against when the name is unknown, so that both take the same time.
_DECOY = secrets.remember_hash("no such person")


def by_key(session: Session, key: str) -> Caller:
    """The program that holds this key."""
    found = session.exec(
        select(ServiceKey).where(ServiceKey.key_hash == secrets.token_hash(key))
    ).first()
    if found is None or found.revoked_at is not None:
        raise Unauthenticated(
            "this service key is not known",
            field="Authorization",
            remedy="send 'Authorization: Bearer oms_live_…' with a key that is in use",
        )
    if found.expires_at is not None and found.expires_at <= clock.now():
        raise Unauthenticated(
            f"this service key expired on {found.expires_at:%Y-%m-%d}",
            field="Authorization",
            remedy="issue a new one with `oms keys issue`",
        )
    _note_use(session, found)
    return Caller(actor=f"service:{found.name}", name=found.name, scopes=frozenset(found.scopes))


def associate(session: Session, *, device_token: str, badge: str, pin: str) -> str | Refused:
    """Sign an associate in on an enrolled device; return the cookie's value."""
    device = _device(session, device_token)
    person = session.exec(
        select(Associate)
        .where(
            Associate.location_id == device.location_id,
            Associate.badge == badge.strip(),
            col(Associate.active),
        )
        .with_for_update()
    ).first()
    if person is None:
        secrets.remembered(pin, _DECOY)
        return Refused("badge or PIN is wrong; try again or ask your manager")
    if refused := _locked(person.locked_until):
        return refused
    if not secrets.remembered(pin, person.pin_hash):
        person.wrong_pins, person.locked_until = _after_wrong(person.wrong_pins)
        return _locked(person.locked_until) or Refused(
            "badge or PIN is wrong; try again or ask your manager"
        )
    person.wrong_pins, person.locked_until = 0, None
    return _open(session, associate_id=person.id, device_id=device.id)


def operator(session: Session, *, login: str, password: str) -> str | Refused:
    """Sign an operator in; return the cookie's value."""
    person = session.exec(
        select(Operator)
        .where(Operator.login == login.strip(), col(Operator.active))
        .with_for_update()
    ).first()
    if person is None:
        secrets.remembered(password, _DECOY)
        return Refused("login or password is wrong")
    if refused := _locked(person.locked_until):
        return refused
    if not secrets.remembered(password, person.password_hash):
        person.wrong_passwords, person.locked_until = _after_wrong(person.wrong_passwords)
        return _locked(person.locked_until) or Refused("login or password is wrong")
    person.wrong_passwords, person.locked_until = 0, None
    return _open(session, operator_id=person.id)


def by_cookie(session: Session, token: str) -> Caller:
    """The person whose session this is."""
    found = session.get(SignIn, secrets.token_hash(token))
    if found is None or found.expires_at <= clock.now():
        raise Unauthenticated(
            "please sign in: your session has ended",
            field="session",
            remedy="sign in on the page and try again",
        )
    if found.operator_id is not None:
        person = session.get_one(Operator, found.operator_id)
        if not person.active:
            raise Unauthenticated(
                "this account is no longer in use", field="login", remedy="ask operations"
            )
        return Caller(
            actor=f"operator:{person.login}",
            name=person.login,
            scopes=_OPERATOR_SCOPES,
            csrf=found.csrf,
        )
    worker = session.get_one(Associate, found.associate_id)
    device = session.get_one(Device, found.device_id)
    if device.revoked_at is not None or not worker.active:
        raise Unauthenticated(
            "this device or badge is no longer in use", field="device", remedy="ask your manager"
        )
    store = session.get_one(Location, worker.location_id)
    return Caller(
        actor=f"associate:{store.code}:{worker.badge}",
        name=worker.name,
        scopes=_MANAGER_SCOPES if worker.manages else _ASSOCIATE_SCOPES,
        location_id=store.id,
        location_code=store.code,
        device_id=device.id,
        csrf=found.csrf,
    )


def sign_out(session: Session, token: str) -> None:
    """End a session; nothing happens if it has ended."""
    found = session.get(SignIn, secrets.token_hash(token))
    if found is not None:
        session.delete(found)


def require(caller: Caller, scope: str) -> None:
    """Refuse whoever may not do this."""
    if scope not in caller.scopes:
        raise Forbidden(
            f"{caller.name} may not do this: it needs the scope {scope}",
            field="Authorization",
            remedy="use a key or an account that has it",
            facts={"scope": scope},
        )


def device_location(session: Session, device_token: str) -> Location:
    """The store that a device is enrolled to."""
    return session.get_one(Location, _device(session, device_token).location_id)


def _device(session: Session, token: str) -> Device:
    found = session.exec(
        select(Device).where(Device.token_hash == secrets.token_hash(token))
    ).first()
    if found is None or found.revoked_at is not None:
        raise Unauthenticated(
            "this device is not enrolled",
            field="device",
            remedy="ask the manager for the store's enrolment link and open it here once",
        )
    return found


def _locked(until: datetime | None) -> Refused | None:
    if until is None or until <= clock.now():
        return None
    wait = int((until - clock.now()).total_seconds()) + 1
    return Refused(f"too many wrong attempts; wait {wait} seconds", retry_after_s=wait)


def _after_wrong(wrong: int) -> tuple[int, datetime | None]:
    if wrong + 1 >= MOST_WRONG:
        return 0, clock.now() + LOCKED_FOR
    return wrong + 1, None


def _open(
    session: Session,
    *,
    associate_id: UUID | None = None,
    device_id: UUID | None = None,
    operator_id: UUID | None = None,
) -> str:
    token = secrets.new_token()
    session.add(
        SignIn(
            token_hash=secrets.token_hash(token),
            associate_id=associate_id,
            device_id=device_id,
            operator_id=operator_id,
            csrf=secrets.new_token(),
            created_at=clock.now(),
            expires_at=clock.now() + SHIFT,
        )
    )
    return token


def _note_use(session: Session, key: ServiceKey) -> None:
    """Remember the last use to the minute.

    One row must not be written by every request, nor may requests of one key wait for each
    other: whoever finds it locked leaves it to the one that locked it.
    """
    if key.last_used_at is not None and clock.now() - key.last_used_at <= USE_NOTED_EVERY:
        return
    free = select(ServiceKey.id).where(ServiceKey.id == key.id).with_for_update(skip_locked=True)
    session.execute(
        update(ServiceKey)
        .where(col(ServiceKey.id).in_(free))
        .values(last_used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
