"""Ring-fenced units are taken by their channel only, given back to it, and freed on their day."""

from uuid import UUID

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.db import transaction
from oms.inventory import availability, movements, receiving, rules
from oms.inventory.models import MovementKind, Reservation, StockBalance
from oms.inventory.movements import Cause, Change, InsufficientStock
from oms.inventory.rule_models import RuleKind, StockRule
from oms.inventory.rules import Scope
from oms.ordering import cancelling, placing
from oms.orders.models import OrderStatus
from oms.sourcing import tariffs
from tests.builders import TARIFF, a_new_order, a_product, a_store, an_order, later, refused, stock
from tests.concurrency import at_once
from tests.oms.shop import Shop, balance, held, routed, shipped
from tests.oms.shop import buckets as buckets_of

TEST = Cause("test", None, "test")


def allot(session: Session, place_id: UUID, units: int, channel: str = "shopify") -> StockRule:
    scope = Scope(sku="MUG", location_id=place_id, channel=channel)
    return rules.set_rule(session, RuleKind.ALLOTMENT, scope, units=units, actor="olga")


def promised(session: Session, place_id: UUID, channel: str | None = None) -> int:
    session.flush()
    return availability.promisable(session, ["MUG"], channel=channel).get(("MUG", place_id), 0)


def remaining(session: Session) -> list[int | None]:
    session.flush()
    session.expire_all()
    return list(session.exec(select(StockRule.remaining).order_by(StockRule.channel)))


@pytest.fixture
def fenced(session: Session, shop: Shop) -> Shop:
    """Ten mugs in one store, four of them for shopify."""
    stock(session, shop.riverside, MUG=10)
    allot(session, shop.riverside.id, 4)
    return shop


def test_a_channel_uses_its_allotment_first_and_the_common_stock_then(
    session: Session, fenced: Shop
) -> None:
    place = fenced.riverside.id
    order = an_order(session, {"MUG": 3}, channel="shopify")
    assert remaining(session) == [1]
    assert (promised(session, place), promised(session, place, "shopify")) == (6, 7)
    an_order(session, {"MUG": 3}, channel="shopify")
    assert remaining(session) == [0]
    assert (promised(session, place), promised(session, place, "shopify")) == (4, 4)
    rows = session.exec(select(Reservation).order_by(Reservation.id)).all()  # type: ignore[arg-type]
    assert [row.allotted for row in rows] == [3, 1]
    assert held(session, order) == {("MUG", "S01"): 3}


def test_others_cannot_have_ring_fenced_units(session: Session, fenced: Shop) -> None:
    order = an_order(session, {"MUG": 7}, channel="reference")
    assert buckets_of(session, order) == [{"backordered": 7}]
    order = an_order(session, {"MUG": 6}, channel="reference")
    assert buckets_of(session, order) == [{"reserved": 6}]
    assert remaining(session) == [4]
    with refused(session, InsufficientStock):
        change = Change("MUG", fenced.riverside.id, MovementKind.RESERVE, reserved=1)
        movements.apply(session, [change], cause=TEST)


def test_a_cancelled_order_gives_its_units_back_to_the_allotment(
    session: Session, fenced: Shop
) -> None:
    order = an_order(session, {"MUG": 6}, channel="shopify")
    assert remaining(session) == [0]
    cancelling.cancel(session, order.id, actor="test", reason="test")
    assert remaining(session) == [4]
    assert promised(session, fenced.riverside.id) == 6


def test_units_cut_from_a_line_go_back_to_the_allotment_first(
    session: Session, fenced: Shop
) -> None:
    order = an_order(session, {"MUG": 6}, channel="shopify")
    [line] = session.exec(select(Reservation.line_id)).all()
    cancelling.cancel_units(session, order, {line: 5}, actor="test")
    assert remaining(session) == [4]
    [row] = session.exec(select(Reservation)).all()
    assert (row.quantity, row.allotted) == (1, 0)


def test_what_is_sold_is_used_up(session: Session, fenced: Shop) -> None:
    [part] = routed(session, an_order(session, {"MUG": 3}, channel="shopify"))
    shipped(session, part)
    assert remaining(session) == [1]
    assert balance(session, fenced.riverside) == (7, 0)
    assert (
        promised(session, fenced.riverside.id),
        promised(session, fenced.riverside.id, "shopify"),
    ) == (6, 7)


def test_units_of_an_ended_allotment_become_common_when_they_are_freed(
    session: Session, fenced: Shop
) -> None:
    order = an_order(session, {"MUG": 3}, channel="shopify")
    [rule] = rules.in_force(session)
    rules.end_rule(session, rule.id, actor="olga", because="season over")
    assert promised(session, fenced.riverside.id) == 7
    cancelling.cancel(session, order.id, actor="test", reason="test")
    assert promised(session, fenced.riverside.id) == 10


