"""What ends by itself is ended by a worker at work: holds, allotments, waits for a release."""

from datetime import timedelta

from sqlmodel import select

from oms import clock
from oms.db import transaction
from oms.inventory import rules
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldStatus
from oms.inventory.models import StockBalance
from oms.inventory.rule_models import RuleKind, StockRule
from oms.inventory.rules import Scope
from oms.locations import queries as locations
from oms.ordering import checkout, preordering
from tests.oms.ordering.test_checkout import a_basket
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until


def test_a_worker_ends_what_is_due_and_routes_what_is_released(at_work: AtWork) -> None:
    shop.open_shop(s01=10, w01=0)
    an_hour_ago = clock.now() - timedelta(hours=1)
    a_minute_ago = clock.now() - timedelta(minutes=1)
    with clock.at(an_hour_ago), transaction() as session:
        hold_id = checkout.keep(session, a_basket(("MUG", 4)), minutes=15, actor="web").id
        scope = Scope("MUG", None, locations.by_code(session, "S01").id, "shopify")
        rules.set_rule(
            session, RuleKind.ALLOTMENT, scope, units=5, until=a_minute_ago, actor="olga"
        )
        preordering.set_release(session, "MUG", a_minute_ago, actor="buyer")
    with clock.at(an_hour_ago):
        order_id = shop.order({"MUG": 1})
    assert shop.status(order_id) == "held"

    async def story() -> None:
        async with at_work():
            [part] = await until(lambda: shop.fulfilments(order_id))
            assert part.status.value == "allocated"
            await until(lambda: ended() == (CheckoutHoldStatus.EXPIRED, "system"))

    def ended() -> tuple[CheckoutHoldStatus, str | None]:
        with transaction() as session:
            [rule] = session.exec(select(StockRule)).all()
            return session.get_one(CheckoutHold, hold_id).status, rule.ended_by

    run(story())
    with transaction() as session:
        row = session.exec(select(StockBalance).where(StockBalance.reserved > 0)).one()
        assert (row.on_hand, row.reserved, row.withheld, row.by_channel) == (10, 1, 0, False)
