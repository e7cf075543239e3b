"""Orders that wait for joint routing: who waits, until when, and where they go when they may."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlmodel import Session

from oms import clock
from oms.errors import Conflict
from oms.fulfilments import queries as fulfilments
from oms.inventory import reservations
from oms.locations.models import Location
from oms.ordering import placing, rerouting, waking
from oms.orders.models import Order, OrderStatus
from oms.orders.queries import awaits_release
from oms.sourcing import committing, cut_offs, decisions, freezing, policies, problems, replaying
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import parse
from tests.builders import a_new_order, an_order, no_cut_off_soon, refused, stock
from tests.oms.shop import Shop, balance, buckets, fill, held, told, trail
from workflows import views

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _waiting(session: Session, shop: Shop) -> None:
    fill(session, shop)
    no_cut_off_soon(session)
    hold = {"service": "standard", "minutes": 30}
    policies.add(
        session, parse({"name": "patient", "holds": [hold]}), effective_from=None, actor="olga"
    )


def released(order: Order) -> datetime:
    assert order.release_at is not None
    return order.release_at + timedelta(seconds=1)


def routed(session: Session, order: Order) -> tuple[RoutingDecision, list[str]]:
    """Route it after its wait; the decision, which must replay, and the codes of its parts."""
    with clock.at(released(order)):
        task = problems.task(session, order)
        assert task is not None
        committing.commit(session, task, freezing.solve(task), actor="system")
    row = decisions.of_order(session, order.id)[0]
    assert replaying.replay(row).plan_document() == row.plan
    parts = fulfilments.of_order(session, order.id)
    return row, [session.get_one(Location, part.location_id).code for part in parts]


def move(session: Session, order: Order, place: Location) -> None:
    """What a joint run does: the goods of the order's only line are held elsewhere."""
    [row] = reservations.held(session, order.id)
    hold = reservations.Hold(row.line_id, place.id, row.sku, row.quantity)
    reservations.replace(
        session, order_id=order.id, lines={row.line_id}, holds=[hold], actor="system"
    )


def test_a_standard_order_waits_with_its_stock_held(session: Session) -> None:
    order = an_order(session, {"MUG": 1})
    assert order.release_at == order.captured_at + HALF_AN_HOUR
    assert awaits_release(order)
    assert (order.status, set(held(session, order))) == (OrderStatus.CAPTURED, {("MUG", "S01")})
    view = views.order(session, order.id)
    assert (view.owed, view.deadline, view.at_deadline) == ([], order.release_at, "release")
    assert (view.stage, view.attributes["OmsStage"]) == ("waiting", "waiting")
    assert f"Held for joint routing until {order.release_at:%Y-%m-%d %H:%M} UTC" in view.details


def test_after_the_wait_it_is_routed(session: Session) -> None:
    order = an_order(session, {"MUG": 1})
    with clock.at(released(order)):
        assert not awaits_release(order)
        view = views.order(session, order.id)
        assert (view.owed, view.deadline, view.stage) == (["route"], None, "captured")
        assert "joint" not in view.details
    row, codes = routed(session, order)
    assert codes == ["S01"]
    assert [rival["location"] for rival in row.explanation["rivals"]] == ["S02", "W01"]
    assert row.notes == []


def test_no_order_waits_beyond_the_cut_off_where_its_goods_are(
    session: Session, shop: Shop
) -> None:
    half_past_two = datetime(2027, 3, 2, 19, 30, tzinfo=UTC)  # in New York
    shop.riverside.cut_off, shop.depot.cut_off = time(14, 50), time(14, 40)
    session.flush()
    with clock.at(half_past_two):
        order = an_order(session, {"MUG": 1})
        assert order.release_at == half_past_two + timedelta(minutes=19)
        move(session, order, shop.depot)
        cut_offs.cut_short(session, order)
        assert order.release_at == half_past_two + timedelta(minutes=9)
    with clock.at(half_past_two + timedelta(minutes=19, seconds=30)):
        assert an_order(session, {"MUG": 1}).release_at is None


@pytest.mark.parametrize("express", [True, False])
def test_express_and_pickup_never_wait(session: Session, express: bool) -> None:
    new = a_new_order({"MUG": 1}, pickup_store=None if express else "S01")
    if express:
        new = replace(new, deliver_by=clock.now() + timedelta(hours=40))
    order = placing.place(session, new, actor="test")
    assert order.release_at is None
    assert views.order(session, order.id).owed == ["route"]


def test_an_order_called_off_before_we_heard_of_it_does_not_wait(session: Session) -> None:
    assert an_order(session, {"MUG": 1}, cancelled=True).release_at is None


def test_it_stays_where_joint_routing_has_put_it(session: Session, shop: Shop) -> None:
    order = an_order(session, {"MUG": 1})
    move(session, order, shop.depot)
    row, codes = routed(session, order)
    assert codes == ["W01"]
    assert row.notes == [
        "Kept where joint routing put it; alone it would have come from S01, for "
        f"{row.cost_minor - 700} cents less."
    ]
    assert "held for joint routing at W01" in str(row.explanation)
    assert (balance(session, shop.depot), balance(session, shop.riverside)) == ((5, 1), (5, 0))


@pytest.mark.parametrize("wrong", ["closed", "full", "excluded"])
def test_it_moves_if_something_is_wrong_there(session: Session, shop: Shop, wrong: str) -> None:
    order = an_order(session, {"MUG": 1})
    move(session, order, shop.depot)
    if wrong == "closed":
        shop.depot.can_ship = False
    elif wrong == "full":
        shop.depot.capacity_parcels = 0
    else:
        rule = {"location": "W01", "reason": "flooded"}
        policies.add(
            session, parse({"name": "x", "exclusions": [rule]}), effective_from=None, actor="olga"
        )
    session.flush()
    row, codes = routed(session, order)
    assert codes == ["S01"]
    assert row.notes == ["Moved: it cannot be filled in time where it was held."]


def test_an_order_of_which_something_is_missing_is_decided_anew(
    session: Session, shop: Shop
) -> None:
    order = an_order(session, {"MUG": 1, "ANVIL": 1})
    assert buckets(session, order) == [{"reserved": 1}, {"backordered": 1}]
    stock(session, shop.harbour, ANVIL=1)
    _, codes = routed(session, order)
    assert codes == ["S02"]


def test_stock_that_comes_in_is_kept_for_an_order_that_waits(session: Session, shop: Shop) -> None:
    order = an_order(session, {"ANVIL": 1})
    assert buckets(session, order) == [{"backordered": 1}]
    assert views.order(session, order.id).at_deadline == "release"
    stock(session, shop.riverside, ANVIL=1)
    assert waking.wake_waiting(session, "ANVIL") == [order.id]
    waking.keep_for_held(session, order.id)
    assert buckets(session, order) == [{"reserved": 1}]
    assert awaits_release(order)


def test_an_operator_ends_the_wait(session: Session) -> None:
    order = an_order(session, {"MUG": 1})
    version = order.version
    rerouting.release_now(session, order.id, actor="olga")
    assert views.order(session, order.id).owed == ["route"]
    assert order.version == version + 1
    assert trail(session, order.id)[-1] == "order.release_asked"
    assert told(session, order.id)[-1] == "order.release_asked"
    with refused(session, Conflict, match="does not wait"):
        rerouting.release_now(session, order.id, actor="olga")


def test_asking_to_route_again_ends_the_wait_too(session: Session) -> None:
    order = an_order(session, {"MUG": 1})
    rerouting.forget_rejections(session, order.id, actor="olga")
    assert views.order(session, order.id).owed == ["route"]
