"""Two people scan in one wave at the same moment."""

from collections import Counter

from oms.db import transaction
from oms.pickup import waves
from oms.pickup.claiming import Claimed
from oms.pickup.waves import Scanned
from tests.builders import an_order
from tests.concurrency import at_once
from tests.oms.shop import a_shop, fill, routed, the_pickup


def test_a_unit_goes_into_one_tote_however_many_scan(live_database: str) -> None:
    with transaction() as session:
        shop = a_shop(session)
        fill(session, shop)
        place = shop.riverside.id
        pickups = [
            the_pickup(session, part).id
            for _ in range(2)
            for part in routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
        ]
        wave_id = waves.take(session, location_id=place, pickup_ids=pickups, actor="anna").id

    def scan(actor: str) -> Scanned:
        with transaction() as session:
            return waves.scan(session, wave_id, "mug", actor=actor, location_id=place)

    said = at_once([lambda: scan("anna")] * 4 + [lambda: scan("ben")])
    assert isinstance(said[4], (Claimed, Scanned))
    found = Counter((one.outcome.value, one.tote) for one in said if isinstance(one, Scanned))
    assert (found["assigned", 1], found["assigned", 2]) == (1, 1)
    with transaction() as session:
        wave = waves.shown(session, wave_id, location_id=place)
    assert (wave.picked, wave.quantity) == (2, 2)
