"""People sign in on a device of their store or as operators; guessing is stopped by a lock."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.access import enrolling, secrets, signing_in
from oms.access.models import Associate, Device, Operator, SignIn
from oms.access.signing_in import LOCKED_FOR, MOST_WRONG, SHIFT, Refused
from oms.db import transaction
from oms.errors import Invalid, Unauthenticated
from oms.locations.models import Location
from tests.builders import a_store, contents, refused
from tests.concurrency import at_once

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRONG = "badge or PIN is wrong"


@pytest.fixture
def store(session: Session) -> Location:
    place = a_store(session, "S01")
    enrolling.add_associate(session, location_id=place.id, badge="17", name="Anna", pin="4711")
    enrolling.add_operator(session, login="olga", password="correct horse")
    return place


@pytest.fixture
def device(session: Session, store: Location) -> str:
    return enrolling.enrol_device(session, location_id=store.id, name="Handheld 1")[1]


def sign_in(session: Session, device: str, badge: str = "17", pin: str = "4711") -> str | Refused:
    outcome = signing_in.associate(session, device_token=device, badge=badge, pin=pin)
    session.flush()
    return outcome


def anna(session: Session) -> Associate:
    return session.exec(select(Associate).where(Associate.badge == "17")).one()


def test_an_associate_works_in_the_store_of_the_device(
    session: Session, store: Location, device: str
) -> None:
    cookie = sign_in(session, device, badge=" 17 ")
    assert isinstance(cookie, str)
    caller = signing_in.by_cookie(session, cookie)
    assert (caller.actor, caller.name) == ("associate:S01:17", "Anna")
    assert caller.scopes == {"store:work"}
    assert (caller.location_id, caller.location_code) == (store.id, "S01")
    assert caller.device_id == session.exec(select(Device.id)).one()
    assert caller.csrf
    assert signing_in.device_location(session, device).code == "S01"


def test_the_same_badge_in_another_store_is_another_person(
    session: Session, store: Location, device: str
) -> None:
    other = a_store(session, "S02")
    enrolling.add_associate(session, location_id=other.id, badge="17", name="Ben", pin="9999")
    there = enrolling.enrol_device(session, location_id=other.id, name="Handheld 2")[1]
    assert isinstance(sign_in(session, device, pin="9999"), Refused)
    cookie = sign_in(session, there, pin="9999")
    assert isinstance(cookie, str)
    assert signing_in.by_cookie(session, cookie).actor == "associate:S02:17"


@pytest.mark.parametrize(("badge", "pin"), [("17", "4712"), ("17", ""), ("99", "4711"), ("", "")])
def test_a_wrong_badge_and_a_wrong_pin_are_refused_in_the_same_words(
    session: Session, device: str, badge: str, pin: str
) -> None:
    outcome = sign_in(session, device, badge=badge, pin=pin)
    assert isinstance(outcome, Refused)
    assert outcome.message.startswith(WRONG)
    assert outcome.retry_after_s is None
    assert session.exec(select(SignIn)).all() == []


def test_five_wrong_pins_lock_the_badge_also_for_the_right_one(
    session: Session, device: str
) -> None:
    with clock.at(NOON):
        outcomes = [sign_in(session, device, pin="0000") for _ in range(MOST_WRONG)]
        waits = [one.retry_after_s for one in outcomes if isinstance(one, Refused)]
        assert waits == [None, None, None, None, 301]
        locked = sign_in(session, device)
        assert isinstance(locked, Refused)
        assert locked.message == "too many wrong attempts; wait 301 seconds"
    with clock.at(NOON + LOCKED_FOR - timedelta(seconds=1)):
        assert isinstance(sign_in(session, device), Refused)
    with clock.at(NOON + LOCKED_FOR):
        assert isinstance(sign_in(session, device), str)
    assert (anna(session).wrong_pins, anna(session).locked_until) == (0, None)


def test_a_right_pin_forgets_the_wrong_ones(session: Session, device: str) -> None:
    for _ in range(3):
        for _ in range(MOST_WRONG - 1):
            assert isinstance(sign_in(session, device, pin="0000"), Refused)
        assert isinstance(sign_in(session, device), str)


def test_a_device_that_is_not_enrolled_lets_nobody_in(session: Session, device: str) -> None:
    with refused(session, Unauthenticated, "not enrolled") as refusal:
        sign_in(session, device + "x")
    assert (refusal.error.field, bool(refusal.error.remedy)) == ("device", True)
    session.exec(select(Device)).one().revoked_at = NOON
    session.flush()
    with refused(session, Unauthenticated, "not enrolled"):
        sign_in(session, device)


@pytest.mark.parametrize("who", ["device", "associate"])
def test_a_session_ends_with_its_device_and_its_person(
    session: Session, device: str, who: str
) -> None:
    cookie = sign_in(session, device)
    assert isinstance(cookie, str)
    if who == "device":
        session.exec(select(Device)).one().revoked_at = NOON
    else:
        anna(session).active = False
    session.flush()
    with refused(session, Unauthenticated, "no longer in use"):
        signing_in.by_cookie(session, cookie)
    if who == "associate":
        assert isinstance(sign_in(session, device), Refused)


def test_a_session_ends_with_the_shift(session: Session, device: str) -> None:
    with clock.at(NOON):
        cookie = sign_in(session, device)
    assert isinstance(cookie, str)
    with clock.at(NOON + SHIFT - timedelta(seconds=1)):
        assert signing_in.by_cookie(session, cookie).name == "Anna"
    with clock.at(NOON + SHIFT), refused(session, Unauthenticated, "please sign in"):
        signing_in.by_cookie(session, cookie)


def test_signing_out_ends_the_session_and_may_be_repeated(session: Session, device: str) -> None:
    cookie = sign_in(session, device)
    assert isinstance(cookie, str)
    for _ in range(2):
        signing_in.sign_out(session, cookie)
        session.flush()
        with refused(session, Unauthenticated, "please sign in"):
            signing_in.by_cookie(session, cookie)


def test_an_operator_sees_every_store_and_works_in_none(session: Session, store: Location) -> None:
    cookie = signing_in.operator(session, login=" olga ", password="correct horse")
    assert isinstance(cookie, str)
    caller = signing_in.by_cookie(session, cookie)
    assert (caller.actor, caller.location_id) == ("operator:olga", None)
    assert caller.scopes == {
        "operations",
        "orders:read",
        "orders:write",
        "stock:read",
        "store:manage",
    }


def test_an_operator_is_locked_after_five_wrong_passwords(
    session: Session, store: Location
) -> None:
    with clock.at(NOON):
        for login in ["olga"] * MOST_WRONG + ["nobody"] * MOST_WRONG:
            outcome = signing_in.operator(session, login=login, password="wrong horse")
            assert isinstance(outcome, Refused)
        locked = signing_in.operator(session, login="olga", password="correct horse")
        assert isinstance(locked, Refused)
        assert locked.retry_after_s == 301
        unknown = signing_in.operator(session, login="nobody", password="correct horse")
        assert unknown == Refused("login or password is wrong")


def test_an_operator_who_has_left_is_out_at_once(session: Session, store: Location) -> None:
    cookie = signing_in.operator(session, login="olga", password="correct horse")
    assert isinstance(cookie, str)
    session.exec(select(Operator)).one().active = False
    session.flush()
    with refused(session, Unauthenticated, "no longer in use"):
        signing_in.by_cookie(session, cookie)
    assert isinstance(signing_in.operator(session, login="olga", password="correct horse"), Refused)


def test_nothing_that_a_person_knows_or_carries_is_kept(session: Session, device: str) -> None:
    # Four digits turn up in any timestamp or hash by chance; sixteen do not.
    pin = "4711081547110815"
    place = session.exec(select(Location)).one()
    enrolling.add_associate(session, location_id=place.id, badge="18", name="Cleo", pin=pin)
    cookie = sign_in(session, device, badge="18", pin=pin)
    assert isinstance(cookie, str)
    kept = [row for rows in contents(session).values() for row in rows]
    for secret in (pin, "correct horse", device, cookie):
        assert not [row for row in kept if secret in row]


@pytest.mark.parametrize("pin", ["", "123", "12a4", "१२३"])
def test_a_pin_has_four_digits_at_least(session: Session, store: Location, pin: str) -> None:
    with refused(session, Invalid, "at least 4 digits") as refusal:
        enrolling.add_associate(session, location_id=store.id, badge="18", name="Cleo", pin=pin)
    assert refusal.error.field == "pin"


def test_a_password_has_ten_characters_at_least(session: Session, store: Location) -> None:
    with refused(session, Invalid, "at least 10 characters"):
        enrolling.add_operator(session, login="oscar", password="too short")


def test_a_damaged_hash_fits_nothing() -> None:
    assert not secrets.remembered("4711", "not a hash")
    assert secrets.remembered("4711", secrets.remember_hash("4711"))
    assert secrets.remember_hash("4711") != secrets.remember_hash("4711")


@pytest.mark.usefixtures("live_database")
def test_guesses_made_at_once_are_all_counted() -> None:
    with transaction() as session:
        place = a_store(session, "S01")
        enrolling.add_associate(session, location_id=place.id, badge="17", name="Anna", pin="4711")
        token = enrolling.enrol_device(session, location_id=place.id, name="Handheld 1")[1]

    def guess() -> str | Refused:
        with transaction() as session:
            return signing_in.associate(session, device_token=token, badge="17", pin="0000")

    outcomes = at_once([guess] * 10)
    waits = [one.retry_after_s is None for one in outcomes if isinstance(one, Refused)]
    assert sorted(waits) == [False] * 6 + [True] * 4
