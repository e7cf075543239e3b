"""Programs are known by their keys; keys expire, are revoked, and are kept as hashes only."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from oms import clock
from oms.access import enrolling, signing_in
from oms.access.models import Scope, ServiceKey
from oms.db import transaction
from oms.errors import Forbidden, Unauthenticated
from tests.builders import contents, refused
from tests.concurrency import at_once

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def issue(session: Session, *scopes: Scope, expires_at: datetime | None = None) -> str:
    key = enrolling.issue_key(
        session, name="till", scopes=scopes or [Scope.ORDERS_READ], expires_at=expires_at
    )
    session.flush()
    return key


def test_a_key_names_its_program_and_its_scopes(session: Session) -> None:
    key = issue(session, Scope.ORDERS_WRITE, Scope.STOCK_READ)
    assert key.startswith("oms_live_")
    assert len(key) >= 50
    caller = signing_in.by_key(session, key)
    assert (caller.actor, caller.name, caller.scopes) == (
        "service:till",
        "till",
        frozenset({"orders:write", "stock:read"}),
    )
    assert (caller.location_id, caller.csrf) == (None, None)


def test_a_key_is_kept_nowhere(session: Session) -> None:
    key = issue(session)
    secret = key.removeprefix("oms_live_")
    assert not [row for rows in contents(session).values() for row in rows if secret in row]


@pytest.mark.parametrize(
    "change", [str.lower, str.upper, lambda key: key[:-1], lambda key: key + "x"]
)
def test_another_key_is_unknown(session: Session, change: object) -> None:
    other = change(issue(session))  # type: ignore[operator]
    with refused(session, Unauthenticated, "not known") as refusal:
        signing_in.by_key(session, other)
    assert (refusal.error.field, bool(refusal.error.remedy)) == ("Authorization", True)


def test_an_expired_key_says_since_when(session: Session) -> None:
    key = issue(session, expires_at=NOON)
    with clock.at(NOON - timedelta(seconds=1)):
        assert signing_in.by_key(session, key).name == "till"
    with clock.at(NOON), refused(session, Unauthenticated, "expired on 2026-03-02"):
        signing_in.by_key(session, key)


def test_a_revoked_key_is_unknown(session: Session) -> None:
    key = issue(session)
    session.exec(select(ServiceKey)).one().revoked_at = NOON
    session.flush()
    with refused(session, Unauthenticated, "not known"):
        signing_in.by_key(session, key)


def test_a_missing_scope_is_named(session: Session) -> None:
    caller = signing_in.by_key(session, issue(session, Scope.ORDERS_READ))
    signing_in.require(caller, "orders:read")
    with pytest.raises(Forbidden, match="till may not do this: it needs the scope orders:write"):
        signing_in.require(caller, "orders:write")


def last_used(session: Session) -> datetime | None:
    session.expire_all()
    return session.exec(select(ServiceKey)).one().last_used_at


def test_the_last_use_is_kept_to_the_minute(session: Session) -> None:
    key = issue(session)
    assert last_used(session) is None
    seen = []
    for seconds in (0, 60, 61, 62):
        with clock.at(NOON + timedelta(seconds=seconds)):
            signing_in.by_key(session, key)
        seen.append(last_used(session))
    assert seen == [NOON, NOON, NOON + timedelta(seconds=61), NOON + timedelta(seconds=61)]


@pytest.mark.usefixtures("live_database")
def test_requests_of_one_key_do_not_wait_for_each_other() -> None:
    with transaction() as session:
        key = issue(session)

    def use() -> str:
        with transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            return signing_in.by_key(session, key).name

    with transaction() as first:
        signing_in.by_key(first, key)  # notes the use and holds the row
        assert at_once([use] * 4) == ["till"] * 4
