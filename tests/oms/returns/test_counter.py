"""Goods on the counter: all steps at once, or nothing; without a receipt by policy only."""

from typing import Any

import pytest
from sqlmodel import Session, select

from oms.errors import Conflict, Invalid
from oms.inventory.models import StockMovement
from oms.locations.models import Location
from oms.locations.queries import TakesNoReturns
from oms.orders.models import Order
from oms.payments import crediting
from oms.returns import counter, finding, links, queries, ruling, unreceipted
from oms.returns.asking import ReturnedBefore
from oms.returns.counter import Brought, Done, Give, Wish
from oms.returns.exchanging import Instead
from oms.returns.models import Condition, Disposition, ReturnStatus
from oms.returns.rules import Rule, RuleSet
from oms.returns.unreceipted import NeedsReceipt
from tests.builders import a_listing, an_order, refused
from tests.oms.payments.money import an_order_with_money, line_ids, money, sent, totals
from tests.oms.returns.parcels import asked, lying
from tests.oms.shop import Shop, fill, ready, routed

SOLD_AGAIN = {"condition": Condition.AS_NEW, "disposition": Disposition.SELLABLE}


@pytest.fixture
def order(session: Session, shop: Shop) -> Order:
    """Three mugs and a lamp of a web shop that have left the house."""
    fill(session, shop)
    return sent(session, an_order_with_money(session))


def publish(session: Session, *rules: Rule, **others: Any) -> None:
    ruling.publish(session, RuleSet(rules=rules, **others), note="test", actor="olga")


def bring(session: Session, shop: Shop, order: Order, wish: Wish = Wish(), **units: int) -> Done:  # noqa: B008 - frozen
    ids = line_ids(session, order)
    brought = [Brought(ids[sku], count, **SOLD_AGAIN) for sku, count in units.items()]  # type: ignore[arg-type]
    return counter.bring(session, order.id, brought, wish, place=shop.riverside, actor="anna")


def test_what_is_brought_is_on_sale_and_paid_for_at_once(
    session: Session, shop: Shop, order: Order
) -> None:
    before = lying(session, shop.riverside)
    done = bring(session, shop, order, MUG=2, LAMP=1)
    assert done.refund is not None
    assert done.refund.amount_minor == 2_300 + 594
    assert done.row.status is ReturnStatus.CLOSED
    assert lying(session, shop.riverside) == (before[0] + 2, before[1])
    [part] = money(session, order).repayments
    assert (part.status, part.credit_id) == ("owed", None)  # the channel is told to
    with refused(session, ReturnedBefore):
        bring(session, shop, order, MUG=2)


def test_store_credit_is_given_at_once_and_what_is_unsound_waits(
    session: Session, shop: Shop, order: Order
) -> None:
    ids = line_ids(session, order)
    brought = [Brought(ids["MUG"], 1, Condition.FAULTY)]
    done = counter.bring(
        session, order.id, brought, Wish(Give.CREDIT), place=shop.riverside, actor="anna"
    )
    assert done.opened is not None
    assert crediting.named(session, done.opened.code).balance_minor == 1_150
    assert done.row.status is ReturnStatus.INSPECTED
    [one] = queries.goods(session, done.row.id)

    def decide(disposition: Disposition, place: Location) -> ReturnStatus:
        return counter.decide(
            session, done.row.id, one.id, condition=None, disposition=disposition, place=place,
            actor="anna",
        ).status  # fmt: skip

    with refused(session, Invalid, "goods that are faulty are not sold again"):
        decide(Disposition.SELLABLE, shop.riverside)
    with refused(session, Conflict, "not at Store S02"):
        decide(Disposition.WRITE_OFF, shop.harbour)
    assert decide(Disposition.WRITE_OFF, shop.riverside) is ReturnStatus.CLOSED


def test_another_article_is_had_instead(session: Session, shop: Shop, order: Order) -> None:
    wish = Wish(Give.EXCHANGE, (Instead("LAMP", 1),))
    done = bring(session, shop, order, wish, MUG=2)
    assert done.exchange is not None
    assert done.exchange.pickup_location_id == shop.riverside.id
    assert totals(session, done.exchange) == {"store_credit": (1_250, 1_250, 0, 0)}
    back = [one.amount_minor for one in money(session, order).repayments if not one.credit_id]
    assert back == [2_300 - 1_250]


