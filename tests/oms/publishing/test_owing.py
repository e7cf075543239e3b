"""What is owed is handed out by urgency, to one at a time, and forgotten only when it was told."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from oms import clock, db
from oms.channels.stock import Figure
from oms.inventory import receiving
from oms.publishing import owing
from oms.publishing.models import StockOwed
from tests.builders import an_order, stock
from tests.oms.publishing.stocked import ALL, a_listed_shop, owed, told

LATER = timedelta(seconds=30)


def row(session: Session, sku: str = "MUG", channel: str = "shopify") -> StockOwed:
    return session.get_one(StockOwed, (channel, sku), populate_existing=True)


def claim(session: Session, limit: int = 10) -> dict[str, int]:
    with clock.at(clock.now() + LATER):
        return dict(owing.claim(session, channel="shopify", limit=limit))


def test_what_is_sold_out_comes_first_then_what_falls(session: Session) -> None:
    shop = a_listed_shop(session, "shopify")
    stock(session, shop.riverside, MUG=3, LAMP=3)
    told(session, {("s-MUG", ""): Figure(0)}, ALL)
    owing.owe(session, channels=["shopify"], skus=["LAMP"])
    an_order(session, {"MUG": 1}, pickup_store="S01")
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    assert (row(session, "LAMP").priority, row(session).priority) == (2, 1)
    receiving.count(
        session, sku="MUG", location_id=shop.riverside.id, units=1, actor="test"
    )  # all that is left is promised
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    assert row(session).priority == 0
    assert row(session).available_at < row(session, "LAMP").available_at
    assert list(claim(session)) == ["MUG", "LAMP"]


def test_changes_within_a_second_are_one_row_that_counts_them(session: Session) -> None:
    a_listed_shop(session, "shopify")
    for _ in range(3):
        owing.owe(session, channels=["shopify"], skus=["MUG"])
    assert owed(session) == {("shopify", "MUG"): 3}
    assert owing.claim(session, channel="shopify", limit=10) == {}  # it waits for more
    assert claim(session) == {"MUG": 3}


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(live_database: str) -> None:
    with db.transaction() as session:
        a_listed_shop(session, "shopify")
        owing.owe_everything(session, channels=["shopify"])
    with db.transaction() as first, db.transaction() as second:
        assert list(claim(first, limit=1)) == ["LAMP"]
        assert list(claim(second)) == ["MUG"]  # skips the locked row
    with db.transaction() as session:
        assert claim(session) == {}
        with clock.at(clock.now() + owing.LEASE + LATER):
            assert sorted(owing.claim(session, channel="shopify", limit=9)) == ["LAMP", "MUG"]


def test_what_changed_again_while_it_was_told_stays_owed(session: Session) -> None:
    a_listed_shop(session, "shopify")
    owing.owe_everything(session, channels=["shopify"])
    claimed = claim(session)
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    owing.settled(session, channel="shopify", claimed=claimed)
    assert owed(session) == {("shopify", "MUG"): 2}
    assert row(session).leased_until is None
    assert claim(session) == {"MUG": 2}


def test_what_fails_is_tried_more_and_more_seldom(session: Session) -> None:
    a_listed_shop(session, "shopify")
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    waits = []
    with clock.at(clock.now() + LATER):
        for _ in range(6):
            owing.put_off(
                session,
                channel="shopify",
                skus=["MUG"],
                wait=timedelta(minutes=5),
                error="no such article",
            )
            waits.append((row(session).available_at - clock.now()) // timedelta(minutes=1))
    assert waits == [5, 10, 20, 40, 60, 60]
    assert (row(session).attempts, row(session).last_error) == (6, "no such article")
    owing.owe(session, channels=["shopify"], skus=["MUG"])  # a change does not hurry it
    assert (row(session).available_at - clock.now()) > timedelta(minutes=50)
    owing.owe_everything(session, channels=["shopify"], now=True)
    assert row(session).available_at <= clock.now()


def test_what_is_sold_out_waits_for_no_earlier_refusal(session: Session) -> None:
    shop = a_listed_shop(session, "shopify")
    stock(session, shop.riverside, MUG=3)
    told(session, {("s-MUG", ""): Figure(0)}, ALL)
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    owing.put_off(
        session, channel="shopify", skus=["MUG"], wait=timedelta(hours=1), error="one place"
    )
    receiving.count(session, sku="MUG", location_id=shop.riverside.id, units=0, actor="test")
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    assert row(session).available_at <= clock.now()


def test_what_is_handed_back_is_due_at_once(session: Session) -> None:
    a_listed_shop(session, "shopify")
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    claimed = claim(session)
    assert claim(session) == {}
    owing.hand_back(session, channel="shopify", skus=claimed)
    assert claim(session) == claimed


@pytest.mark.parametrize(("wait_s", "most_s", "seen"), [(3, 5, True), (9, 5, False)])
def test_the_next_that_is_due_is_known_if_it_is_soon(
    session: Session, wait_s: int, most_s: int, seen: bool
) -> None:
    a_listed_shop(session, "shopify")
    assert owing.next_due_s(session, channel="shopify", most_s=most_s) is None
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    owing.put_off(
        session, channel="shopify", skus=["MUG"], wait=timedelta(seconds=wait_s), error=None
    )
    assert (owing.next_due_s(session, channel="shopify", most_s=most_s) is not None) is seen
