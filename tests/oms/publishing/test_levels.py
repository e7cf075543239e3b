"""What a channel is told of follows what the stock rules leave it."""

from sqlmodel import Session

from oms.inventory import rules
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.publishing import levels
from tests.builders import later, stock
from tests.oms.publishing.stocked import a_listed_shop


def test_a_buffer_is_kept_from_its_channel_alone(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=5)
    buffer = Scope(sku="MUG", channel="shopify")
    rules.set_rule(session, RuleKind.BUFFER, buffer, units=2, actor="olga")
    told = {
        channel: levels.level(session, channel=channel, skus=["MUG"])
        for channel in ("shopify", "woocommerce")
    }
    assert told == {"shopify": {("MUG", "S01"): 3}, "woocommerce": {("MUG", "S01"): 5}}


def test_ring_fenced_units_are_told_to_their_channel_alone(session: Session) -> None:
    shop = a_listed_shop(session)
    stock(session, shop.riverside, MUG=5)
    fence = Scope(sku="MUG", location_id=shop.riverside.id, channel="shopify")
    rules.set_rule(session, RuleKind.ALLOTMENT, fence, units=4, until=later(days=2), actor="olga")
    told = {
        channel: levels.level(session, channel=channel, skus=["MUG"])
        for channel in ("shopify", "woocommerce")
    }
    assert told == {"shopify": {("MUG", "S01"): 5}, "woocommerce": {("MUG", "S01"): 1}}
