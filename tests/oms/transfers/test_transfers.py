"""Goods on their way from one location to another: held, off the books, in transit, booked in."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, select

from oms import clock, invariants
from oms.db import transaction
from oms.errors import IllegalMove, Invalid, NotFound, StaleVersion
from oms.inventory import counts_wanted, supplies
from oms.inventory.models import StockBalance
from oms.inventory.movements import InsufficientStock
from oms.transfers import queries, receiving, sending
from oms.transfers.models import Transfer, TransferStatus
from oms.transfers.receiving import Came
from tests.builders import refused
from tests.concurrency import at_once
from tests.oms.shop import Shop, a_shop, balance, fill, told, trail

ANY = st.integers(0, 9)


def a_transfer(session: Session, shop: Shop, wanted: Mapping[str, int] | None = None) -> Transfer:
    """Harbour sends mugs to Riverside."""
    return sending.request(
        session,
        from_location_id=shop.harbour.id,
        to_location_id=shop.riverside.id,
        wanted=wanted or {"MUG": 3},
        expected_at=clock.now() + timedelta(days=2),
        actor="anna",
    )


def shipped(session: Session, shop: Shop, wanted: Mapping[str, int] | None = None) -> Transfer:
    wanted = wanted or {"MUG": 3}
    transfer = a_transfer(session, shop, wanted)
    sending.pick(session, transfer.id, picked=wanted, actor="ben")
    return sending.ship(session, transfer.id, actor="ben")


def damaged(session: Session, location_id: UUID, sku: str = "MUG") -> int:
    row = session.get_one(StockBalance, (sku, location_id), populate_existing=True)
    return row.damaged


def wanted_counts(session: Session, location_id: UUID) -> list[str]:
    return [row.reason for row in counts_wanted.of_location(session, location_id)]


def test_units_are_held_then_in_transit_then_here(session: Session, shop: Shop) -> None:
    fill(session, shop, units=5)
    transfer = a_transfer(session, shop, {"MUG": 3})
    assert balance(session, shop.harbour) == (5, 3)
    sending.pick(session, transfer.id, picked={"MUG": 3}, actor="ben")
    sending.ship(session, transfer.id, actor="ben")
    assert balance(session, shop.harbour) == (2, 0)
    assert balance(session, shop.riverside) == (5, 0)
    [coming] = supplies.expected(session, location_id=shop.riverside.id)
    assert (coming.sku, coming.status.value, supplies.outstanding(coming)) == (
        "MUG",
        "in_transit",
        3,
    )
    receiving.receive(session, transfer.id, counted={"MUG": Came(3)}, actor="carl")
    assert balance(session, shop.riverside) == (8, 0)
    assert supplies.expected(session, location_id=shop.riverside.id) == []
    assert wanted_counts(session, shop.harbour.id) == []
    steps = ["transfer.requested", "transfer.picked", "transfer.shipped", "transfer.received"]
    assert trail(session, transfer.id) == told(session, transfer.id) == steps


def test_what_is_not_free_is_not_promised_to_another_location(session: Session, shop: Shop) -> None:
    fill(session, shop, units=5)
    a_transfer(session, shop, {"MUG": 4})
    with refused(session, InsufficientStock, "MUG"):
        a_transfer(session, shop, {"LAMP": 1, "MUG": 2})


def test_what_is_not_found_leaves_the_books_and_the_rest_goes(session: Session, shop: Shop) -> None:
    fill(session, shop, units=5)
    transfer = a_transfer(session, shop, {"LAMP": 1, "MUG": 3})
    sending.pick(session, transfer.id, picked={"LAMP": 1, "MUG": 2}, actor="ben")
    assert balance(session, shop.harbour) == (4, 2)  # one mug is gone, and doubted are some more
    assert wanted_counts(session, shop.harbour.id) == ["goods were not found"]
    sending.ship(session, transfer.id, actor="ben")
    counted = {"LAMP": Came(1), "MUG": Came(2)}
    receiving.receive(session, transfer.id, counted=counted, actor="carl")
    assert balance(session, shop.riverside) == (7, 0)


def test_short_over_and_damaged_are_booked_each_where_it_belongs(
    session: Session, shop: Shop
) -> None:
    fill(session, shop, units=9)
    transfer = shipped(session, shop, {"LAMP": 2, "MUG": 4})
    counted = {"LAMP": Came(3, damaged=1), "MUG": Came(3, damaged=2)}
    receiving.receive(session, transfer.id, counted=counted, actor="carl")
    lamp, mug = queries.lines(session, transfer.id)
    assert (lamp.received, lamp.over, lamp.damaged) == (2, 1, 1)
    assert (mug.received, mug.over, mug.damaged) == (3, 0, 2)
    # The lamp too many has left Harbour's books as well; the mug too few is in nobody's.
    assert balance(session, shop.harbour, "LAMP") == (6, 0)
    assert balance(session, shop.riverside, "LAMP") == (12, 0)
    assert balance(session, shop.harbour, "MUG") == (5, 0)
    assert balance(session, shop.riverside, "MUG") == (12, 0)
    assert (damaged(session, shop.riverside.id, "LAMP"), damaged(session, shop.riverside.id)) == (
        1,
        2,
    )
    reasons = wanted_counts(session, shop.harbour.id)
    number = transfer.number
    assert sorted(reasons) == [f"transfer {number} came over", f"transfer {number} came short"]


def test_too_many_that_are_promised_where_they_came_from_are_left_to_a_count(
    session: Session, shop: Shop
) -> None:
    fill(session, shop, units=5)
    transfer = shipped(session, shop, {"MUG": 3})
    a_transfer(session, shop, {"MUG": 2})
    receiving.receive(session, transfer.id, counted={"MUG": Came(4)}, actor="carl")
    assert balance(session, shop.harbour) == (2, 2)
    assert balance(session, shop.riverside) == (9, 0)
    assert wanted_counts(session, shop.harbour.id) == [f"transfer {transfer.number} came over"]


def test_a_transfer_of_which_nothing_came_is_lost(session: Session, shop: Shop) -> None:
    fill(session, shop, units=5)
    transfer = shipped(session, shop)
    receiving.receive(session, transfer.id, counted={"MUG": Came(0)}, actor="carl")
    assert transfer.status is TransferStatus.LOST
    assert (balance(session, shop.harbour), balance(session, shop.riverside)) == ((2, 0), (5, 0))


@pytest.mark.parametrize("picked", [False, True])
def test_what_is_called_off_is_free_again(session: Session, shop: Shop, picked: bool) -> None:
    fill(session, shop, units=5)
    transfer = a_transfer(session, shop)
    if picked:
        sending.pick(session, transfer.id, picked={"MUG": 2}, actor="ben")
    sending.cancel(session, transfer.id, actor="carl", location_id=shop.riverside.id)
    assert balance(session, shop.harbour) == (4 if picked else 5, 0)
    with refused(session, IllegalMove, "is cancelled, so it cannot become"):
        sending.cancel(session, transfer.id, actor="carl")


def test_each_side_does_its_own_part_once(session: Session, shop: Shop) -> None:
    fill(session, shop, units=5)
    transfer = a_transfer(session, shop)
    here, there = shop.riverside.id, shop.harbour.id
    with refused(session, NotFound, "leaves from another location"):
        sending.pick(session, transfer.id, picked={"MUG": 3}, actor="carl", location_id=here)
    with refused(session, NotFound, "no transfer"):
        sending.cancel(session, transfer.id, actor="dan", location_id=shop.depot.id)
    sending.pick(session, transfer.id, picked={"MUG": 3}, actor="ben", location_id=there)
    with refused(session, StaleVersion):
        sending.ship(session, transfer.id, actor="ben", version=1)
    with refused(session, IllegalMove, "is picked, so it cannot become received"):
        receiving.receive(session, transfer.id, counted={"MUG": Came(3)}, actor="carl")
    sending.ship(session, transfer.id, actor="ben", location_id=there)
    with refused(session, IllegalMove, "is shipped, so it cannot become shipped"):
        sending.ship(session, transfer.id, actor="ben")
    with refused(session, NotFound, "comes to another location"):
        receiving.receive(
            session, transfer.id, counted={"MUG": Came(3)}, actor="ben", location_id=there
        )


@pytest.mark.parametrize(
    ("wanted", "words"),
    [({}, "1 to 200 articles"), ({"MUG": 0}, "1 to 200"), ({"CUP": 1}, "not in the catalogue")],
)
def test_a_request_that_is_none_is_refused(
    session: Session, shop: Shop, wanted: dict[str, int], words: str
) -> None:
    fill(session, shop)
    expected = clock.now()
    with refused(session, NotFound if "CUP" in wanted else Invalid, words):
        sending.request(
            session,
            from_location_id=shop.harbour.id,
            to_location_id=shop.riverside.id,
            wanted=wanted,
            expected_at=expected,
            actor="anna",
        )
    with refused(session, Invalid, "another location"):
        sending.request(
            session,
            from_location_id=shop.harbour.id,
            to_location_id=shop.harbour.id,
            wanted={"MUG": 1},
            expected_at=expected,
            actor="anna",
        )


def test_a_count_that_does_not_fit_is_refused_by_name(session: Session, shop: Shop) -> None:
    fill(session, shop, units=5)
    transfer = a_transfer(session, shop, {"LAMP": 1, "MUG": 3})
    for picked, words in (
        ({"MUG": 3}, "LAMP: none of 1"),
        ({"MUG": 4, "LAMP": 1}, "MUG: 4 of 3"),
        ({"MUG": 0, "LAMP": 0}, "nothing was picked"),
    ):
        with refused(session, Invalid, words):
            sending.pick(session, transfer.id, picked=picked, actor="ben")
    sending.pick(session, transfer.id, picked={"LAMP": 1, "MUG": 3}, actor="ben")
    sending.ship(session, transfer.id, actor="ben")
    for counted, words in (
        ({"MUG": Came(3)}, "not counted: LAMP"),
        ({"MUG": Came(3), "LAMP": Came(1), "CUP": Came(1)}, "not part of this transfer: CUP"),
        ({"MUG": Came(3), "LAMP": Came(1, damaged=2)}, "LAMP: damaged units"),
    ):
        with refused(session, Invalid, words):
            receiving.receive(session, transfer.id, counted=counted, actor="carl")


def test_two_who_receive_at_once_book_it_in_once(live_database: str) -> None:
    with transaction() as session:
        shop = a_shop(session)
        fill(session, shop, units=5)
        transfer_id = shipped(session, shop).id

    def book() -> str:
        with transaction() as unit:
            counted = {"MUG": Came(3)}
            return receiving.receive(unit, transfer_id, counted=counted, actor="carl").status.value

    results = at_once([book, book])
    assert sorted(map(type, results), key=str) == sorted([str, IllegalMove], key=str)
    with transaction() as session:
        assert balance(session, shop.riverside) == (8, 0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["request", "pick", "ship", "receive", "cancel"]), ANY, ANY, ANY, ANY
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_no_unit_is_lost_or_doubled_by_any_sequence_of_transfers(
    session: Session, steps: list[tuple[str, int, int, int, int]]
) -> None:
    world = session.begin_nested()
    shop = a_shop(session)
    fill(session, shop, units=6)
    places = [shop.riverside.id, shop.harbour.id, shop.depot.id]
    begun = units_on_books(session)
    gone = found = 0
    for what, first, second, third, fourth in steps:
        before = units_on_books(session)
        free = free_units(session)
        try:
            with session.begin_nested():
                one = a_step(session, places, what, first, second, third, fourth)
        except (InsufficientStock, IllegalMove, Invalid):
            assert units_on_books(session) == before
            continue
        for line in queries.lines(session, one.id) if one is not None else ():
            if what == "pick":
                gone += line.requested - line.picked
            if what == "receive":
                gone += line.picked - line.received
                # Beyond the document: off the sender's books, unless they are promised there.
                found += line.over if free.get(one.from_location_id, 0) < line.over else 0
        assert units_on_books(session) == begun - gone + found
        assert invariants.broken(session) == []
    world.rollback()


def a_step(
    session: Session, places: list[UUID], what: str, first: int, second: int, *counts: int
) -> Transfer | None:
    """Try one step; which transfer, places and counts follow from the numbers drawn."""
    third, fourth = counts
    if what == "request":
        return sending.request(
            session,
            from_location_id=places[first % 3],
            to_location_id=places[second % 3],
            wanted={"MUG": third},
            expected_at=clock.now(),
            actor="anna",
        )
    rows = session.exec(select(Transfer).order_by(text("number"))).all()
    if not rows:
        return None
    one = rows[first % len(rows)]
    match what:
        case "pick":
            return sending.pick(session, one.id, picked={"MUG": second}, actor="ben")
        case "ship":
            return sending.ship(session, one.id, actor="ben")
        case "cancel":
            return sending.cancel(session, one.id, actor="ben")
        case _:
            came = Came(second, damaged=min(second, third, fourth))
            return receiving.receive(session, one.id, counted={"MUG": came}, actor="carl")


def free_units(session: Session) -> dict[UUID, int]:
    """Mugs at each location that nothing holds."""
    session.flush()
    rows = session.execute(
        text(
            "SELECT location_id, on_hand - reserved - damaged FROM stock_balances WHERE sku = 'MUG'"
        )
    )
    return {row[0]: row[1] for row in rows}


def units_on_books(session: Session) -> int:
    """Mugs on hand anywhere, and in transit to somewhere."""
    session.flush()
    found = session.execute(
        text(
            "SELECT (SELECT coalesce(sum(on_hand), 0) FROM stock_balances WHERE sku = 'MUG')"
            " + (SELECT coalesce(sum(announced - received), 0) FROM supplies"
            "    WHERE sku = 'MUG' AND status = 'in_transit')"
        )
    ).scalar_one()
    return int(found)
