"""Orders as operations lists and searches them."""

from dataclasses import replace

import pytest
from sqlmodel import Session

from oms.ordering import cancelling, placing
from oms.orders import listing
from oms.orders.models import Order, OrderStatus
from oms.reports.backlog import backlog
from tests.builders import a_new_order, an_order
from tests.oms.shop import Shop, fill


@pytest.fixture
def five(session: Session, shop: Shop) -> list[Order]:
    """Five orders on two channels; the third is cancelled."""
    fill(session, shop)
    made = [
        placing.place(
            session,
            replace(
                a_new_order(
                    {"MUG": 1, "LAMP": 1},
                    channel="till" if number % 2 else "shopify",
                    external_id=f"ext-{number}",
                ),
                customer_email=f"person{number}@example.com",
                customer_name=f"Person {number}",
            ),
            actor="test",
        )
        for number in range(5)
    ]
    cancelling.cancel(session, made[2].id, actor="test", reason="test")
    session.flush()
    return made


def numbers(page: listing.OrderPage) -> list[int]:
    return [row.number for row in page.rows]


def test_pages_do_not_overlap_or_skip(session: Session, five: list[Order]) -> None:
    all_numbers = [order.number for order in reversed(five)]
    first = listing.page(session, limit=2)
    second = listing.page(session, limit=2, older_than=first.older_than)
    third = listing.page(session, limit=2, older_than=second.older_than)
    assert numbers(first) + numbers(second) + numbers(third) == all_numbers
    assert (len(third.rows), third.older_than) == (1, None)
    assert listing.page(session, limit=5).older_than is None


def test_a_row_has_what_the_list_shows(session: Session, five: list[Order]) -> None:
    row = listing.page(session, limit=1).rows[0]
    assert (row.id, row.channel, row.customer_name, row.units, row.total_minor) == (
        five[4].id,
        "shopify",
        "Person 4",
        2,
        2_500,
    )


def test_the_list_is_filtered(session: Session, five: list[Order]) -> None:
    cancelled = listing.page(session, status=OrderStatus.CANCELLED)
    assert numbers(cancelled) == [five[2].number]
    assert len(listing.page(session, channel="till").rows) == 2
    assert listing.page(session, channel="nowhere").rows == ()
    assert list(listing.channels(session)) == ["shopify", "till"]
    assert listing.open_by_status(session) == {OrderStatus.CAPTURED: 4}


@pytest.mark.parametrize("way", ["ext-1", "#ext-1", " ext-1 ", "PERSON1@example.com", "number"])
def test_an_order_is_found_by_whatever_names_it(
    session: Session, five: list[Order], way: str
) -> None:
    wanted = str(five[1].number) if way == "number" else way
    assert numbers(listing.page(session, search=wanted)) == [five[1].number]


@pytest.mark.parametrize("odd", ["9" * 18, "9" * 40, "%", "_", "'", "nobody@example.com", "#"])
def test_what_names_no_order_finds_none(session: Session, five: list[Order], odd: str) -> None:
    assert listing.page(session, search=odd).rows == ()


def test_the_backlog_counts_what_waits(session: Session, shop: Shop) -> None:
    fill(session, shop)
    before = backlog(session)
    order = an_order(session, {"MUG": 1})
    session.flush()
    after = backlog(session)
    assert after.outbox.count == before.outbox.count + 1
    assert before.outbox.since is not None
    assert after.outbox.since == before.outbox.since
    assert (after.messages.count, after.exceptions.count) == (0, 0)
    assert (after.writebacks_owed.count, after.writebacks_dead.count) == (0, 0)
    assert order.number is not None
