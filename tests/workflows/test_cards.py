"""Card payments with our own account: charged once for what left, the rest held anew or let go."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from oms import clock
from oms.db import transaction
from oms.errors import Conflict
from oms.exceptions.models import OpenException
from oms.fulfilments import queries as fulfilments
from oms.ordering import cancelling
from oms.orders import queries as orders
from oms.payments import capturing, card_client, ledger, refunding, statements
from oms.payments import cards as payments
from oms.payments.card_client import CardRefused, Cards
from oms.payments.card_models import CardIntent, IntentStatus
from oms.settings import MissingSetting, settings
from oms.sourcing import routing_orders
from tests import builders
from tests.oms.payments.stripe_double import KEY, Double, served
from tests.oms.shop import a_shop, shipped
from workflows import card_views
from workflows.activities import cards
from workflows.messages import Step

pytestmark = pytest.mark.usefixtures("live_database")
STEPS = {
    "look": cards.look, "capture": cards.capture, "void": cards.void, "replace": cards.replace,
    "renew": cards.renew, "refund": cards.refund,
}  # fmt: skip


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """Stripe, as far as this process can tell."""
    made = Double()
    with served(made) as url:
        monkeypatch.setenv("TRIBUTARY_STRIPE_API_KEY", KEY)
        monkeypatch.setenv("TRIBUTARY_STRIPE_API_URL", url)
        settings.cache_clear()
        card_client.cards.cache_clear()
        yield made
    card_client.cards.cache_clear()


def an_order(wanted: dict[str, int] | None = None) -> UUID:
    """Mugs from New York and a lamp from Chicago, so that it leaves in two parts."""
    with transaction() as session:
        shop = a_shop(session)
        builders.stock(session, shop.riverside, MUG=5)
        builders.stock(session, shop.depot, LAMP=5)
        order_id = builders.an_order(session, wanted or {"MUG": 2, "LAMP": 1}, channel="till").id
    routing_orders.route(order_id, actor="test")
    return order_id


def claim(order_id: UUID, intent: str) -> UUID:
    with transaction() as session:
        return payments.claim(session, order_id, intent, actor="shop").id


def follow(payment_id: UUID, *, days: float = 0) -> list[str]:
    """Take what is owed, and what is due by then, as the workflow would; the steps taken."""
    taken: list[str] = []
    now = clock.now() + timedelta(days=days)
    while True:
        with clock.at(now), transaction() as session:
            view = card_views.view(session, payment_id)
        due = view.deadline is not None and view.deadline <= now
        step = view.owed[0] if view.owed else view.at_deadline if due else ""
        if not step:
            return taken
        assert len(taken) < 9, taken
        STEPS[step](Step(str(payment_id), version=view.version, at=now))
        taken.append(step)


def leave(order_id: UUID, sku: str = "") -> None:
    """What is in the house leaves, or only the part with this article."""
    with transaction() as session:
        for part in fulfilments.of_order(session, order_id):
            skus = {line.sku for line in fulfilments.lines(session, part.id)}
            if part.status == "allocated" and (not sku or sku in skus):
                shipped(session, part)
        capturing.settle(session, order_id)


def totals(order_id: UUID) -> list[tuple[int, int, int, int]]:
    with transaction() as session:
        found = statements.of_order(session, orders.named(session, str(order_id)))
        return [
            (one.authorised_minor, one.captured_minor, one.voided_minor, one.refunded_minor)
            for one in found.payments
        ]


def intents(order_id: UUID) -> list[CardIntent]:
    with transaction() as session:
        found = select(CardIntent).where(CardIntent.order_id == order_id)
        return sorted(session.exec(found).all(), key=lambda one: one.intent_id)


def test_a_card_is_held_charged_when_goods_leave_and_given_back(double: Double) -> None:
    order_id = an_order({"MUG": 2})
    payment_id = claim(order_id, double.pay(2_500))
    assert claim(order_id, "pi_0001") == payment_id
    assert follow(payment_id) == ["look"]
    assert totals(order_id) == [(2_500, 0, 0, 0)]
    leave(order_id)
    assert totals(order_id) == [(2_500, 2_500, 0, 0)]
    assert double.intents["pi_0001"]["amount_received"] == 0  # the ledger decides, Stripe follows
    assert follow(payment_id) == ["capture"]
    assert double.intents["pi_0001"]["amount_received"] == 2_500
    with transaction() as session:
        [line] = orders.lines(session, order_id)
        refunding.refund(
            session, order_id, {line.id: 1}, cause="one", reason="a crack", actor="olga"
        )
    assert follow(payment_id) == ["refund"]
    assert follow(payment_id) == []
    assert [one["amount"] for one in double.refunds.values()] == [1_250]
    with transaction() as session:
        found = statements.of_order(session, orders.named(session, str(order_id)))
        assert [(one.status, one.reference) for one in found.repayments] == [("paid", "re_0001")]


def test_the_rest_of_a_part_is_held_anew_and_charged_when_it_leaves(double: Double) -> None:
    order_id = an_order()
    payment_id = claim(order_id, double.pay(3_750))
    follow(payment_id)
    leave(order_id, "MUG")
    assert follow(payment_id) == ["capture", "renew"]
    assert totals(order_id) == [(3_750, 2_500, 1_250, 0), (1_250, 0, 0, 0)]
    first, second = intents(order_id)
    assert (first.status, second.status) == (IntentStatus.SPENT, IntentStatus.OPEN)
    leave(order_id)
    assert follow(second.payment_id) == ["capture"]
    assert [one["amount_received"] for one in double.intents.values()] == [2_500, 1_250]
    assert follow(payment_id) == []


def test_an_authorisation_that_lapses_is_replaced_before_and_one_that_lapsed_after(
    double: Double,
) -> None:
    order_id = an_order({"MUG": 2})
    payment_id = claim(order_id, double.pay(2_500))
    follow(payment_id)
    assert follow(payment_id, days=6.5) == []
    assert follow(payment_id, days=6.9) == ["replace", "void", "renew"]
    assert totals(order_id) == [(2_500, 0, 2_500, 0), (2_500, 0, 0, 0)]
    assert [one["status"] for one in double.intents.values()] == ["canceled", "requires_capture"]
    second = intents(order_id)[1]
    double.intents[second.intent_id] |= {"status": "canceled", "amount_capturable": 0}
    with transaction() as session:
        assert payments.heard(session, second.intent_id)
        assert not payments.heard(session, "pi_9999")
    assert follow(second.payment_id) == ["look", "renew"]
    leave(order_id)
    third = intents(order_id)[2]
    assert follow(third.payment_id) == ["capture"]
    assert sum(one["amount_received"] for one in double.intents.values()) == 2_500


def test_what_is_cancelled_is_let_go(double: Double) -> None:
    order_id = an_order({"MUG": 2})
    payment_id = claim(order_id, double.pay(2_500))
    follow(payment_id)
    with transaction() as session:
        cancelling.cancel(session, order_id, actor="olga", reason="changed their mind")
        capturing.settle(session, order_id)
    assert follow(payment_id) == ["void"]
    assert double.intents["pi_0001"]["status"] == "canceled"
    assert totals(order_id) == [(2_500, 0, 2_500, 0)]
    assert len(double.intents) == 1  # nothing is held anew for goods that nobody sends


def test_lost_answers_and_a_provider_that_is_down_charge_nobody_twice(double: Double) -> None:
    order_id = an_order({"MUG": 2})
    payment_id = claim(order_id, double.pay(2_500))
    double.down = 1
    with pytest.raises(ApplicationError) as down:
        follow(payment_id)
    assert (down.value.type, down.value.non_retryable) == ("card_unavailable", False)
    follow(payment_id)
    leave(order_id)
    double.lose = 1
    with pytest.raises(ApplicationError):
        follow(payment_id)
    double.answers.clear()  # after a day the key is forgotten as well
    assert follow(payment_id) == ["capture"]
    assert double.intents["pi_0001"]["amount_received"] == 2_500
    with transaction() as session:
        refunding.refund(
            session, order_id, {}, cause="one", reason="sorry", actor="olga", goodwill_minor=500
        )
    double.lose = 1
    with pytest.raises(ApplicationError):
        follow(payment_id)
    assert follow(payment_id) == ["refund"]
    assert [one["amount"] for one in double.refunds.values()] == [500]


def test_a_refund_that_takes_its_time_is_asked_about_again(double: Double) -> None:
    order_id = an_order({"MUG": 2})
    payment_id = claim(order_id, double.pay(2_500, status="succeeded"))
    follow(payment_id)
    leave(order_id)
    double.refund_state = "pending"
    with transaction() as session:
        refunding.refund(
            session, order_id, {}, cause="one", reason="sorry", actor="olga", goodwill_minor=500
        )
    assert follow(payment_id) == ["refund"]
    double.refunds["re_0001"]["status"] = "succeeded"
    cards.refund(Step(str(payment_id), version=1, at=clock.now()))
    with transaction() as session:
        assert payments.to_refund(session, payment_id) == []
    assert len(double.refunds) == 1


def test_what_is_no_good_payment_is_a_case_and_pays_nothing(double: Double) -> None:
    order_id = an_order({"MUG": 2})
    euros = claim(order_id, double.pay(2_500, currency="eur"))
    gone = claim(order_id, double.pay(2_500, status="canceled"))
    slow = claim(order_id, double.pay(2_500, status="requires_action"))
    for payment_id in (euros, gone, slow):
        assert follow(payment_id) == ["look"]
    assert [one.status.value for one in intents(order_id)] == ["refused", "refused", "asked"]
    cards.look(Step(str(slow), version=1, at=clock.now() + timedelta(days=2)))
    assert intents(order_id)[2].status is IntentStatus.REFUSED
    with transaction() as session:
        assert len(session.exec(select(OpenException)).all()) == 3
        other = builders.an_order(session, {"MUG": 1}, channel="till")
        with builders.refused(session, Conflict, "pays another order"):
            payments.claim(session, other.id, "pi_0001", actor="shop")
    assert totals(order_id) == [(0, 0, 0, 0)] * 3


def test_a_card_that_declines_waits_for_a_person_and_the_rest_stays_due(double: Double) -> None:
    order_id = an_order()
    payment_id = claim(order_id, double.pay(3_750))
    follow(payment_id)
    leave(order_id, "MUG")
    double.declines = True
    with pytest.raises(ApplicationError, match="Your card was declined") as declined:
        follow(payment_id)
    assert declined.value.non_retryable
    with transaction() as session:
        order = orders.locked(session, order_id)
        assert capturing.due_minor(session, order) == 1_250
        assert sum(ledger.open_minor(one) for one in ledger.locked(session, order_id)) == 0


def test_credentials_come_from_settings_alone_and_a_wrong_or_missing_one_is_named(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CardRefused, match="No such payment_intent"):
        card_client.cards().find("pi_none")
    wrong = Cards("sk_test_wrong", url=settings().stripe_api_url)
    with pytest.raises(CardRefused, match="does not accept our key") as refused:
        wrong.find("pi_none")
    assert refused.value.field == "stripe_api_key"
    monkeypatch.delenv("TRIBUTARY_STRIPE_API_KEY")
    settings.cache_clear()
    card_client.cards.cache_clear()
    with pytest.raises(MissingSetting, match="stripe_api_key is not set") as missing:
        card_client.cards()
    assert missing.value.field == "stripe_api_key"
