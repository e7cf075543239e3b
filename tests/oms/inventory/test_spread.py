"""The spread of an article says what availability says, for every channel."""

from random import Random
from uuid import UUID

from sqlmodel import Session

from oms.inventory import availability, rules, spread
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from tests.builders import a_product, a_store, stock


def test_the_spread_is_what_may_be_promised(session: Session) -> None:
    chance = Random(1)
    skus = ["CUP", "LAMP", "MUG", "RUG"]
    for sku in skus:
        a_product(session, sku)
    for number in range(9):
        place = a_store(session, f"S{number}")
        stock(session, place, **{sku: chance.randint(1, 9) for sku in skus[:3]})
    rules.set_rule(session, RuleKind.SAFETY, Scope(sku="CUP"), units=4, actor="test")
    rules.set_rule(
        session, RuleKind.BUFFER, Scope(sku="MUG", channel="shop"), units=3, actor="test"
    )
    session.flush()
    for channel in (None, "shop", "till"):
        found = spread.promisable(session, skus, channel=channel)
        told = {
            (sku, UUID(bytes=bytes(at).ljust(16, b"\0"))): int(units)
            for sku, one in found.items()
            for at, units in zip(one.at, one.units, strict=True)
        }
        assert told == availability.promisable(session, skus, channel=channel)
        assert 0 < len(told) < 27