def test_what_the_rules_refuse_or_want_a_person_for_is_not_taken(
    session: Session, shop: Shop, order: Order
) -> None:
    publish(
        session,
        Rule(name="final sale", sku="LAMP", returnable=False),
        Rule(name="dear", sku="MUG", approval="by_hand"),
    )
    before = lying(session, shop.riverside)
    lamp, mug = bring(session, shop, order, LAMP=1), bring(session, shop, order, MUG=1)
    assert (lamp.row.status, lamp.row.decision) == (
        ReturnStatus.REFUSED, "LAMP cannot be returned (rule 'final sale')",
    )  # fmt: skip
    assert mug.row.status is ReturnStatus.ASKED
    assert lying(session, shop.riverside) == before
    with refused(session, Invalid, "names what the customer gets instead"):
        bring(session, shop, order, Wish(Give.EXCHANGE), MUG=1)
    shop.riverside.can_returns = False
    with refused(session, TakesNoReturns):
        bring(session, shop, order, MUG=1)


def test_a_return_that_was_asked_for_elsewhere_is_taken_with_what_is_missing(
    session: Session, shop: Shop, order: Order
) -> None:
    row = asked(session, order, MUG=3)
    ids = line_ids(session, order)
    with refused(session, Conflict, "has no line"):
        brought = [Brought(ids["LAMP"], 1, **SOLD_AGAIN)]  # type: ignore[arg-type]
        counter.take(session, row.id, brought, Wish(), place=shop.riverside, actor="anna")
    brought = [Brought(ids["MUG"], 1, **SOLD_AGAIN)]  # type: ignore[arg-type]
    done = counter.take(session, row.id, brought, Wish(), place=shop.riverside, actor="anna")
    assert done.refund is not None
    assert (done.refund.amount_minor, row.status) == (1_150, ReturnStatus.CLOSED)


def test_the_counter_finds_what_a_receipt_or_a_person_says(
    session: Session, shop: Shop, order: Order
) -> None:
    row = asked(session, order, MUG=1)
    pickup = an_order(session, {"MUG": 1}, pickup_store="S01")
    [part] = routed(session, pickup)
    token = ready(session, part).qr_token
    link = links.link(session, order.id)
    assert links.link(session, order.id) == link
    for shown, expected in (
        (str(row.number), (row.id, None)),
        (order.display_number, (None, order.id)),
        (f"reference:{order.external_id}", (None, order.id)),
        (link, (row.id, None)),  # the one that is awaited
        (token, (None, pickup.id)),
        ("nothing like it", (None, None)),
        ("  ", (None, None)),
    ):
        found = finding.find(session, shown)
        assert (found.return_id, found.order_id) == expected, shown
    both = finding.find(session, "ADA@example.com").orders
    assert {one.id for one in both} == {order.id, pickup.id}


def without(session: Session, shop: Shop, sku: str = "MUG", units: int = 2, **how: Any) -> Any:
    return unreceipted.take(
        session, sku, units=units, place=shop.riverside, actor="anna", **(SOLD_AGAIN | how)
    )


def test_without_a_receipt_it_is_store_credit_at_the_lowest_recent_price_by_policy_only(
    session: Session, shop: Shop, order: Order
) -> None:
    with refused(session, NeedsReceipt, r"not taken back \(policy no_receipt\)"):
        without(session, shop)
    final = Rule(name="final sale", sku="LAMP", returnable=False)
    publish(session, final, no_receipt="store_credit", no_receipt_days=30)
    with refused(session, NeedsReceipt, r"LAMP cannot be returned \(rule 'final sale'\)"):
        without(session, shop, "LAMP")
    before = lying(session, shop.riverside)
    row, opened = without(session, shop)
    assert row.unit_minor == 966  # what the order's mugs cost, less their discount
    assert crediting.named(session, opened.code).balance_minor == 2 * 966
    assert lying(session, shop.riverside) == (before[0] + 2, before[1])
    listing = a_listing(session, channel="shopify", channel_sku="M", sku="MUG")
    listing.price_minor = 900
    session.flush()
    row, _ = without(session, shop, disposition=Disposition.WRITE_OFF, condition=Condition.WORN)
    assert row.unit_minor == 900
    assert lying(session, shop.riverside) == (before[0] + 2, before[1])
    for how, words in (
        ({"disposition": Disposition.REFURBISH}, "decided on at once"),
        ({"condition": Condition.WORN}, "goods that are worn are not sold again"),
        ({"units": 0}, "0 units"),
    ):
        with refused(session, Invalid, words):
            without(session, shop, **how)
    kinds = session.exec(
        select(StockMovement.kind).where(StockMovement.idempotency_key == f"disposed:{row.id}")
    ).all()
    assert kinds == ["write_off"]