def test_on_the_release_date_nobody_waits_for_the_sweep(session: Session, shop: Shop) -> None:
    place = shop.riverside.id
    stock(session, shop.riverside, MUG=10)
    scope = Scope(sku="MUG", location_id=place, channel="shopify")
    rules.set_rule(session, RuleKind.ALLOTMENT, scope, units=4, until=later(hours=1), actor="olga")
    assert promised(session, place, "reference") == 6
    with clock.at(later(hours=2)):
        assert promised(session, place, "reference") == 10
        order = an_order(session, {"MUG": 9}, channel="reference")
    assert buckets_of(session, order) == [{"reserved": 9}]
    [rule] = rules.in_force(session, with_history=True)
    assert (rule.ended_by, rule.ended_because) == ("system", "its release date has come")


def test_goods_that_are_not_there_yet_are_promised_to_nobody_else_when_they_come(
    session: Session, shop: Shop
) -> None:
    place = shop.riverside.id
    allot(session, place, 5)
    allot(session, place, 5, "marketplace")
    stock(session, shop.riverside, MUG=6)
    assert [promised(session, place, who) for who in ("shopify", "marketplace", None)] == [1, 1, 0]
    receiving.receive(session, sku="MUG", location_id=place, units=6, actor="dock")
    assert [promised(session, place, who) for who in ("shopify", "marketplace", None)] == [7, 7, 2]


def test_a_buffer_is_kept_from_its_channel_by_the_promise_itself(
    session: Session, shop: Shop
) -> None:
    stock(session, shop.riverside, MUG=5)
    rules.set_rule(session, RuleKind.BUFFER, Scope(channel="shopify"), units=2, actor="olga")
    place = shop.riverside.id
    with refused(session, InsufficientStock):
        change = Change("MUG", place, MovementKind.RESERVE, reserved=4, channel="shopify")
        movements.apply(session, [change], cause=TEST)
    order = an_order(session, {"MUG": 5}, channel="reference")
    assert buckets_of(session, order) == [{"reserved": 5}]


@pytest.fixture
def place_id(live_database: str) -> UUID:
    """A store with twenty mugs: five for shopify, five for the marketplace."""
    with transaction() as session:
        tariffs.load(session, name="test", currency="USD", sheet=TARIFF)
        a_product(session, "MUG")
        place = a_store(session, "S01")
        stock(session, place, MUG=20)
        allot(session, place.id, 5)
        allot(session, place.id, 5, "marketplace")
        return place.id


def test_channels_that_race_never_eat_each_others_units(place_id: UUID) -> None:
    def buy(channel: str) -> OrderStatus:
        with transaction() as session:
            return placing.place(session, a_new_order(channel=channel), actor="test").status

    greedy = [lambda: buy("reference")] * 24
    late = [lambda: buy("shopify")] * 3 + [lambda: buy("marketplace")] * 3
    outcomes = at_once([*greedy, *late])
    assert outcomes[24:] == [OrderStatus.CAPTURED] * 6
    with transaction() as session:
        row = session.exec(select(StockBalance)).one()
        won = outcomes[:24].count(OrderStatus.CAPTURED)
        assert (won, row.reserved, row.withheld) == (10, 16, 4)
        assert remaining(session) == [2, 2]


def test_a_rule_that_is_set_while_others_buy_holds_from_its_commit(place_id: UUID) -> None:
    def buy() -> OrderStatus:
        with transaction() as session:
            return placing.place(session, a_new_order(), actor="test").status

    def fence() -> int:
        with transaction() as session:
            allot(session, place_id, 12)
            return promised(session, place_id)

    outcomes = at_once([*[buy] * 8, fence, *[buy] * 8])
    bought = outcomes.count(OrderStatus.CAPTURED)
    with transaction() as session:
        row = session.exec(select(StockBalance)).one()
        assert row.reserved == bought <= 10
        assert row.withheld == 17


def test_a_balance_opened_while_a_rule_is_set_does_not_miss_it(live_database: str) -> None:
    with transaction() as session:
        a_product(session, "MUG")
        places = [a_store(session, f"S{number:02}").id for number in range(8)]

    def receive(place: UUID) -> None:
        with transaction() as session:
            receiving.receive(session, sku="MUG", location_id=place, units=5, actor="dock")

    def keep_back() -> None:
        with transaction() as session:
            rules.set_rule(session, RuleKind.SAFETY, Scope(), units=2, actor="olga")

    calls = [lambda place=place: receive(place) for place in places]
    assert at_once([*calls[:4], keep_back, *calls[4:]]) == [None] * 9
    with transaction() as session:
        assert set(session.exec(select(StockBalance.withheld)).all()) == {2}
