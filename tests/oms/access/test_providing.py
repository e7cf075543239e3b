"""Access agrees with secrets that are kept elsewhere, however often it is provided."""

import pytest
from sqlmodel import Session, select

from oms.access import enrolling, providing, signing_in
from oms.access.models import Associate, Operator, Scope, ServiceKey
from oms.access.signing_in import Refused
from oms.errors import Invalid, Unauthenticated
from oms.locations.models import Location
from tests.builders import a_store

KEY, OTHER_KEY = "oms_live_one", "oms_live_other"
TOKEN, PIN, PASSWORD = "token of the tablet", "4821", "a long password"


def provide_associate(session: Session, place: Location, pin: str) -> bool:
    return providing.provide_associate(
        session, location_id=place.id, badge="7", name="Alex", pin=pin
    )


def test_a_key_is_provided_once(session: Session) -> None:
    scopes = [Scope.ORDERS_READ, Scope.ORDERS_WRITE]
    assert providing.provide_key(session, name="till", scopes=scopes, key=KEY)
    assert not providing.provide_key(session, name="till", scopes=scopes, key=KEY)
    caller = signing_in.by_key(session, KEY)
    assert (caller.actor, caller.scopes) == (
        "service:till",
        frozenset({"orders:read", "orders:write"}),
    )


def test_another_key_takes_the_place_of_the_first(session: Session) -> None:
    providing.provide_key(session, name="till", scopes=[Scope.ORDERS_READ], key=KEY)
    assert providing.provide_key(session, name="till", scopes=[Scope.STORE_WORK], key=OTHER_KEY)
    assert signing_in.by_key(session, OTHER_KEY).scopes == frozenset({"store:work"})
    with pytest.raises(Unauthenticated):
        signing_in.by_key(session, KEY)
    assert len(session.exec(select(ServiceKey)).all()) == 1


def test_a_device_and_an_associate_sign_in_together(session: Session) -> None:
    place = a_store(session)
    for expected in (True, False):
        given = providing.provide_device(session, location_id=place.id, name="Tablet", token=TOKEN)
        assert given is expected
        assert provide_associate(session, place, PIN) is expected
    cookie = signing_in.associate(session, device_token=TOKEN, badge="7", pin=PIN)
    assert isinstance(cookie, str)
    session.flush()
    assert signing_in.by_cookie(session, cookie).actor == "associate:S01:7"


def test_another_pin_takes_the_place_of_the_first_and_ends_a_lock(session: Session) -> None:
    place = a_store(session)
    providing.provide_device(session, location_id=place.id, name="Tablet", token=TOKEN)
    provide_associate(session, place, PIN)
    for _ in range(signing_in.MOST_WRONG):
        signing_in.associate(session, device_token=TOKEN, badge="7", pin="0000")
    assert provide_associate(session, place, "9753")
    refused = signing_in.associate(session, device_token=TOKEN, badge="7", pin=PIN)
    assert isinstance(refused, Refused)
    assert refused.retry_after_s is None
    assert isinstance(signing_in.associate(session, device_token=TOKEN, badge="7", pin="9753"), str)


def test_an_operator_is_provided_once_and_may_get_another_password(session: Session) -> None:
    for password, expected in ((PASSWORD, True), (PASSWORD, False), ("another password", True)):
        given = providing.provide_operator(session, login="olga", password=password)
        assert given is expected
    assert isinstance(signing_in.operator(session, login="olga", password="another password"), str)
    assert isinstance(signing_in.operator(session, login="olga", password=PASSWORD), Refused)
    assert len(session.exec(select(Operator)).all()) == 1


def test_secrets_that_are_too_short_are_refused(session: Session) -> None:
    place = a_store(session)
    provide_associate(session, place, PIN)
    providing.provide_operator(session, login="olga", password=PASSWORD)
    with pytest.raises(Invalid, match="a PIN has at least 4 digits"):
        enrolling.change_pin(session, session.exec(select(Associate)).one(), pin="12a4")
    with pytest.raises(Invalid, match="a password has at least 10 characters"):
        enrolling.change_password(session, session.exec(select(Operator)).one(), password="short")
    assert not provide_associate(session, place, PIN)
    assert not providing.provide_operator(session, login="olga", password=PASSWORD)
