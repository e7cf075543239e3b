"""Checkout holds: kept where the order will be filled, and ended once, whatever happens."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from oms import clock, invariants
from oms.db import transaction
from oms.errors import IllegalMove, Invalid, NotFound, OmsError
from oms.inventory import availability, checkout_holds, rules
from oms.inventory.checkout_holds import HoldEnded
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldLine, CheckoutHoldStatus
from oms.inventory.models import Reservation, StockBalance, StockMovement
from oms.inventory.rule_models import RuleKind, StockRule
from oms.inventory.rules import Scope
from oms.ordering import cancelling, checkout, placing, revising
from oms.ordering.checkout import Basket
from oms.orders.models import Delivery, Order, OrderStatus
from oms.orders.new_order import NewOrder
from tests.builders import a_new_order, later, refused, stock
from tests.concurrency import at_once
from tests.oms.shop import Shop, a_shop, balance, buckets, fill, held, routed, trail
from workflows import sweeping

OPEN, CONVERTED = CheckoutHoldStatus.OPEN, CheckoutHoldStatus.CONVERTED
RELEASED, EXPIRED = CheckoutHoldStatus.RELEASED, CheckoutHoldStatus.EXPIRED


def a_basket(*lines: tuple[str, int], channel: str = "reference", **changes: object) -> Basket:
    """A basket to be sent to New York; a mug, unless lines are given."""
    given: dict[str, object] = {
        "country": "US", "postcode": "10002", "latitude": 40.71, "longitude": -74.0,
    }  # fmt: skip
    return Basket(
        channel=channel,
        currency="USD",
        lines=lines or (("MUG", 1),),
        **(given | changes),  # type: ignore[arg-type]
    )


def kept(
    session: Session, *lines: tuple[str, int], minutes: int = 15, **changes: object
) -> CheckoutHold:
    return checkout.keep(session, a_basket(*lines, **changes), minutes=minutes, actor="web")  # type: ignore[arg-type]


def where(session: Session, hold: CheckoutHold) -> list[tuple[str, int, UUID]]:
    return [
        (line.sku, line.quantity, line.location_id)
        for line in checkout_holds.lines(session, hold.id)
    ]


def new(hold: CheckoutHold | UUID, *lines: tuple[str, int], **changes: object) -> NewOrder:
    """The order that follows a hold; two lines may want one article."""
    order = a_new_order({"MUG": 1}, **changes)  # type: ignore[arg-type]
    [line] = order.lines
    return dataclasses.replace(
        order,
        hold_id=hold if isinstance(hold, UUID) else hold.id,
        lines=tuple(
            dataclasses.replace(line, external_id=str(n), channel_sku=sku, quantity=units)
            for n, (sku, units) in enumerate(lines or (("MUG", 1),), start=1)
        ),
    )


def movements_of(session: Session) -> int:
    return len(session.exec(select(StockMovement)).all())


@pytest.fixture
def full(session: Session, shop: Shop) -> Shop:
    """Five mugs and lamps in every location."""
    fill(session, shop)
    return shop


def test_a_basket_is_kept_where_its_order_would_be_filled(session: Session, full: Shop) -> None:
    hold = kept(session, ("MUG", 2), ("LAMP", 1))
    assert where(session, hold) == [("MUG", 2, full.riverside.id), ("LAMP", 1, full.riverside.id)]
    assert balance(session, full.riverside) == (5, 2)
    assert availability.promisable(session, ["MUG"])["MUG", full.riverside.id] == 3
    assert hold.status is OPEN
    assert trail(session, hold.id) == ["checkout_hold.opened"]
    pickup = kept(session, delivery=Delivery.PICKUP, pickup_store="S02")
    assert where(session, pickup) == [("MUG", 1, full.harbour.id)]


def test_an_order_takes_over_exactly_the_units_that_were_kept(session: Session, full: Shop) -> None:
    hold = kept(session, ("MUG", 2), ("LAMP", 1))
    before = movements_of(session)
    # Meanwhile the store gets so busy that routing would choose another; the units stay.
    full.riverside.parcel_cost_minor = 10_000
    session.flush()
    order = placing.place(session, new(hold, ("MUG", 2), ("LAMP", 1)), actor="web")
    assert movements_of(session) == before
    assert held(session, order) == {("MUG", "S01"): 2, ("LAMP", "S01"): 1}
    assert buckets(session, order) == [{"reserved": 2}, {"reserved": 1}]
    assert (hold.status, hold.order_id) == (CONVERTED, order.id)
    assert balance(session, full.riverside) == (5, 2)
    assert trail(session, hold.id) == ["checkout_hold.opened", "checkout_hold.converted"]


def test_the_order_is_then_filled_and_cancelled_like_any_other(
    session: Session, full: Shop
) -> None:
    order = placing.place(session, new(kept(session)), actor="web")
    [part] = routed(session, order)
    assert part.location_id == full.riverside.id
    cancelling.cancel(session, order.id, actor="web", reason="test")
    assert balance(session, full.riverside) == (5, 0)


def test_an_order_for_less_takes_that_and_lets_the_rest_go(session: Session, full: Shop) -> None:
    hold = kept(session, ("MUG", 4), ("LAMP", 2))
    order = placing.place(session, new(hold, ("MUG", 3)), actor="web")
    assert held(session, order) == {("MUG", "S01"): 3}
    assert (balance(session, full.riverside), balance(session, full.riverside, "LAMP")) == (
        (5, 3), (5, 0),
    )  # fmt: skip


def test_an_order_for_more_gets_the_rest_from_what_is_there(session: Session, full: Shop) -> None:
    hold = kept(session, ("MUG", 2))
    order = placing.place(session, new(hold, ("MUG", 3), ("LAMP", 2)), actor="web")
    assert sum(held(session, order).values()) == 5
    assert buckets(session, order) == [{"reserved": 3}, {"reserved": 2}]
    reserved = sum(session.exec(select(StockBalance.reserved)).all())
    assert reserved == 5


def test_two_lines_of_one_article_are_matched_by_their_size(session: Session, full: Shop) -> None:
    hold = kept(session, ("MUG", 1), ("MUG", 4))
    order = placing.place(session, new(hold, ("MUG", 4), ("MUG", 1)), actor="web")
    assert buckets(session, order) == [{"reserved": 4}, {"reserved": 1}]
    assert balance(session, full.riverside) == (5, 5)


@pytest.mark.parametrize("how", ["released", "expired", "unknown", "other channel"])
def test_a_hold_that_is_not_theirs_or_has_ended_leaves_an_order_as_any_other(
    session: Session, full: Shop, how: str
) -> None:
    hold = kept(session, ("MUG", 5), channel="shopify" if how == "other channel" else "reference")
    if how == "released":
        checkout_holds.release(session, hold.id, actor="web")
    if how == "expired":
        with clock.at(later(hours=1)):
            assert checkout_holds.expire(session, [hold.id]) == 1
    reference = uuid4() if how == "unknown" else hold.id
    order = placing.place(session, new(reference, ("MUG", 5)), actor="web")
    assert sum(held(session, order).values()) == 5
    assert hold.order_id is None


def test_a_second_order_gets_nothing_of_a_hold(session: Session, full: Shop) -> None:
    hold = kept(session, ("MUG", 5))
    first = placing.place(session, new(hold, ("MUG", 5)), actor="web")
    second = placing.place(session, new(hold, ("MUG", 5)), actor="web")
    assert hold.order_id == first.id
    assert held(session, second) == {("MUG", "S02"): 5}


def test_a_basket_that_cannot_be_filled_whole_is_not_kept_at_all(
    session: Session, full: Shop
) -> None:
    with refused(session, placing.OutOfStock) as refusal:
        kept(session, ("LAMP", 1), ("MUG", 16))
    assert refusal.error.facts == {"skus": {"MUG": 16}}
    for wrong in (
        lambda: kept(session, minutes=0),
        lambda: kept(session, minutes=121),
        lambda: kept(session, delivery=Delivery.PICKUP),
        lambda: kept(session, ("MUG", 0)),
    ):
        with refused(session, Invalid):
            wrong()
    with refused(session, placing.UnknownSku):
        kept(session, ("VASE", 1))


def test_units_are_released_once(session: Session, full: Shop) -> None:
    hold = kept(session, ("MUG", 2))
    checkout_holds.release(session, hold.id, actor="web")
    assert (hold.status, balance(session, full.riverside)) == (RELEASED, (5, 0))
    with refused(session, IllegalMove):
        checkout_holds.release(session, hold.id, actor="web")
    with refused(session, NotFound):
        checkout_holds.release(session, uuid4(), actor="web")


def test_a_hold_is_extended_while_it_lasts_and_not_for_ever(session: Session, full: Shop) -> None:
    start = datetime(2030, 5, 1, 12, tzinfo=UTC)

    @contextmanager
    def minute(number: int) -> Iterator[None]:
        with clock.at(start + timedelta(minutes=number)):
            yield

    with minute(0):
        hold = kept(session)
    with minute(10):
        checkout.extend(session, hold.id, minutes=15, actor="web")
        assert hold.expires_at == start + timedelta(minutes=25)
        checkout.extend(session, hold.id, minutes=5, actor="web")
        assert hold.expires_at == start + timedelta(minutes=25)
    with minute(20), refused(session, HoldEnded, "cannot be kept beyond"):
        checkout.extend(session, hold.id, minutes=101, actor="web")
    with minute(25), refused(session, HoldEnded, "expired"):
        checkout.extend(session, hold.id, minutes=15, actor="web")
    with minute(25):
        assert checkout_holds.expire(session, [hold.id]) == 1
        assert checkout_holds.expire(session, [hold.id]) == 0
    assert (hold.status, balance(session, full.riverside)) == (EXPIRED, (5, 0))


def test_who_comes_late_still_gets_units_that_nobody_has_needed(
    session: Session, full: Shop
) -> None:
    hold = kept(session, ("MUG", 2))
    with clock.at(later(hours=1)):
        order = placing.place(session, new(hold, ("MUG", 2)), actor="web")
    assert (hold.status, hold.order_id) == (CONVERTED, order.id)


def test_what_has_run_out_is_given_to_whoever_needs_it_without_a_sweep(
    session: Session, full: Shop
) -> None:
    kept_units = [kept(session, ("MUG", 5), ("LAMP", 1)) for _ in range(3)]
    order = placing.place(session, a_new_order({"MUG": 4}), actor="test")
    assert buckets(session, order) == [{"backordered": 4}]
    with clock.at(later(hours=1)):
        order = placing.place(session, a_new_order({"MUG": 4}), actor="test")
        assert buckets(session, order) == [{"reserved": 4}]
        again = kept(session, ("MUG", 5))
    assert {hold.status for hold in kept_units} == {EXPIRED}
    assert again.status is OPEN


def test_a_hold_counts_against_the_allotment_of_its_channel(session: Session, full: Shop) -> None:
    place = full.riverside
    scope = Scope(sku="MUG", location_id=place.id, channel="reference")
    rule = rules.set_rule(session, RuleKind.ALLOTMENT, scope, units=3, actor="olga")

    def left() -> int | None:
        session.flush()
        return session.get_one(StockRule, rule.id, populate_existing=True).remaining

    hold = kept(session, ("MUG", 4))
    assert left() == 0
    order = placing.place(session, new(hold, ("MUG", 2)), actor="web")
    [row] = session.exec(select(Reservation)).all()
    assert (left(), row.allotted) == (2, 1)
    cancelling.cancel(session, order.id, actor="web", reason="test")
    assert left() == 3
    checkout_holds.release(session, kept(session, ("MUG", 5)).id, actor="web")
    assert left() == 3


def test_a_line_that_is_cut_or_added_later_leaves_the_taken_units_alone(
    session: Session, full: Shop
) -> None:
    hold = kept(session, ("MUG", 4))
    first = new(hold, ("MUG", 4), external_id="E1")
    order = placing.place(session, first, actor="web")
    changed = new(hold, ("MUG", 1), ("LAMP", 2), external_id="E1", updated_at=later(minutes=1))
    revising.apply(session, changed, actor="web")
    assert held(session, order) == {("MUG", "S01"): 1, ("LAMP", "S01"): 2}
    assert balance(session, full.riverside) == (5, 1)


@pytest.fixture
def shop_open(live_database: str) -> str:
    """Ten mugs in one store; the address of the database."""
    with transaction() as session:
        stock(session, a_shop(session).riverside, MUG=10, LAMP=10)
    return live_database


def totals() -> tuple[int, int]:
    with transaction() as session:
        assert invariants.broken(session) == []
        rows = session.exec(select(StockBalance).where(StockBalance.sku == "MUG")).all()
        return sum(row.on_hand for row in rows), sum(row.reserved for row in rows)


def one_hold(*lines: tuple[str, int], minutes: int = 15) -> UUID:
    with transaction() as session:
        return kept(session, *lines, minutes=minutes).id


def statuses() -> list[CheckoutHoldStatus]:
    with transaction() as session:
        return list(session.exec(select(CheckoutHold.status)).all())


def test_forty_baskets_for_ten_units_keep_ten(shop_open: str) -> None:
    outcomes = at_once([one_hold] * 40)
    assert sum(isinstance(outcome, UUID) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, placing.OutOfStock) for outcome in outcomes) == 30
    assert totals() == (10, 10)


def convert(hold_id: UUID, when: datetime) -> Callable[[], object]:
    def act() -> object:
        with clock.at(when), transaction() as session:
            return placing.place(session, new(hold_id, ("MUG", 3)), actor="web").id

    return act


def expire(hold_id: UUID, when: datetime) -> Callable[[], object]:
    def act() -> object:
        with clock.at(when), transaction() as session:
            return checkout_holds.expire(session, [hold_id])

    return act


def let_go(hold_id: UUID, when: datetime) -> Callable[[], object]:
    def act() -> object:
        with clock.at(when), transaction() as session:
            return checkout_holds.release(session, hold_id, actor="web").id

    return act


def test_a_hold_that_is_converted_expired_and_released_at_the_same_moment_ends_once(
    shop_open: str,
) -> None:
    for _ in range(3):
        hold_id = one_hold(("MUG", 3))
        when = later(hours=1)
        acts = [convert, expire, let_go, convert, expire]
        outcomes = at_once([act(hold_id, when) for act in acts])
        with transaction() as session:
            hold = session.get_one(CheckoutHold, hold_id)
            placed = session.exec(select(Order).where(Order.closed_at.is_(None))).all()  # type: ignore[union-attr]
            assert len(placed) == 2
            assert all(order.status is OrderStatus.CAPTURED for order in placed)
            assert hold.status in (CONVERTED, EXPIRED, RELEASED)
            unexpected = [
                one
                for one in outcomes
                if isinstance(one, Exception) and not isinstance(one, OmsError)
            ]
            assert unexpected == []
        assert totals() == (10, 6)
        for order in placed:
            with transaction() as session:
                cancelling.cancel(session, order.id, actor="web", reason="test")
        assert totals() == (10, 0)


def test_holds_are_swept_by_several_workers_once_each(shop_open: str) -> None:
    for _ in range(5):
        one_hold(("MUG", 2), ("LAMP", 1), minutes=5)

    def sweep() -> bool:
        with clock.at(later(minutes=6)):
            return sweeping.sweep()

    at_once([sweep] * 4)
    assert statuses() == [EXPIRED] * 5
    assert totals() == (10, 0)


def test_after_a_day_without_a_worker_the_sweep_ends_everything(shop_open: str) -> None:
    for _ in range(4):
        one_hold(("MUG", 1), minutes=5)
    assert not sweeping.sweep()
    with clock.at(later(days=1)):
        assert sweeping.sweep()
        assert not sweeping.sweep()
    assert totals() == (10, 0)


@contextmanager
def killed() -> Iterator[Session]:
    """A process that dies before its commit: the database sees its connection break."""
    try:
        with transaction() as session:
            yield session
            pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with transaction() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            session.execute(text("SELECT 1"))
    except OperationalError:
        return
    raise AssertionError("the connection survived")


def test_whoever_dies_between_the_steps_strands_nothing(shop_open: str) -> None:
    with killed() as session:
        kept(session, ("MUG", 3))
    assert (totals(), statuses()) == ((10, 0), [])

    hold_id = one_hold(("MUG", 3))
    when = later(hours=1)
    with killed() as session:
        placing.place(session, new(hold_id, ("MUG", 3)), actor="web")
    assert (totals(), statuses()) == ((10, 3), [OPEN])
    with killed() as session:
        checkout_holds.release(session, hold_id, actor="web")
    assert (totals(), statuses()) == ((10, 3), [OPEN])
    with clock.at(when), killed() as session:
        assert checkout_holds.expire(session, [hold_id]) == 1
    assert (totals(), statuses()) == ((10, 3), [OPEN])

    with clock.at(when):
        assert sweeping.sweep()
    assert (totals(), statuses()) == ((10, 0), [EXPIRED])
    with transaction() as session:
        assert session.exec(select(Order)).all() == []
        assert len(session.exec(select(CheckoutHoldLine)).all()) == 1
