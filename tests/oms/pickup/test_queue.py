"""What the associates of one store see, and how they find it."""

from datetime import timedelta

from sqlmodel import Session

from oms import clock
from oms.catalogue.models import Barcode
from oms.errors import NotFound
from oms.fulfilments.models import Fulfilment
from oms.orders.models import Order
from oms.pickup import counts, expiry, finding, preparing, queue
from oms.pickup.models import Pickup, PickupStatus
from tests.builders import an_order, refused
from tests.oms.shop import Shop, fill, ready, routed, the_pickup


def a_pickup(session: Session, store: str = "S01", **wanted: int) -> Pickup:
    [part] = routed(session, an_order(session, wanted or {"MUG": 1}, pickup_store=store))
    return the_pickup(session, part)


def by_fulfilment(session: Session, pickup: Pickup) -> Pickup:
    return ready(session, session.get_one(Fulfilment, pickup.fulfilment_id))


def expire(session: Session, pickup: Pickup) -> None:
    assert pickup.pick_up_by is not None
    with clock.at(pickup.pick_up_by):
        expiry.meet_deadline(session, pickup.id, version=pickup.version)


def test_the_most_urgent_work_is_on_top_and_what_waits_comes_after_it(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    first, second, third = (a_pickup(session) for _ in range(3))
    waiting = by_fulfilment(session, first)
    now = clock.now()
    second.due_at, third.due_at = now + timedelta(minutes=90), now + timedelta(minutes=30)
    waiting.due_at = now - timedelta(hours=1)
    session.flush()
    with clock.at(now):
        shown = queue.queue(session, location_id=shop.riverside.id)
    assert [(item.pickup_id, item.step, item.minutes_to_promise) for item in shown] == [
        (third.id, "new", 30),
        (second.id, "new", 90),
        (waiting.id, "ready", -60),
    ]


def test_a_line_names_article_units_and_what_a_scanner_reads(session: Session, shop: Shop) -> None:
    fill(session, shop)
    session.add(Barcode(code="0012345678905", sku="MUG"))
    session.flush()
    pickup = a_pickup(session, MUG=2)
    item = queue.item(session, pickup.id, location_id=shop.riverside.id)
    [line] = item.lines
    assert (line.sku, line.name, line.quantity, line.picked, line.barcodes) == (
        "MUG",
        "Mug",
        2,
        0,
        ("0012345678905", "mug"),
    )
    assert (item.customer_name, item.channel, item.version) == ("Ada Example", "reference", 1)
    assert "code" not in type(item).__dataclass_fields__


def test_another_store_s_work_is_not_shown(session: Session, shop: Shop) -> None:
    fill(session, shop)
    pickup = a_pickup(session, "S02")
    assert queue.queue(session, location_id=shop.riverside.id) == []
    with refused(session, NotFound, "in this store"):
        queue.item(session, pickup.id, location_id=shop.riverside.id)
    with refused(session, NotFound, "no pickup of this store"):
        queue.by_token(session, pickup.qr_token, location_id=shop.riverside.id)
    assert finding.find(session, pickup.qr_token, location_id=shop.riverside.id) == []
    found = queue.by_token(session, pickup.qr_token, location_id=shop.harbour.id)
    assert found.pickup_id == pickup.id


def test_steps_are_counted_and_new_work_is_named(session: Session, shop: Shop) -> None:
    fill(session, shop, units=9)
    new, picking, lies_ready, gone = (a_pickup(session) for _ in range(4))
    preparing.start(session, picking.id, actor="anna")
    by_fulfilment(session, lies_ready)
    expire(session, by_fulfilment(session, gone))
    session.flush()
    assert counts.counts(session, location_id=shop.riverside.id) == counts.Counts(
        new=1, picking=1, ready=1, expired=1, new_ids=(new.id,)
    )
    assert counts.counts(session, location_id=shop.harbour.id) == counts.Counts(0, 0, 0, 0, ())
    steps = {item.step for item in queue.queue(session, location_id=shop.riverside.id)}
    assert steps == {"new", "picking", "ready", "expired"}


def test_a_pickup_is_found_by_whatever_was_scanned_or_typed(session: Session, shop: Shop) -> None:
    fill(session, shop)
    session.add(Barcode(code="012345678905", sku="MUG"))
    session.flush()
    pickup = a_pickup(session)
    a_pickup(session, LAMP=1)
    order = session.get_one(Order, pickup.order_id)
    bare = order.display_number.removeprefix("#")
    for shown in (
        pickup.qr_token,
        f" {pickup.qr_token} ",
        order.display_number,
        bare,
        str(order.number),
        "012345678905",
        "0012345678905",
        "mug",
    ):
        found = finding.find(session, shown, location_id=shop.riverside.id)
        assert [item.pickup_id for item in found] == [pickup.id], shown
    for shown in ("", "  ", "nothing", "9" * 18, "9" * 19, "9" * 40, "%", "anvil"):
        assert finding.find(session, shown, location_id=shop.riverside.id) == [], shown


def test_a_closed_pickup_is_found_by_number_and_token_but_not_by_article(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    pickup = a_pickup(session)
    expire(session, by_fulfilment(session, pickup))
    expiry.put_back(session, pickup.id, actor="anna")
    session.flush()
    order = session.get_one(Order, pickup.order_id)
    for shown in (pickup.qr_token, order.display_number):
        [item] = finding.find(session, shown, location_id=shop.riverside.id)
        assert (item.status, item.step) == (PickupStatus.PUT_BACK, "put_back")
    assert finding.find(session, "mug", location_id=shop.riverside.id) == []
    assert queue.queue(session, location_id=shop.riverside.id) == []
