"""Gift cards and store credit: spent like money, given back to, never below zero."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from oms import clock
from oms.db import transaction
from oms.errors import Conflict, Invalid, NotFound
from oms.orders.models import Order
from oms.payments import capturing, crediting, refunding
from oms.payments.credit_models import Credit, CreditEntry, CreditKind
from oms.payments.crediting import CreditExpired, NotEnoughCredit, Opened
from oms.payments.models import RepaymentStatus
from oms.payments.refunding import Onto
from tests.builders import refused
from tests.concurrency import at_once
from tests.oms.payments.money import TOTAL, an_order_with_money, line_ids, money, sent, totals
from tests.oms.shop import Shop, a_shop, fill


def a_card(session: Session, amount_minor: int = 5_000, *, days: int | None = None) -> Opened:
    """A gift card of this worth."""
    opened = crediting.open_credit(
        session,
        kind=CreditKind.GIFT_CARD,
        currency="USD",
        actor="till",
        expires_at=clock.now() + timedelta(days=days) if days else None,
    )
    if amount_minor:
        key = f"issue:{opened.credit.id}"
        crediting.load(session, opened.credit, amount_minor, key=key, actor="till")
    return opened


@pytest.fixture
def order(session: Session, shop: Shop) -> Order:
    """Three mugs and a lamp for 44.95 from a till, to be paid."""
    fill(session, shop)
    return an_order_with_money(session, channel="till")


def pay(session: Session, order: Order, card: Credit, amount: int, key: str = "k1") -> None:
    capturing.take_credit(session, order.id, card, amount_minor=amount, key=key, actor="anna")


def test_a_code_is_known_however_it_is_typed_and_kept_as_a_hash(session: Session) -> None:
    card = a_card(session)
    typed = card.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert crediting.named(session, typed).id == card.credit.id
    assert card.code.replace("-", "") not in str(card.credit.model_dump())
    assert card.credit.ending == card.code[-4:]
    with refused(session, NotFound):
        crediting.named(session, "0000-0000-0000-0000")
    other = crediting.renew_code(session, card.credit.id, actor="olga")
    with refused(session, NotFound):
        crediting.named(session, card.code)
    assert crediting.named(session, other.code).balance_minor == 5_000


def test_an_order_is_paid_with_a_card_once_and_the_rest_at_the_till(
    session: Session, order: Order
) -> None:
    card = a_card(session, 1_000).credit
    with refused(session, NotEnoughCredit, "has USD 10.00, not USD 10.01") as refusal:
        pay(session, order, card, 1_001)
    assert refusal.error.facts == {"balance_minor": 1_000}
    for _ in range(2):
        pay(session, order, card, 1_000)
    assert card.balance_minor == 0
    with refused(session, Conflict, "3495 minor units left to pay"):
        capturing.take(
            session, order.id, tender="cash", amount_minor=3_496, reference="", key="c", actor="a"
        )
    capturing.take(
        session, order.id, tender="cash", amount_minor=3_495, reference="", key="c", actor="a"
    )
    assert totals(session, order) == {
        "gift_card": (1_000, 1_000, 0, 0), "cash": (3_495, 3_495, 0, 0),
    }  # fmt: skip
    sent(session, order)
    made = refunding.refund(
        session, order.id, {line_ids(session, order)["LAMP"]: 1}, cause="c", reason="r", actor="a"
    )
    parts = {one.credit_id: one for one in money(session, order).repayments}
    back = parts[card.id]
    assert (back.status, back.reference) == (RepaymentStatus.PAID, f"credit ending {card.ending}")
    assert parts[None].status is RepaymentStatus.OWED
    assert card.balance_minor == back.amount_minor
    assert back.amount_minor + parts[None].amount_minor == made.amount_minor


def test_a_refund_is_put_on_store_credit_instead_of_going_back(
    session: Session, order: Order
) -> None:
    capturing.take(
        session, order.id, tender="cash", amount_minor=TOTAL, reference="", key="c", actor="a"
    )
    sent(session, order)
    opened = crediting.for_refunds(session, currency="USD", actor="anna")
    mugs = {line_ids(session, order)["MUG"]: 1}
    refund = partial(refunding.refund, session, order.id, mugs, reason="r", actor="a")
    whole = refund(cause="one", onto=Onto(opened.credit.id))
    assert opened.credit.balance_minor == whole.amount_minor
    part = refund(cause="two", onto=Onto(opened.credit.id, most_minor=100))
    assert opened.credit.balance_minor == whole.amount_minor + 100
    rest = [one for one in money(session, order).repayments if one.credit_id is None]
    assert [one.amount_minor for one in rest] == [part.amount_minor - 100]
    euros = crediting.for_refunds(session, currency="EUR", actor="anna").credit
    with refused(session, Invalid, "the credit is in EUR"):
        refund(cause="three", onto=Onto(euros.id))
    with refused(session, Invalid, "the credit is in EUR"):
        crediting.load(session, euros, 10, key="x", actor="a")
        pay(session, an_order_with_money(session, channel="till"), euros, 10, key="k2")


def test_what_has_expired_is_not_spent_and_what_is_given_back_lasts_again(
    session: Session, order: Order
) -> None:
    card = a_card(session, TOTAL + 500, days=10).credit
    assert card.expires_at is not None
    pay(session, order, card, TOTAL)
    sent(session, order)
    assert not crediting.expire(session, card.id)
    with clock.at(card.expires_at):
        with refused(session, CreditExpired):
            other = an_order_with_money(session, channel="till")
            pay(session, other, card, 100, key="k2")
        assert crediting.next_due(session, limit=5) == [card.id]
        assert crediting.expire(session, card.id)
        assert not crediting.expire(session, card.id)
        assert card.balance_minor == 0
        refunding.refund(
            session, order.id, {line_ids(session, order)["LAMP"]: 1}, cause="c", reason="r",
            actor="a",
        )  # fmt: skip
        assert card.balance_minor > 0
        assert card.expires_at == clock.now() + crediting.LASTS_AGAIN
    with refused(session, Invalid, "would have expired already"):
        a_card(session, days=-1)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    split=st.integers(1, TOTAL - 1),
    units=st.lists(st.sampled_from(["MUG", "LAMP"]), min_size=1, max_size=6),
    most=st.one_of(st.none(), st.integers(0, 2_000)),
)
def test_however_it_is_refunded_no_minor_unit_is_lost(
    session: Session, order: Order, split: int, units: list[str], most: int | None
) -> None:
    savepoint = session.begin_nested()
    card = a_card(session, TOTAL).credit
    pay(session, order, card, split, key=f"k{split}")
    capturing.take(
        session, order.id, tender="cash", amount_minor=TOTAL - split, reference="", key="c",
        actor="a",
    )  # fmt: skip
    sent(session, order)
    onto = crediting.for_refunds(session, currency="USD", actor="anna").credit
    ids, sold = line_ids(session, order), {"MUG": 3, "LAMP": 1}
    given_back = 0
    for number, sku in enumerate(units):
        if not sold[sku]:
            continue
        sold[sku] -= 1
        made = refunding.refund(
            session, order.id, {ids[sku]: 1}, cause=f"r{number}", reason="r", actor="a",
            onto=Onto(onto.id, most) if number % 2 else None,
        )  # fmt: skip
        given_back += made.amount_minor
    owed = sum(
        one.amount_minor for one in money(session, order).repayments if one.credit_id is None
    )
    assert owed + (card.balance_minor - (TOTAL - split)) + onto.balance_minor == given_back
    if not any(sold.values()):
        assert given_back == TOTAL
    savepoint.rollback()
    session.expire_all()


def test_two_tills_spend_one_card_and_one_of_them_is_refused(live_database: str) -> None:
    with transaction() as session:
        fill(session, a_shop(session), units=50)
        ids = [an_order_with_money(session, channel="till").id for _ in range(4)]
        card_id = a_card(session, 1_500).credit.id

    def spend(number: int, order_id: UUID) -> str:
        with transaction() as session:
            card = crediting.read(session, card_id)
            capturing.take_credit(
                session, order_id, card, amount_minor=1_000, key=f"k{number}", actor="anna"
            )
            return "paid"

    outcomes = at_once([partial(spend, n, order_id) for n, order_id in enumerate(ids)])
    assert sorted(type(one).__name__ for one in outcomes) == ["NotEnoughCredit"] * 3 + ["str"]
    with transaction() as session:
        assert crediting.read(session, card_id).balance_minor == 500
        assert len(session.exec(select(CreditEntry)).all()) == 2
