"""Whoever looks after a store lets its people and devices in, and out again."""

from uuid import uuid4

import pytest
from sqlmodel import Session

from oms.access import enrolling, managing, signing_in
from oms.access.signing_in import Refused
from oms.errors import Conflict, NotFound, Unauthenticated
from oms.locations.models import Location
from tests.builders import a_store, refused
from tests.oms.shop import trail


@pytest.fixture
def store(session: Session) -> Location:
    return a_store(session)


def sign_in(session: Session, token: str, pin: str) -> str | Refused:
    found = signing_in.associate(session, device_token=token, badge="17", pin=pin)
    session.flush()
    return found


def test_a_person_comes_in_gets_another_pin_and_is_kept_out(
    session: Session, store: Location
) -> None:
    device, token = managing.enrol(session, store, name="Tablet", actor="olga")
    managing.add(session, store, badge="17", name="Ana", pin="1111", manages=True, actor="olga")
    cookie = sign_in(session, token, "1111")
    assert isinstance(cookie, str)
    assert "store:manage" in signing_in.by_cookie(session, cookie).scopes
    managing.reset_pin(session, store, "17", pin="2222", actor="olga")
    with pytest.raises(Unauthenticated):  # whoever had the old PIN is out
        signing_in.by_cookie(session, cookie)
    cookie = sign_in(session, token, "2222")
    assert isinstance(cookie, str)
    managing.deactivate(session, store, "17", actor="olga")
    assert isinstance(sign_in(session, token, "2222"), Refused)
    managing.reactivate(session, store, "17", actor="olga")
    assert isinstance(sign_in(session, token, "2222"), str)
    managing.revoke(session, store, device.id, actor="olga")
    with pytest.raises(Unauthenticated, match="not enrolled"):
        sign_in(session, token, "2222")
    assert managing.devices(session, store) == []
    assert trail(session, store.id) == [
        "access.device_enrolled",
        "access.added",
        "access.pin_reset",
        "access.deactivated",
        "access.reactivated",
        "access.device_revoked",
    ]


def test_an_associate_who_does_not_look_after_the_store_may_not(
    session: Session, store: Location
) -> None:
    _, token = enrolling.enrol_device(session, location_id=store.id, name="Tablet")
    enrolling.add_associate(session, location_id=store.id, badge="17", name="Ben", pin="1111")
    cookie = sign_in(session, token, "1111")
    assert isinstance(cookie, str)
    assert signing_in.by_cookie(session, cookie).scopes == {"store:work"}


def test_a_badge_is_one_person_s_and_nobody_shuts_themselves_out(
    session: Session, store: Location
) -> None:
    managing.add(session, store, badge="17", name="Ana", pin="1111", manages=True, actor="o")
    with refused(session, Conflict, "badge 17 is Ana's"):
        managing.add(session, store, badge="17", name="Ben", pin="1111", manages=False, actor="o")
    with refused(session, Conflict, "your own badge"):
        managing.deactivate(session, store, "17", actor="associate:S01:17")
    elsewhere = a_store(session, "S02")
    with refused(session, NotFound, "nobody in Store S02 has badge 17"):
        managing.deactivate(session, elsewhere, "17", actor="olga")
    device, _ = managing.enrol(session, store, name="Tablet", actor="olga")
    for wrong in (device.id, uuid4()):
        with refused(session, NotFound, "in this store"):
            managing.revoke(session, elsewhere, wrong, actor="olga")
