"""Captured for what left, given back once per cause, and never more than was captured."""

from functools import partial
from uuid import UUID

import pytest
from sqlmodel import Session, select

from oms.channels import owing, writebacks
from oms.channels.base import Accepted, ToldLine
from oms.db import transaction
from oms.errors import Conflict, IllegalMove, Invalid, NotFound
from oms.ordering import cancelling
from oms.orders.models import HoldKind, Order
from oms.orders.new_order import NewHold
from oms.outbox.models import OutboxRow
from oms.payments import capturing, refunding
from oms.payments.models import RepaymentStatus
from oms.payments.refunding import NotCaptured, NotThatManyLeft
from tests.builders import a_tariff, an_order, refused
from tests.concurrency import at_once
from tests.oms.payments.money import TOTAL, an_order_with_money, line_ids, money, sent, totals
from tests.oms.shop import Shop, a_shop, fill, routed, shipped, told, trail


@pytest.fixture
def order(session: Session, shop: Shop) -> Order:
    """An order of a channel that has left the house."""
    fill(session, shop)
    return sent(session, an_order_with_money(session))


def refund(session: Session, order: Order, cause: str, **units: int) -> int:
    ids = line_ids(session, order)
    made = refunding.refund(
        session,
        order.id,
        {ids[sku]: count for sku, count in units.items()},
        cause=cause,
        reason="sent back",
        actor="olga",
    )
    return made.amount_minor


@pytest.mark.parametrize("currency", ["JPY", "USD", "KWD"])
def test_all_parts_together_are_what_was_captured(
    session: Session, shop: Shop, currency: str
) -> None:
    fill(session, shop)
    if currency != "USD":
        a_tariff(session, currency=currency)
    order = sent(session, an_order_with_money(session, currency=currency))
    assert totals(session, order) == {"reference": (TOTAL, TOTAL, 0, 0)}
    parts = [
        refund(session, order, "first", MUG=1),
        refund(session, order, "second", LAMP=1),
        refund(session, order, "third", MUG=2),
    ]
    assert parts == [1_278, 660, 2_557]
    assert sum(parts) == TOTAL
    assert totals(session, order) == {"reference": (TOTAL, TOTAL, 0, TOTAL)}


def test_a_shipment_is_captured_when_it_leaves_and_the_rest_is_voided_when_it_cannot(
    session: Session, shop: Shop
) -> None:
    fill(session, shop, units=1)  # so each mug comes from another place
    order = an_order_with_money(session)
    parts = routed(session, order)
    assert capturing.settle(session, order.id).id == order.id
    assert totals(session, order) == {}
    shipped(session, parts[0])
    for _ in range(2):  # settling again changes nothing
        capturing.settle(session, order.id)
    [before] = totals(session, order).values()
    assert (before[0], before[2]) == (TOTAL, 0)
    assert 0 < before[1] < TOTAL
    cancelling.cancel(session, order.id, actor="channel:reference", reason="enough")
    capturing.settle(session, order.id)
    assert totals(session, order) == {"reference": (TOTAL, before[1], TOTAL - before[1], 0)}
    assert [one.kind.value for one in money(session, order).entries] == [
        "authorise", "capture", "void",
    ]  # fmt: skip


def test_a_cause_is_refunded_once(session: Session, order: Order) -> None:
    assert refund(session, order, "return:1", MUG=1) == 1_278
    assert refund(session, order, "return:1", MUG=1) == 1_278
    assert totals(session, order)["reference"][3] == 1_278
    [owed] = money(session, order).repayments
    assert (owed.amount_minor, owed.status) == (1_278, RepaymentStatus.OWED)
    assert told(session, owed.id) == ["repayment.owed"]


def test_no_more_units_are_refunded_than_left(session: Session, order: Order) -> None:
    refund(session, order, "return:1", MUG=2)
    with refused(session, NotThatManyLeft, "3 units left the house and 2 of them are refunded"):
        refund(session, order, "return:2", MUG=2)
    with refused(session, Invalid):
        refund(session, order, "return:2", MUG=0)
    with refused(session, NotFound, "has no line"):
        refunding.refund(session, order.id, {order.id: 1}, cause="x", reason="x", actor="x")


def test_shipping_may_stay_and_a_fee_be_kept(session: Session, order: Order) -> None:
    ids = line_ids(session, order)
    made = refunding.refund(
        session, order.id, {ids["LAMP"]: 1}, cause="r", reason="changed their mind", actor="olga",
        with_shipping=False, fee_minor=94,
    )  # fmt: skip
    assert (made.amount_minor, made.fee_minor, made.shipping_minor) == (500, 94, 0)
    # The mugs' own shipping is given back; that of the lamp and the fee are not.
    assert refund(session, order, "mugs", MUG=3) == TOTAL - 660


