"""Three ways to ask what may be promised give one answer, for every channel."""

from random import Random
from uuid import UUID

from sqlmodel import Session

from oms.inventory import availability, rules, spread
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from tests.builders import a_product, a_store, stock


def test_the_spread_the_sum_and_the_list_of_deductions_agree(session: Session) -> None:
    chance = Random(1)
    skus = ["CUP", "LAMP", "MUG", "RUG"]
    for sku in skus:
        a_product(session, sku)
    places = [a_store(session, f"S{number}") for number in range(9)]
    for place in places:
        stock(session, place, **{sku: chance.randint(1, 9) for sku in skus[:3]})
    rules.set_rule(session, RuleKind.SAFETY, Scope(sku="CUP"), units=4, actor="test")
    for kind, scope, units in (
        (RuleKind.BUFFER, Scope(sku="MUG", channel="shop"), 3),
        # The same wherever the lamp is: told without a look at each location.
        (RuleKind.SAFETY, Scope(sku="LAMP"), 1),
        (RuleKind.SAFETY, Scope(sku="LAMP", channel="shop"), 3),
    ):
        rules.set_rule(session, kind, scope, units=units, actor="test")
    for channel, number in (("shop", 2), ("web", 5)):
        scope = Scope(sku="MUG", location_id=places[number].id, channel=channel)
        rules.set_rule(session, RuleKind.ALLOTMENT, scope, units=1, actor="test")
    session.flush()
    for channel in (None, "shop", "till", "web"):
        long = availability.of(session, skus, channel=channel)
        found = spread.promisable(session, skus, channel=channel)
        told = {
            (sku, UUID(bytes=bytes(at).ljust(16, b"\0"))): int(units)
            for sku, one in found.items()
            for at, units in zip(one.at, one.units, strict=True)
        }
        assert told == availability.promisable(session, skus, channel=channel)
        assert told == {row[:2]: row.promisable for row in long if row.promisable}
        assert 0 < len(told) < 27
