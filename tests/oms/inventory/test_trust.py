"""Goods that are not found cost trust; less is promised until somebody counts."""

from sqlmodel import Session, select

from oms.fulfilments import giving_back
from oms.fulfilments.models import RejectReason
from oms.inventory import counts_wanted, receiving
from oms.inventory.receiving import BelowPromised
from oms.inventory.rule_models import CountWanted, StockTrust
from oms.locations.models import Location
from tests.builders import an_order, refused, stock
from tests.oms.inventory.test_rules import at
from tests.oms.shop import Shop, balance, routed


def not_found(session: Session, place: Location, units: int = 1) -> None:
    """An order is routed to the store, and the store does not find the goods."""
    [part] = routed(session, an_order(session, {"MUG": units}, pickup_store=place.code))
    giving_back.reject(session, part.id, reason=RejectReason.NOT_FOUND, actor="anna")


def trusted(session: Session, place: Location) -> tuple[int, int]:
    row = session.get_one(StockTrust, ("MUG", place.id), populate_existing=True)
    return row.percent, row.doubted


def wanted(session: Session, place: Location) -> list[tuple[str, str]]:
    session.flush()
    rows = counts_wanted.of_location(session, place.id)
    return [(row.sku, row.reason) for row in rows]


def test_each_time_goods_are_missed_trust_halves_until_none_is_left(
    session: Session, shop: Shop
) -> None:
    place = shop.riverside
    stock(session, place, MUG=20)
    for on_hand, percent, doubted in ((19, 50, 10), (18, 25, 14), (17, 0, 17)):
        not_found(session, place)
        assert balance(session, place) == (on_hand, 0)
        assert trusted(session, place) == (percent, doubted)
        assert at(session, place).doubted == doubted
        assert at(session, place).promisable == on_hand - doubted
    assert wanted(session, place) == [("MUG", "goods were not found")]


def test_a_count_restores_trust_and_settles_the_task(session: Session, shop: Shop) -> None:
    place = shop.riverside
    stock(session, place, MUG=20)
    not_found(session, place)
    receiving.count(session, sku="MUG", location_id=place.id, units=19, actor="anna")
    assert trusted(session, place) == (100, 0)
    assert at(session, place).promisable == 19
    assert wanted(session, place) == []
    [task] = session.exec(select(CountWanted)).all()
    assert task.done_by == "anna"
    not_found(session, place)
    assert trusted(session, place) == (50, 9)
    assert wanted(session, place) == [("MUG", "goods were not found")]


def test_goods_that_come_in_later_are_believed(session: Session, shop: Shop) -> None:
    place = shop.riverside
    stock(session, place, MUG=5)
    not_found(session, place)
    assert at(session, place).promisable == 2
    stock(session, place, MUG=10)
    assert at(session, place).promisable == 12


def test_a_count_that_is_refused_restores_nothing(session: Session, shop: Shop) -> None:
    place = shop.riverside
    stock(session, place, MUG=20)
    not_found(session, place)
    an_order(session, {"MUG": 5}, pickup_store="S01")
    with refused(session, BelowPromised):
        receiving.count(session, sku="MUG", location_id=place.id, units=4, actor="anna")
    assert trusted(session, place) == (50, 10)


def test_damaged_goods_are_set_apart_and_cost_no_trust(session: Session, shop: Shop) -> None:
    place = shop.riverside
    stock(session, place, MUG=5)
    [part] = routed(session, an_order(session, {"MUG": 2}, pickup_store="S01"))
    giving_back.reject(session, part.id, reason=RejectReason.DAMAGED, actor="anna")
    assert (at(session, place).on_hand, at(session, place).damaged) == (5, 2)
    assert at(session, place).promisable == 3
    assert session.exec(select(StockTrust)).all() == []
    assert wanted(session, place) == []
