"""Damaged units are set apart with a reason, never promised ones, once per key."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from oms.errors import Invalid
from oms.inventory import adjusting, condition, receiving
from oms.inventory.adjusting import NotThatMany
from oms.inventory.models import StockMovement
from oms.inventory.movements import InsufficientStock, Quarantined
from oms.inventory.receiving import BelowPromised
from oms.locations.models import Location
from tests.builders import an_order, refused, stock
from tests.oms.inventory.test_rules import at
from tests.oms.shop import Shop


@pytest.fixture
def place(session: Session, shop: Shop) -> Location:
    """A store with ten mugs, four of them promised."""
    stock(session, shop.riverside, MUG=10)
    an_order(session, {"MUG": 4})
    return shop.riverside


def figures(session: Session, place: Location) -> tuple[int, int, int, int]:
    row = at(session, place)
    return row.on_hand, row.reserved, row.damaged, row.promisable


def test_units_are_set_apart_restored_and_written_off(session: Session, place: Location) -> None:
    about = {"sku": "MUG", "location_id": place.id, "reason": "found behind", "actor": "anna"}
    steps: list[tuple[Callable[..., None], dict[str, int | bool], tuple[int, int, int, int]]] = [
        (condition.set_apart, {"units": 5}, (10, 4, 5, 1)),
        (condition.restore, {"units": 2}, (10, 4, 3, 3)),
        (condition.write_off, {"units": 2}, (8, 4, 1, 3)),
        (condition.write_off, {"units": 1, "damaged": False}, (7, 4, 1, 2)),
    ]
    for change, given, expected in steps:
        change(session, **about, **given)
        assert figures(session, place) == expected
    rows = session.exec(
        select(StockMovement.kind, StockMovement.reason)
        .where(col(StockMovement.cause_type) == "condition")
        .order_by(col(StockMovement.id))
    ).all()
    assert rows == [
        (kind, "found behind") for kind in ("set_apart", "restore", "write_off", "write_off")
    ]


@pytest.mark.parametrize(
    ("change", "given"),
    [
        (condition.set_apart, {"units": 7}),
        (condition.restore, {"units": 1}),
        (condition.write_off, {"units": 1}),
        (condition.write_off, {"units": 7, "damaged": False}),
    ],
)
def test_what_is_promised_or_not_there_cannot_be_changed(
    session: Session, place: Location, change: Callable[..., None], given: dict[str, int]
) -> None:
    with refused(session, InsufficientStock):
        change(session, sku="MUG", location_id=place.id, reason="x", actor="anna", **given)


@pytest.mark.parametrize(
    ("change", "given", "field"),
    [
        (condition.set_apart, {"units": 0, "reason": "x"}, "units"),
        (condition.set_apart, {"units": 1, "reason": " "}, "reason"),
        (condition.restore, {"units": -1, "reason": "x"}, "units"),
        (condition.write_off, {"units": 0, "reason": "x"}, "units"),
    ],
)
def test_a_change_says_how_much_and_why(
    session: Session,
    place: Location,
    change: Callable[..., None],
    given: dict[str, int],
    field: str,
) -> None:
    with refused(session, Invalid) as refusal:
        change(session, sku="MUG", location_id=place.id, actor="anna", **given)
    assert refusal.error.field == field


def test_a_change_is_made_once_per_key(session: Session, place: Location) -> None:
    for _ in range(2):
        condition.set_apart(
            session, sku="MUG", location_id=place.id, units=3, reason="x", actor="anna", key="A1"
        )
    assert figures(session, place) == (10, 4, 3, 3)


def test_a_count_may_say_how_many_of_the_units_are_damaged(
    session: Session, place: Location
) -> None:
    def count(units: int, damaged: int | None = None) -> int:
        return receiving.count(
            session, sku="MUG", location_id=place.id, units=units, damaged=damaged, actor="anna"
        )

    assert count(9, 2) == -1
    assert figures(session, place) == (9, 4, 2, 3)
    assert count(8) == -1
    assert figures(session, place) == (8, 4, 2, 2)
    assert count(8, 0) == 0
    assert figures(session, place) == (8, 4, 0, 4)
    count(8, 3)
    with refused(session, BelowPromised) as refusal:
        count(6)
    assert refusal.error.facts == {"promised": 4, "damaged": 3}
    with refused(session, Invalid):
        count(5, 6)


def test_what_customers_bring_back_leaves_quarantine_by_a_disposition_only(
    session: Session, place: Location
) -> None:
    about = {"sku": "MUG", "location_id": place.id, "reason": "x", "actor": "anna"}
    condition.set_apart(session, **about, units=1)
    given = {"sku": "MUG", "location_id": place.id, "units": 3, "actor": "anna"}
    cause = uuid4()
    for _ in range(2):
        receiving.take_back(session, **given, cause_id=cause, key="R1")
    assert figures(session, place) == (13, 4, 4, 5)
    for change in (condition.restore, condition.write_off):
        with refused(session, Quarantined, "3 of the 4 units set apart here came back") as refusal:
            change(session, **about, units=2)
        assert refusal.error.facts == {"set_apart": 4, "quarantined": 3}
    with refused(session, Quarantined):
        receiving.count(session, sku="MUG", location_id=place.id, units=13, damaged=2, actor="anna")
    with refused(session, NotThatMany):
        adjusting.adjust(
            session, sku="MUG", location_id=place.id, units=-10,
            reason=adjusting.AdjustReason.LOST, actor="anna",
        )  # fmt: skip
    condition.restore(session, **about, units=1)
    assert figures(session, place) == (13, 4, 3, 6)
    for key, sellable, left in (("D1", True, (13, 4, 2, 7)), ("D2", False, (12, 4, 1, 7))):
        for _ in range(2):
            condition.leave_quarantine(session, **about, units=1, sellable=sellable, key=key)
        assert figures(session, place) == left
    with refused(session, InsufficientStock):
        condition.leave_quarantine(session, **about, units=2, sellable=True, key="D3")
    condition.leave_quarantine(session, **about, units=1, sellable=True, key="D4")
    assert figures(session, place) == (12, 4, 0, 8)
    with refused(session, Invalid):
        receiving.take_back(session, **given | {"units": 0})
