"""A return from asking to closing: goods in quarantine, money back once, nothing by accident."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlmodel import Session

from oms import clock
from oms.db import transaction
from oms.errors import Conflict, IllegalMove, Invalid, NotFound
from oms.inventory import supplies
from oms.locations import queries as locations
from oms.locations.queries import TakesNoReturns
from oms.notifications import notices
from oms.orders.models import Order
from oms.payments import refunding
from oms.returns import asking, disposing, queries, receiving, ruling, settling
from oms.returns.asking import MoreThanSent, NotBought, NotThisCustomer, ReturnedBefore, Wanted
from oms.returns.models import Condition, Disposition, Ground, ReturnStatus, Way
from oms.returns.rules import Rule, RuleSet
from tests.builders import refused
from tests.concurrency import at_once
from tests.oms.payments.money import TOTAL, an_order_with_money, line_ids, money, sent, totals
from tests.oms.returns.parcels import asked, inspected, lying, received
from tests.oms.shop import Shop, a_shop, fill, told, trail


@pytest.fixture
def order(session: Session, shop: Shop) -> Order:
    """Three mugs and a lamp that have left the house."""
    fill(session, shop)
    return sent(session, an_order_with_money(session))


def publish(session: Session, *rules: Rule, **others: object) -> None:
    body = RuleSet(rules=rules, **others)  # type: ignore[arg-type]
    ruling.publish(session, body, note="test", actor="olga")


def test_from_asking_to_closing(session: Session, shop: Shop, order: Order) -> None:
    row = asked(session, order, MUG=2, LAMP=1)
    assert (row.status, row.ground, row.decision) == (
        ReturnStatus.AUTHORISED, Ground.GOODWILL, "rule: standard",
    )  # fmt: skip
    asking.sent(session, row.id, carrier="UPS", tracking_number="1Z", actor="customer")
    before = lying(session, shop.harbour)
    goods = received(session, row, shop.harbour, MUG=2, LAMP=1)
    assert lying(session, shop.harbour) == (before[0] + 2, before[1] + 2)
    assert settling.owed(session, row) == []
    inspected(session, row, deduct={"LAMP": 99})
    assert row.status is ReturnStatus.INSPECTED
    assert settling.owed(session, row) == ["refund"]
    made = settling.give_money_back(session, row.id)
    assert made is not None
    # Two mugs and a lamp without their part of the shipping, less what the lamp lost in value.
    assert made.amount_minor == 2_300 + 594 - 99
    assert settling.give_money_back(session, row.id) is None
    assert settling.owed(session, row) == []
    mugs = next(one for one in goods if one.sku == "MUG")
    lamp = next(one for one in goods if one.sku == "LAMP")
    disposing.dispose(session, row.id, mugs.id, Disposition.SELLABLE, actor="anna")
    assert lying(session, shop.harbour) == (before[0] + 2, before[1])
    assert settling.owed(session, row) == []
    disposing.dispose(session, row.id, lamp.id, Disposition.WRITE_OFF, actor="anna")
    assert settling.owed(session, row) == ["close"]
    settling.close(session, row.id)
    settling.close(session, row.id)
    assert row.status is ReturnStatus.CLOSED
    assert totals(session, order)["reference"][3] == made.amount_minor
    happened = [
        "asked", "authorised", "in_transit", "received", "looked_at", "inspected", "refunded",
        "disposed", "disposed", "closed",
    ]  # fmt: skip
    assert told(session, row.id) == [f"return.{what}" for what in happened]
    assert trail(session, row.id) == told(session, row.id)


@pytest.mark.parametrize(
    ("disposition", "on_hand", "apart"),
    [
        (Disposition.SELLABLE, 1, 0),
        (Disposition.WRITE_OFF, 0, 0),
        (Disposition.SUPPLIER, 0, 0),
        (Disposition.REFURBISH, 1, 1),
        (Disposition.TRANSFER, 0, 0),
    ],
)
def test_what_becomes_of_goods(
    session: Session,
    shop: Shop,
    order: Order,
    disposition: Disposition,
    on_hand: int,
    apart: int,
) -> None:
    row = asked(session, order, MUG=1)
    before = lying(session, shop.riverside)
    [one] = received(session, row, shop.riverside, MUG=1)
    with refused(session, Conflict, "not inspected yet"):
        disposing.dispose(session, row.id, one.id, disposition, actor="anna")
    inspected(session, row)
    to = shop.depot.id if disposition is Disposition.TRANSFER else None
    wrong = None if to else shop.depot.id
    with refused(session, Invalid, "a transfer, and nothing else, names another location"):
        disposing.dispose(session, row.id, one.id, disposition, actor="anna", to_location_id=wrong)
    disposing.dispose(session, row.id, one.id, disposition, actor="anna", to_location_id=to)
    assert lying(session, shop.riverside) == (before[0] + on_hand, before[1] + apart)
    if disposition is Disposition.REFURBISH:
        disposing.dispose(session, row.id, one.id, Disposition.SELLABLE, actor="anna")
        assert lying(session, shop.riverside) == (before[0] + 1, before[1])
    else:
        with refused(session, Conflict, "were disposed of"):
            disposing.dispose(session, row.id, one.id, Disposition.SELLABLE, actor="anna")
    if to:
        [coming] = supplies.expected(session, skus=["MUG"], location_id=to, limit=10)
        assert (coming.announced, coming.from_location_id) == (1, shop.riverside.id)


def test_what_makes_no_sense_is_refused_with_the_rule_that_says_so(
    session: Session, order: Order
) -> None:
    ids = line_ids(session, order)

    def ask(*wanted: Wanted, email: str | None = None) -> None:
        asking.ask(session, order.id, wanted, way=Way.STORE, actor="anna", email=email)

    for wanted, error, words in (
        ([Wanted(uuid4(), 1)], NotBought, "has no line"),
        ([Wanted(ids["MUG"], 4)], MoreThanSent, "3 units were sent or handed over, not 4"),
        ([Wanted(ids["MUG"], 0)], Invalid, "above zero"),
        ([Wanted(ids["MUG"], 1)] * 2, Invalid, "named twice"),
        ([], Invalid, "no line"),
    ):
        with refused(session, error, words):
            ask(*wanted)
    with refused(session, NotThisCustomer, "not placed with this e-mail address"):
        ask(Wanted(ids["MUG"], 1), email="eve@example.com")
    ask(Wanted(ids["MUG"], 2), email=" Ada@Example.com ")
    with refused(session, ReturnedBefore, "2 of 3 units are on a return already, not 2 more"):
        ask(Wanted(ids["MUG"], 2))
    with refused(session, NotFound):
        asking.ask(session, uuid4(), [Wanted(ids["MUG"], 1)], way=Way.MAIL, actor="anna")


def test_beyond_the_window_it_is_refused_and_a_person_may_give_in(
    session: Session, order: Order
) -> None:
    publish(session, Rule(name="final sale", sku="LAMP", returnable=False))
    row = asked(session, order, LAMP=1)
    assert (row.status, row.decision) == (
        ReturnStatus.REFUSED, "LAMP cannot be returned (rule 'final sale')",
    )  # fmt: skip
    assert row.rules_version is not None
    with refused(session, Conflict, "nothing is received for it"):
        receiving.receive(session, row.id, {"LAMP": 1}, location_id=uuid4(), actor="anna")
    other = asked(session, order, MUG=3)
    asking.authorise(session, row.id, reason="an old customer", actor="operator:olga")
    assert row.status is ReturnStatus.AUTHORISED
    assert row.decision.endswith("; operator:olga: an old customer")
    asking.cancel(session, other.id, actor="customer")
    with refused(session, IllegalMove):
        asking.authorise(session, other.id, reason="x", actor="operator:olga")


def test_a_reopened_return_must_not_take_units_twice(session: Session, order: Order) -> None:
    publish(session, Rule(name="final sale", returnable=False))
    first = asked(session, order, MUG=2)
    publish(session, Rule(name="kind"))
    asked(session, order, MUG=2)
    with refused(session, ReturnedBefore):
        asking.authorise(session, first.id, reason="give in", actor="operator:olga")


def test_a_rule_may_want_a_person(session: Session, order: Order) -> None:
    publish(session, Rule(name="dear", approval="by_hand"))
    row = asked(session, order, MUG=1)
    assert row.status is ReturnStatus.ASKED
    asking.refuse(session, row.id, reason="worn in the picture", actor="operator:olga")
    assert (row.status, row.decision) == (ReturnStatus.REFUSED, "worn in the picture")


def test_differences_are_kept_and_not_refunded(session: Session, shop: Shop, order: Order) -> None:
    row = asked(session, order, MUG=2)
    received(session, row, shop.riverside, MUG=1)
    goods = received(session, row, shop.riverside, LAMP=1, ANVIL=2)
    assert [(one.sku, one.units, one.line_id is None) for one in goods] == [
        ("MUG", 1, False), ("ANVIL", 2, True), ("LAMP", 1, True),
    ]  # fmt: skip
    assert receiving.missing(session, row) == {"MUG": 1}
    anvil = goods[1]
    with refused(session, Conflict, "nothing can be deducted"):
        receiving.inspect(
            session, row.id, anvil.id, condition=Condition.WORN, actor="a", deduct_minor=1
        )
    inspected(session, row)
    made = settling.give_money_back(session, row.id)
    assert made is not None
    assert made.amount_minor == 1_150
    with refused(session, NotFound, "not in the catalogue: GHOST"):
        other = asked(session, order, MUG=1)
        received(session, other, shop.riverside, GHOST=1)


def test_a_trusted_customer_has_the_money_when_the_goods_are_there(
    session: Session, shop: Shop, order: Order
) -> None:
    publish(session, Rule(name="trust", refund="by_trust"), trusted_after_orders=1)
    stranger = asked(session, order, MUG=1)
    assert not stranger.instant  # the parcel is still on its way, so nothing is fulfilled yet
    publish(session, Rule(name="quick", refund="instant", fee_minor=200))
    row = asked(session, order, MUG=1)
    [one] = received(session, row, shop.riverside, MUG=1)
    assert settling.owed(session, row) == ["refund"]
    made = settling.give_money_back(session, row.id)
    assert made is not None
    assert (made.amount_minor, made.fee_minor) == (950, 200)
    with refused(session, Conflict, "has gone back already"):
        received(session, row, shop.riverside, MUG=1)
    with refused(session, Conflict, "nothing can be deducted"):
        receiving.inspect(
            session, row.id, one.id, condition=Condition.WORN, actor="a", deduct_minor=1
        )


def test_a_customer_is_reminded_once_and_then_it_runs_out(session: Session, order: Order) -> None:
    row = asked(session, order, MUG=1)
    assert row.expires_at is not None
    due = settling.next_deadline(row)
    assert due == row.expires_at - settling.REMIND_BEFORE
    settling.meet_deadline(session, row.id, version=row.version)
    assert row.reminded_at is None
    with clock.at(due):
        settling.meet_deadline(session, row.id, version=row.version)
    assert [one.kind.value for one in notices.of_order(session, order.id)] == ["return_reminder"]
    with clock.at(row.expires_at + timedelta(seconds=1)):
        settling.meet_deadline(session, row.id, version=row.version)
        assert (row.status, settling.next_deadline(row)) == (ReturnStatus.EXPIRED, None)
        asking.authorise(session, row.id, reason="it was the post", actor="operator:olga")
    assert row.status is ReturnStatus.AUTHORISED


def test_units_refunded_by_hand_are_not_refunded_again(
    session: Session, shop: Shop, order: Order
) -> None:
    row = asked(session, order, MUG=3, LAMP=1)
    ids = line_ids(session, order)
    refunding.refund(
        session, order.id, {ids["MUG"]: 3, ids["LAMP"]: 1}, cause="asked:1", reason="hurry",
        actor="olga",
    )  # fmt: skip
    received(session, row, shop.riverside, MUG=3, LAMP=1)
    inspected(session, row)
    made = settling.give_money_back(session, row.id)
    assert made is not None
    assert made.amount_minor == 0
    assert totals(session, order)["reference"][3] == TOTAL


def test_goods_come_back_only_where_returns_are_taken(
    session: Session, shop: Shop, order: Order
) -> None:
    shop.harbour.can_returns = False
    row = asked(session, order, MUG=1)
    before = lying(session, shop.harbour)
    with refused(session, TakesNoReturns, r"Store S02 \(S02\) takes no returns") as refusal:
        received(session, row, shop.harbour, MUG=1)
    assert refusal.error.field == "location"
    assert (lying(session, shop.harbour), row.status) == (before, ReturnStatus.AUTHORISED)
    assert [one.code for one in locations.taking_returns(session)] == ["S01", "W01"]


def test_two_workers_give_the_money_back_once(live_database: str) -> None:
    with transaction() as session:
        shop = a_shop(session)
        fill(session, shop)
        order = sent(session, an_order_with_money(session))
        row = asked(session, order, LAMP=1)
        received(session, row, shop.riverside, LAMP=1)
        inspected(session, row)

    def refund() -> bool:
        with transaction() as unit:
            return settling.give_money_back(unit, row.id) is not None

    assert sorted(at_once([partial(refund)] * 3)) == [False, False, True]
    with transaction() as session:
        assert [one.amount_minor for one in money(session, order).refunds] == [594]
        assert queries.of_order(session, order.id)[0].refund_id is not None
