"""Stock changes by guarded statements, and the ledger says why."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from sqlmodel import Session, col, select

from oms.errors import Invalid
from oms.inventory import availability, movements, receiving
from oms.inventory.models import MovementKind, StockBalance, StockMovement
from oms.inventory.movements import Cause, Change, InsufficientStock
from oms.inventory.receiving import BelowPromised
from oms.locations.models import Location
from oms.outbox.models import OutboxRow
from tests.builders import a_product, a_store, refused, stock

BY_TEST = Cause("test", None, "test")


@pytest.fixture
def place(session: Session) -> Location:
    a_product(session, "MUG")
    a_product(session, "LAMP")
    return a_store(session, "S01")


def balance(session: Session, place: Location, sku: str = "MUG") -> tuple[int, int]:
    row = session.get_one(StockBalance, (sku, place.id), populate_existing=True)
    return row.on_hand, row.reserved


def ledger(session: Session) -> list[tuple[str, int, int]]:
    rows = session.exec(select(StockMovement).order_by(col(StockMovement.id))).all()
    return [(row.kind.value, row.on_hand_delta, row.reserved_delta) for row in rows]


def reserve(session: Session, place: Location, units: int, sku: str = "MUG") -> None:
    # An order's hold in short: the reservation row is the business of `reservations`.
    change = Change(sku, place.id, MovementKind.RESERVE, reserved=units)
    movements.apply(session, [change], cause=BY_TEST)


def release(session: Session, place: Location, units: int) -> None:
    change = Change("MUG", place.id, MovementKind.RELEASE, reserved=-units)
    movements.apply(session, [change], cause=BY_TEST)


def woken(session: Session) -> list[tuple[UUID, str]]:
    session.flush()
    rows = session.exec(select(OutboxRow).where(OutboxRow.topic == "stock.increased")).all()
    return [(row.subject_id, row.detail) for row in rows]


def test_goods_that_come_in_make_the_balance_and_one_entry_of_the_ledger(
    session: Session, place: Location
) -> None:
    receiving.receive(session, sku="MUG", location_id=place.id, units=5, actor="anna")
    assert balance(session, place) == (5, 0)
    entry = session.exec(select(StockMovement)).one()
    assert (entry.kind, entry.on_hand_delta, entry.reserved_delta) == (MovementKind.RECEIVE, 5, 0)
    assert (entry.cause_type, entry.cause_id, entry.actor) == ("delivery", None, "anna")
    assert woken(session) == [(place.id, "MUG")]


@pytest.mark.parametrize("units", [0, -1])
def test_nothing_and_less_than_nothing_cannot_come_in(
    session: Session, place: Location, units: int
) -> None:
    with refused(session, Invalid, "units must be positive") as refusal:
        receiving.receive(session, sku="MUG", location_id=place.id, units=units, actor="anna")
    assert refusal.error.field == "units"


def test_a_delivery_with_a_key_comes_in_once(session: Session, place: Location) -> None:
    for _ in range(3):
        receiving.receive(
            session, sku="MUG", location_id=place.id, units=5, actor="anna", key="slip 17"
        )
    assert balance(session, place) == (5, 0)
    assert len(ledger(session)) == 1
    assert len(woken(session)) == 1


def test_more_than_is_there_cannot_be_reserved_and_nothing_changes(
    session: Session, place: Location
) -> None:
    stock(session, place, MUG=5)
    reserve(session, place, 3)
    with refused(session, InsufficientStock, "MUG: too little stock") as refusal:
        reserve(session, place, 3)
    assert refusal.error.facts == {"sku": "MUG", "location_id": str(place.id)}
    assert balance(session, place) == (5, 3)
    release(session, place, 3)


def test_all_of_several_changes_are_made_or_none(session: Session, place: Location) -> None:
    stock(session, place, MUG=5, LAMP=1)
    with refused(session, InsufficientStock, "MUG"):
        movements.apply(
            session,
            [
                Change("LAMP", place.id, MovementKind.RESERVE, reserved=1),
                Change("MUG", place.id, MovementKind.RESERVE, reserved=6),
            ],
            cause=BY_TEST,
        )
    assert balance(session, place, "LAMP") == (1, 0)


def test_an_article_without_a_balance_cannot_be_reserved(session: Session, place: Location) -> None:
    with refused(session, InsufficientStock):
        reserve(session, place, 1)
    assert session.get(StockBalance, ("MUG", place.id)) is None


@pytest.mark.parametrize(("on_hand", "reserved"), [(-6, 0), (-3, 0), (0, -4), (-1, -4)])
def test_no_change_may_leave_more_reserved_than_is_there_or_less_than_nothing(
    session: Session, place: Location, on_hand: int, reserved: int
) -> None:
    stock(session, place, MUG=5)
    reserve(session, place, 3)
    change = Change("MUG", place.id, MovementKind.ADJUST, on_hand=on_hand, reserved=reserved)
    with refused(session, InsufficientStock):
        movements.apply(session, [change], cause=BY_TEST)
    release(session, place, 3)


def test_safety_stock_is_not_promised_but_work_on_promised_goods_may_use_it(
    session: Session, place: Location
) -> None:
    stock(session, place, MUG=5)
    reserve(session, place, 3)
    session.get_one(StockBalance, ("MUG", place.id), populate_existing=True).safety = 2
    session.flush()
    assert availability.promisable(session, ["MUG"]) == {}
    with refused(session, InsufficientStock):
        reserve(session, place, 1)
    shipped = Change("MUG", place.id, MovementKind.SHIP, on_hand=-3, reserved=-3)
    movements.apply(session, [shipped], cause=BY_TEST)
    assert balance(session, place) == (2, 0)


def test_availability_names_every_deduction(session: Session, place: Location) -> None:
    other = a_store(session, "S02")
    stock(session, place, MUG=9, LAMP=4)
    stock(session, other, MUG=1)
    reserve(session, place, 3)
    session.get_one(StockBalance, ("MUG", place.id), populate_existing=True).safety = 2
    session.get_one(StockBalance, ("MUG", other.id), populate_existing=True).safety = 2
    session.flush()
    found = {(row.sku, row.location_id): row for row in availability.of(session, ["MUG", "LAMP"])}
    here, there = found["MUG", place.id], found["MUG", other.id]
    assert (here.on_hand, here.reserved, here.safety, here.promisable) == (9, 3, 2, 4)
    assert (there.on_hand, there.reserved, there.safety, there.promisable) == (1, 0, 2, 0)
    assert availability.promisable(session, ["MUG", "LAMP", "NOWHERE"]) == {
        ("MUG", place.id): 4,
        ("LAMP", place.id): 4,
    }
    release(session, place, 3)


@pytest.mark.parametrize(("counted", "difference"), [(7, 2), (3, -2), (5, 0)])
def test_a_count_sets_what_is_on_hand_and_is_kept_also_when_it_agrees(
    session: Session, place: Location, counted: int, difference: int
) -> None:
    stock(session, place, MUG=5)
    found = receiving.count(
        session, sku="MUG", location_id=place.id, units=counted, actor="anna", key="count 1"
    )
    assert found == difference
    assert balance(session, place) == (counted, 0)
    assert ledger(session)[-1] == ("count", difference, 0)


def test_a_first_count_makes_the_balance(session: Session, place: Location) -> None:
    assert receiving.count(session, sku="MUG", location_id=place.id, units=4, actor="anna") == 4
    assert balance(session, place) == (4, 0)


def test_only_a_count_that_finds_more_wakes_waiting_orders(
    session: Session, place: Location
) -> None:
    receiving.count(session, sku="MUG", location_id=place.id, units=4, actor="anna")
    receiving.count(session, sku="MUG", location_id=place.id, units=4, actor="anna")
    receiving.count(session, sku="MUG", location_id=place.id, units=1, actor="anna")
    assert len(woken(session)) == 1


def test_a_count_below_what_is_promised_is_refused_with_the_way_out(
    session: Session, place: Location
) -> None:
    stock(session, place, MUG=5)
    reserve(session, place, 3)
    with refused(session, BelowPromised, r"3 units are promised .* 2 were counted") as refusal:
        receiving.count(session, sku="MUG", location_id=place.id, units=2, actor="anna")
    assert refusal.error.facts == {"promised": 3}
    assert refusal.error.field == "units"
    assert refusal.error.remedy
    assert receiving.count(session, sku="MUG", location_id=place.id, units=3, actor="anna") == -2
    release(session, place, 3)


def test_less_than_nothing_cannot_be_counted(session: Session, place: Location) -> None:
    with refused(session, Invalid, "must not be negative"):
        receiving.count(session, sku="MUG", location_id=place.id, units=-1, actor="anna")


def test_what_is_let_go_wakes_whoever_waits_for_it(session: Session, place: Location) -> None:
    stock(session, place, MUG=5)
    reserve(session, place, 2)
    before = len(woken(session))
    release(session, place, 2)
    assert len(woken(session)) == before + 1


def test_the_ledger_has_one_entry_per_change_in_the_sequence_of_locks(
    session: Session, place: Location
) -> None:
    stock(session, place, MUG=5, LAMP=5)
    movements.apply(
        session,
        [
            Change("MUG", place.id, MovementKind.ADJUST, on_hand=-1),
            Change("LAMP", place.id, MovementKind.ADJUST, on_hand=-2),
        ],
        cause=Cause("rejection", cause_id := uuid4(), "anna"),
    )
    entries = session.exec(
        select(StockMovement)
        .where(StockMovement.cause_id == cause_id)
        .order_by(col(StockMovement.id))
    ).all()
    assert [(entry.sku, entry.on_hand_delta) for entry in entries] == [("LAMP", -2), ("MUG", -1)]


def test_an_ordinary_promise_is_one_ledger_row_and_one_guarded_update(
    session: Session, place: Location
) -> None:
    stock(session, place, MUG=5)
    sent: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *about: sent.append(about[2]))
    reserve(session, place, 1)
    assert [statement.split()[:2] for statement in sent] == [
        ["INSERT", "INTO"],
        ["UPDATE", "stock_balances"],
    ]
    change = Change("MUG", place.id, MovementKind.RELEASE, reserved=-1)
    movements.apply(session, [change], cause=BY_TEST)


def test_no_index_has_a_column_that_changes_with_the_stock(session: Session) -> None:
    indexed = session.scalars(
        text(
            "SELECT DISTINCT attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
            " AND a.attnum = ANY(i.indkey) WHERE i.indrelid = 'stock_balances'::regclass"
        )
    ).all()
    assert set(indexed) == {"sku", "location_id"}