def test_goodwill_is_not_given_twice(session: Session, order: Order) -> None:
    made = refunding.refund(
        session, order.id, {}, cause="sorry", reason="it came late", actor="olga",
        goodwill_minor=1_000,
    )  # fmt: skip
    assert made.amount_minor == 1_000
    assert refund(session, order, "all", MUG=3, LAMP=1) == TOTAL - 1_000
    with refused(session, NotCaptured, "nothing is left"):
        refunding.refund(
            session, order.id, {}, cause="more", reason="again", actor="olga", goodwill_minor=1
        )


def test_an_order_nobody_paid_for_is_not_refunded(session: Session, shop: Shop) -> None:
    fill(session, shop)
    unpaid = sent(session, an_order_with_money(session, channel="phone"))
    assert totals(session, unpaid) == {}
    with refused(session, NotCaptured):
        refund(session, unpaid, "return:1", MUG=1)
    held = an_order(session, {"MUG": 1}, holds=[NewHold(HoldKind.PAYMENT, "not paid")])
    capturing.settle(session, held.id)
    assert totals(session, held) == {}


def take(session: Session, order: Order, amount: int, tender: str = "cash") -> None:
    capturing.take(
        session, order.id, tender=tender, amount_minor=amount, reference="T1/17",
        key=f"till-1:{tender}", actor="store:S01:anna",
    )  # fmt: skip


def test_money_of_a_till_goes_back_by_each_tender_and_is_paid_out_once(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order_with_money(session, channel="till")
    take(session, order, 3_000)
    with refused(session, Conflict, "has 1495 minor units left to pay"):
        take(session, order, 1_496, "card")
    take(session, order, 1_495, "card")
    sent(session, order)
    assert totals(session, order) == {"cash": (3_000, 3_000, 0, 0), "card": (1_495, 1_495, 0, 0)}
    assert refund(session, order, "return:1", LAMP=1) == 660
    cash, card = money(session, order).repayments
    assert (cash.amount_minor, card.amount_minor) == (440, 220)  # 440.49 and 219.51
    refunding.pay(session, cash.id, reference="T2/4", actor="store:S02:ben")
    with refused(session, IllegalMove, "is paid already"):
        refunding.pay(session, cash.id, reference="T2/5", actor="store:S02:ben")
    assert trail(session, cash.id) == ["repayment.owed", "repayment.paid"]


def test_a_key_takes_money_once(session: Session, shop: Shop) -> None:
    fill(session, shop)
    order, other = (an_order_with_money(session, channel="till") for _ in range(2))
    for _ in range(2):
        take(session, order, 1_000)
    assert totals(session, order) == {"cash": (1_000, 1_000, 0, 0)}
    with refused(session, Conflict, "took money for another order"):
        take(session, other, 1_000)


def test_the_channel_is_told_and_its_acceptance_settles_the_repayment(
    session: Session, order: Order
) -> None:
    refund(session, order, "return:1", MUG=1)
    [owed] = money(session, order).repayments
    rows = session.exec(select(OutboxRow).where(OutboxRow.subject_id == owed.id)).all()
    for _ in range(2):
        for row in rows:
            owing.owe_for(session, row)
    [writeback] = writebacks.of_order(session, order.id)
    command = writebacks.command(session, writeback.id)
    assert command is not None
    assert (command.amount_minor, command.shipping_minor, command.currency, command.lines) == (
        1_278, 128, "USD", (ToldLine("1", 1),),
    )  # fmt: skip
    with refused(session, Conflict, "the channel gives this money back"):
        refunding.pay(session, owed.id, reference="T1/1", actor="store:S01:anna")
    for _ in range(2):
        writebacks.accepted(session, writeback.id, Accepted("R-17"))
    session.refresh(owed)
    assert (owed.status, owed.reference, owed.paid_by) == (
        RepaymentStatus.PAID, "R-17", "channel:reference",
    )  # fmt: skip


def test_what_was_paid_in_advance_for_units_never_sent_goes_back(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    order = an_order_with_money(session, channel="till")
    take(session, order, TOTAL)
    cancelling.cancel(session, order.id, actor="operator:o", reason="called off")
    for _ in range(2):
        capturing.settle(session, order.id)
    [made] = money(session, order).refunds
    assert (made.amount_minor, made.reason) == (TOTAL, "paid, and never sent")
    assert totals(session, order) == {"cash": (TOTAL, TOTAL, 0, TOTAL)}


def test_two_at_once_refund_one_line_once(live_database: str) -> None:
    with transaction() as session:
        shop = a_shop(session)
        fill(session, shop)
        order = sent(session, an_order_with_money(session))
        lamp = line_ids(session, order)["LAMP"]

    def give_back(cause: str) -> UUID:
        with transaction() as unit:
            return refunding.refund(
                unit, order.id, {lamp: 1}, cause=cause, reason="sent back", actor="x"
            ).id

    same = at_once([partial(give_back, "return:1")] * 4)
    assert len(set(same)) == 1
    others = at_once([partial(give_back, f"return:{n}") for n in (2, 3)])
    assert [type(error) for error in others] == [NotThatManyLeft] * 2
    with transaction() as session:
        assert totals(session, order)["reference"][3] == 660
