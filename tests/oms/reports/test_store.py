"""A store at a glance: what is late or soon due, what goes back, what is counted, what is open."""

from datetime import timedelta

from sqlmodel import Session

from oms import clock
from oms.exceptions.cases import open_case
from oms.exceptions.models import ExceptionKind
from oms.inventory import counts_wanted
from oms.pickup import calling_off
from oms.reports import store
from oms.reports.store import Health
from tests.builders import an_order
from tests.oms.shop import Shop, fill, ready, routed


def test_a_manager_sees_what_is_at_risk_and_what_is_to_be_done(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    now = clock.now()
    with clock.at(now):
        shop.riverside.capacity_parcels = 40
        parts = [
            routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))[0] for _ in range(5)
        ]
        for part, minutes in zip(parts, (-5, 10, 40, 600), strict=False):
            part.due_at = now + timedelta(minutes=minutes)
        unwanted = ready(session, parts[4], shelf="C3")
        calling_off.decline(session, unwanted.id, actor="anna")
        counts_wanted.ask(
            session, sku="MUG", location_id=shop.riverside.id, reason="not found", actor="anna"
        )
        for place, order_id in ((shop.riverside, parts[0].order_id), (None, None)):
            open_case(
                session,
                kind=ExceptionKind.CANNOT_FILL,
                cause_type="routing",
                cause_id=(place or shop.depot).id,
                order_id=order_id,
                detail="nobody has it",
                remedy="call the customer",
            )
        session.flush()
        found = store.overview(session, shop.riverside)
    assert found.pickups == Health(4, now - timedelta(minutes=5), 1, 1, 2)
    assert found.shipments == Health(0, None, 0, 0, 0)
    assert (found.given_today, found.capacity) == (4, 40)
    [back] = found.put_backs
    assert (back.pickup_id, back.shelf, back.declined) == (unwanted.id, "C3", True)
    assert [task.sku for task in found.counts] == ["MUG"]
    assert [case.order_id for case in found.cases] == [parts[0].order_id]
    elsewhere = store.overview(session, shop.harbour)
    assert (elsewhere.pickups.open, elsewhere.put_backs, list(elsewhere.cases)) == (0, (), [])
