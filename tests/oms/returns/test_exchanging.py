"""Other goods for those that come back: held, paid with what the old ones were worth, sent."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.ordering import cancelling
from oms.ordering.placing import OutOfStock
from oms.orders import queries as orders
from oms.orders.models import HoldKind, Order, OrderStatus
from oms.payments import capturing, crediting
from oms.returns import asking, exchanging, ruling, settling
from oms.returns.exchanging import Instead, NoExchange
from oms.returns.models import Return
from oms.returns.rules import Rule, RuleSet
from tests.builders import refused
from tests.oms.payments.money import an_order_with_money, money, sent, totals
from tests.oms.returns.parcels import asked, inspected, received
from tests.oms.shop import Shop, fill, held


@pytest.fixture
def order(session: Session, shop: Shop) -> Order:
    """Three mugs and a lamp that have left the house, and rules that let anything be exchanged."""
    fill(session, shop)
    body = RuleSet(rules=(Rule(name="kind", exchange="at_once"),))
    ruling.publish(session, body, note="test", actor="olga")
    return sent(session, an_order_with_money(session))


def instead(session: Session, row: Return, **units: int) -> Order:
    wanted = [Instead(sku, count) for sku, count in units.items()]
    return exchanging.exchange(session, row.id, wanted, actor="anna")


def back(session: Session, shop: Shop, row: Return, **units: int) -> int:
    """All of it came and was good; what of its refund goes back the way it came."""
    received(session, row, shop.riverside, **units)
    inspected(session, row)
    made = settling.give_money_back(session, row.id)
    assert made is not None
    order = session.get_one(Order, row.order_id)
    return sum(one.amount_minor for one in money(session, order).repayments if not one.credit_id)


def on_hold(session: Session, order: Order) -> bool:
    return [one.kind for one in orders.open_holds(session, order.id)] == [HoldKind.PAYMENT]


def test_the_same_article_is_held_at_once_and_sent_when_the_old_one_is_here(
    session: Session, shop: Shop, order: Order
) -> None:
    row = asked(session, order, MUG=2)
    new = instead(session, row, MUG=2)
    assert (row.exchange_order_id, new.channel) == (new.id, exchanging.CHANNEL)
    assert new.display_number == f"{order.display_number}-X{row.number}"
    assert (new.total_minor, sum(held(session, new).values())) == (2_300, 2)
    assert on_hold(session, new)
    assert back(session, shop, row, MUG=2) == 0
    assert not on_hold(session, new)
    assert totals(session, new) == {"store_credit": (2_300, 2_300, 0, 0)}
    assert row.credit_id is not None
    assert crediting.read(session, row.credit_id).balance_minor == 0
    sent(session, new)
    assert totals(session, new) == {"store_credit": (2_300, 2_300, 0, 0)}


def test_what_the_new_goods_cost_less_goes_back_the_way_it_came(
    session: Session, shop: Shop, order: Order
) -> None:
    row = asked(session, order, MUG=3)
    new = instead(session, row, LAMP=1)
    assert new.total_minor == 1_250
    assert back(session, shop, row, MUG=3) == 3_451 - 1_250
    assert not on_hold(session, new)


def test_what_they_cost_more_is_paid_before_they_go_on(
    session: Session, shop: Shop, order: Order
) -> None:
    row = asked(session, order, LAMP=1)
    new = instead(session, row, MUG=1)
    assert back(session, shop, row, LAMP=1) == 0
    assert on_hold(session, new)
    due = capturing.due_minor(session, new)
    assert due == 1_250 - 594
    capturing.take(
        session, new.id, tender="card", amount_minor=due, reference="", key="k", actor="anna"
    )
    exchanging.go_on_if_paid(session, new.id, actor="anna")
    assert not on_hold(session, new)


def test_a_rule_may_want_the_old_goods_first_or_let_nothing_be_exchanged(
    session: Session, shop: Shop, order: Order
) -> None:
    for rule, words in (
        (Rule(name="careful", exchange="after_receipt"), "it is authorised"),
        (Rule(name="never", exchange="none"), r"let nothing be exchanged \(rule: never\)"),
    ):
        ruling.publish(session, RuleSet(rules=(rule,)), note="test", actor="olga")
        row = asked(session, order, MUG=1)
        with refused(session, NoExchange, words):
            instead(session, row, MUG=1)
        if rule.exchange == "none":
            continue
        received(session, row, shop.riverside, MUG=1)
        instead(session, row, MUG=1)
        with refused(session, NoExchange, "had for it already"):
            instead(session, row, MUG=1)


def test_what_cannot_be_had_is_not_promised(session: Session, order: Order) -> None:
    row = asked(session, order, MUG=1)
    with refused(session, OutOfStock):
        instead(session, row, ANVIL=1)
    assert row.exchange_order_id is None


@pytest.mark.parametrize("late", [True, False], ids=["never came", "called off"])
def test_the_new_goods_are_let_go_when_the_old_ones_do_not_come(
    session: Session, order: Order, late: bool
) -> None:
    row = asked(session, order, MUG=1)
    new = instead(session, row, LAMP=1)
    if late:
        assert row.expires_at is not None
        row.reminded_at = clock.now()
        with clock.at(row.expires_at + timedelta(seconds=1)):
            settling.meet_deadline(session, row.id, version=row.version)
    else:
        asking.cancel(session, row.id, actor="customer")
    assert (new.status, row.exchange_order_id) == (OrderStatus.CANCELLED, None)
    assert held(session, new) == {}


def test_money_does_not_go_into_an_exchange_that_was_cancelled(
    session: Session, shop: Shop, order: Order
) -> None:
    row = asked(session, order, MUG=1)
    new = instead(session, row, LAMP=1)
    cancelling.cancel(session, new.id, actor="olga", reason="changed their mind")
    assert back(session, shop, row, MUG=1) == 1_150
    assert totals(session, new) == {}
