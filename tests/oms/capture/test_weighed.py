"""What is weighed is brought up to date in memory, and nothing is read where nothing is weighed."""

from datetime import timedelta
from uuid import uuid4

from oms import clock
from oms.capture import network
from oms.capture.network import View
from oms.capture.weighed import NOTHING
from oms.db import transaction
from oms.locations.models import Location
from oms.sourcing import bid_prices, overriding, policies
from oms.sourcing.policy import parse
from tests.builders import an_order
from tests.oms.shop import Shop, routed

WEIGHTS = {"opportunity_percent": 50, "acceptance_percent": 100, "congestion_cents": 90}


def view_in(minutes: int) -> View:
    """The network as a process that has known it sees it so much later."""
    with clock.at(clock.now() + timedelta(minutes=minutes)), transaction() as session:
        return network.current(session)


def weighs(weights: dict[str, int]) -> None:
    with transaction() as session:
        policy = parse({"name": "test", "weights": weights})
        policies.add(session, policy, effective_from=None, actor="test")


def test_figures_follow_work_prices_and_acceptance(shop: Shop) -> None:
    with transaction() as session:
        session.get_one(Location, shop.riverside.id).capacity_parcels = 4
    weighs(WEIGHTS)
    before = view_in(0)
    assert (before.figures.prices, before.figures.used_parcels) == ({}, {})
    with transaction() as session:
        routed(session, an_order(session, {"MUG": 1}))
        worth = {("MUG", "S02"): 300}
        bid_prices.learn(session, worth, run_id=uuid4(), skus=(), smoothing_percent=100)
        overriding.set_override(session, "S02", probability=0.5, reason="short", actor="test")
    after = view_in(1)
    assert after.version == before.version
    assert after.figures.prices == {"MUG": {"S02": 300}}
    known = after.figures.known(["MUG", "LAMP"], ["", "never heard of"])
    assert known.bid_prices == {("MUG", "S02"): 300}
    assert known.acceptance["S02", ""] == known.acceptance["S02", "never heard of"] == 0.5
    assert known.acceptance["S01", ""] > 0.9
    assert known.used_parcels["S01"] == 1
    [place] = [one for one in after.bare["USD"][-1].locations if one.id == "S01"]
    assert place.capacity_parcels == 3


def test_where_nothing_is_weighed_nothing_is_read(shop: Shop) -> None:
    assert view_in(0).figures is NOTHING
    weighs(WEIGHTS)
    assert view_in(0).figures is not NOTHING
    weighs({"move_cents": 5})
    assert view_in(1).figures is NOTHING
