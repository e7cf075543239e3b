"""Which events become notices, once each, and when a promise has slipped."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from oms import clock
from oms.fulfilments import scanning
from oms.fulfilments.scanning import CarrierScan
from oms.notifications import notices, telling
from oms.notifications.models import NoticeKind
from oms.ordering import cancelling, delaying
from oms.orders.models import Order
from oms.outbox.models import OutboxRow
from tests.builders import an_order
from tests.oms.shop import a_shop, fill, ready, routed, shipped

K = NoticeKind


def relayed(session: Session, order: Order) -> list[NoticeKind]:
    """What the order's customer is told once the relay has been through, twice."""
    session.flush()
    rows = session.exec(
        select(OutboxRow).where(OutboxRow.order_id == order.id).order_by(col(OutboxRow.id))
    ).all()
    for row in [*rows, *rows]:
        telling.tell_for(session, row)
    return [one.kind for one in notices.of_order(session, order.id)]


def test_a_shipment_is_told_from_the_order_to_the_door(session: Session) -> None:
    fill(session, a_shop(session))
    order = an_order(session, {"MUG": 1})
    [part] = routed(session, order)
    [parcel] = shipped(session, part)
    assert relayed(session, order) == [K.CONFIRMED, K.SHIPPED]
    now = datetime.now(UTC)
    for minutes, code in ((1, "out_for_delivery"), (2, "delivery_failed"), (3, "out_for_delivery")):
        scan = CarrierScan(f"{minutes}", code, now + timedelta(minutes=minutes))
        scanning.add_scans(session, parcel.id, [scan], actor="carrier:simulated")
    assert relayed(session, order) == [K.CONFIRMED, K.SHIPPED, K.OUT_FOR_DELIVERY]
    scan = CarrierScan("4", "delivered", now + timedelta(minutes=4))
    scanning.add_scans(session, parcel.id, [scan], actor="carrier:simulated")
    assert relayed(session, order)[3:] == [K.DELIVERED]


def test_an_order_that_was_called_off_before_it_came_is_not_confirmed(session: Session) -> None:
    fill(session, a_shop(session))
    order = an_order(session, {"MUG": 1})
    cancelling.cancel(session, order.id, actor="channel:reference", reason="changed their mind")
    assert relayed(session, order) == []


def test_a_promise_that_slips_is_told_once_and_one_that_is_kept_is_not(session: Session) -> None:
    fill(session, a_shop(session))
    late = an_order(session, {"MUG": 1}, pickup_store="S01")
    kept = an_order(session, {"MUG": 1}, pickup_store="S01")
    ready(session, routed(session, kept)[0])
    assert list(delaying.next_due(session, limit=9)) == []
    with clock.at(late.promise_by + timedelta(hours=1)):
        assert list(delaying.next_due(session, limit=9)) == [late.id]
        assert delaying.is_late(late)
        assert not delaying.is_late(kept)
        assert [delaying.tell(session, late.id) for _ in range(2)] == [True, False]
        assert not delaying.tell(session, kept.id)
        assert list(delaying.next_due(session, limit=9)) == []
    [notice] = [one for one in notices.of_order(session, late.id) if one.kind is K.DELAYED]
    assert notice.facts["why"] == "work"
    assert notice.facts["expected"] is None
