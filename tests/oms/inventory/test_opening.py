"""The books are opened once, and ledger and balances agree from the start."""

from sqlmodel import Session, col, select

from oms.inventory import availability, opening, receiving
from oms.inventory.models import MovementKind, StockMovement
from oms.inventory.opening import Opening
from oms.outbox.models import OutboxRow
from tests.builders import a_product, a_store, stock

NOBODY_WAITS: frozenset[str] = frozenset()


def test_balances_are_opened_where_there_are_none(session: Session) -> None:
    one, other = a_store(session, "S01"), a_store(session, "S02")
    for sku in ("MUG", "BOWL"):
        a_product(session, sku)
    stock(session, one, MUG=3)
    openings = [
        Opening("MUG", one.id, units=50, safety=2),
        Opening("MUG", other.id, units=7),
        Opening("BOWL", other.id, units=0),
    ]
    opened = opening.open_balances(session, openings, awaited=NOBODY_WAITS, actor="cli")
    assert opened == 2
    held = {
        (row.sku, row.location_id): (row.on_hand, row.safety)
        for row in availability.of(session, ["MUG", "BOWL"])
    }
    assert held == {
        ("MUG", one.id): (3, 0),
        ("MUG", other.id): (7, 0),
        ("BOWL", other.id): (0, 0),
    }
    counts = session.exec(
        select(StockMovement)
        .where(StockMovement.cause_type == "opening")
        .order_by(col(StockMovement.sku))
    ).all()
    assert [(row.sku, row.kind, row.on_hand_delta) for row in counts] == [
        ("BOWL", MovementKind.COUNT, 0),
        ("MUG", MovementKind.COUNT, 7),
    ]
    assert opening.open_balances(session, openings, awaited=NOBODY_WAITS, actor="cli") == 0


def test_only_articles_that_orders_wait_for_are_told_of(session: Session) -> None:
    place = a_store(session)
    for sku in ("MUG", "BOWL", "CUP"):
        a_product(session, sku)
    openings = [Opening(sku, place.id, units=n) for sku, n in (("MUG", 1), ("BOWL", 1), ("CUP", 0))]
    opening.open_balances(session, openings, awaited={"MUG", "CUP"}, actor="cli")
    rows = session.exec(select(OutboxRow)).all()
    assert [(row.topic, row.subject_id, row.detail) for row in rows] == [
        ("stock.increased", place.id, "MUG")
    ]


def test_safety_stock_follows_what_is_stated(session: Session) -> None:
    place = a_store(session)
    for sku in ("MUG", "BOWL"):
        a_product(session, sku)
    stock(session, place, MUG=3, BOWL=3)
    stated = [Opening("MUG", place.id, units=0, safety=2), Opening("BOWL", place.id, units=0)]
    assert opening.set_safety(session, stated) == 1
    assert opening.set_safety(session, stated) == 0
    assert availability.promisable(session, ["MUG", "BOWL"]) == {
        ("MUG", place.id): 1,
        ("BOWL", place.id): 3,
    }
    receiving.receive(session, sku="MUG", location_id=place.id, units=1, actor="dock")
    assert availability.promisable(session, ["MUG"]) == {("MUG", place.id): 2}
