"""Operations' page of routing: the policy in force and its versions."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from oms import clock
from oms.db import transaction
from oms.orders.models import Order
from oms.orders.queries import awaits_release
from oms.sourcing import policies, runs
from oms.sourcing.policy import parse
from oms.sourcing.run_models import PlanStatus, RoutingPlan
from oms.sourcing.snapshots import unpack_snapshot
from oms.sourcing.solving_apart import Attempt
from tests.builders import an_order, no_cut_off_soon
from tests.web.conftest import SIZES, OpenWindow, Site

PAGE = "/operations/routing"


def a_story() -> None:
    hold = {"channel": "shopify", "service": "standard", "minutes": 30}
    rule = {"location": "S01", "reason": "no licence", "category": "hazmat"}
    ban = {"carrier": "simulated", "service": "overnight", "country": "US", "reason": "on strike"}
    peak = parse(
        {
            "name": "peak",
            "weights": {"congestion_cents": 70},
            "holds": [hold],
            "exclusions": [rule],
            "transfers": [{"parcel_cents": 250, "store": "S01", "days": 2}],
            "carriers": [ban],
        }
    )
    with transaction() as unit:
        policies.add(
            unit,
            parse({"name": "plain"}),
            effective_from=None,
            actor="olga",
            not_replayed_because="the first",
        )
        policies.add(unit, peak, effective_from=None, actor="olga", note="before the feast")
        coming = clock.now() + timedelta(days=3)
        policies.add(unit, parse({"name": "calm"}), effective_from=coming, actor="olga")


def test_the_page_says_what_counts_and_what_each_version_changed(site: Site) -> None:
    with site.in_operations() as client:
        empty = client.get(PAGE, headers={"HX-Request": "false"}).text
        assert "the standard policy holds" in empty
        assert "every order is routed at once" in empty
        a_story()
        page = client.get(PAGE, headers={"HX-Request": "false"}).text
        assert "Policy in force: peak" in page
        assert "shopify, standard: 30 minutes" in page
        assert "S01, hazmat: no licence" in page
        assert "congestion: 70 cents a parcel where capacity is used up" in page
        assert "simulated overnight, US: on strike" in page
        assert "every location to S01: 250 cents, 2 days" in page
        assert "holds[0].minutes: – → 30" in page
        assert "To come" in page
        assert "superseded" in page
        assert "before the feast" in page
        assert "none: the first" in page
        part = client.get(PAGE, headers={"HX-Request": "true"}).text
        assert part.lstrip().startswith('<div id="card"')


def waiting() -> UUID:
    """An order that waits."""
    hold = {"service": "standard", "minutes": 30}
    with transaction() as unit:
        no_cut_off_soon(unit)
        patient = parse({"name": "patient", "holds": [hold]})
        policies.add(unit, patient, effective_from=None, actor="olga")
    with transaction() as unit:
        return an_order(unit, {"MUG": 1}).id


def a_run(moved: UUID | None = None) -> None:
    """A joint run whose solver was ended, although it moved an order before."""
    [run_id] = runs.collect("routing:test", asked_by="test")
    with transaction() as unit:
        snapshot = unpack_snapshot(runs.read(unit, run_id).snapshot)
    runs.record(run_id, snapshot, Attempt(None, "the solver was ended by SIGKILL", 1.0))
    runs.make_proposal(run_id)
    runs.finish(run_id)
    if moved is not None:
        with transaction() as unit:
            unit.add(
                RoutingPlan(
                    run_id=run_id,
                    order_id=moved,
                    order_version=2,
                    knot=1,
                    from_locations=["W01"],
                    to_locations=["S01"],
                    places={},
                    gain_minor=230,
                    status=PlanStatus.COMMITTED,
                    at=clock.now(),
                )
            )


def test_an_order_says_until_when_it_waits_and_may_be_let_go(site: Site) -> None:
    order_id = waiting()
    a_run(moved=order_id)
    path = f"/operations/orders/{order_id}"
    with site.in_operations() as client:
        page = client.get(path, headers={"HX-Request": "false"}).text
        assert "Held for joint routing" in page
        assert "Run 1, " in page
        assert "moved from W01 to S01, USD 2.30 saved" in page
        runs_page = client.get(PAGE, headers={"HX-Request": "false"}).text
        assert "the solver was ended by SIGKILL" in runs_page
        assert "Nothing moved" in runs_page
        answer = client.post(f"{path}/release-now", headers={"Idempotency-Key": str(uuid4())})
        assert "It waits no longer." in answer.text
        assert 'id="waits"' not in answer.text
        again = client.post(f"{path}/release-now", headers={"Idempotency-Key": str(uuid4())})
        assert "does not wait" in again.text
    with transaction() as unit:
        assert not awaits_release(unit.get_one(Order, order_id))


def test_nobody_else_sees_it(site: Site) -> None:
    with site.client() as client:
        assert client.get(PAGE).status_code in (303, 401)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_does_not_stick_out(open_window: OpenWindow, size: str) -> None:
    waiting()
    a_run()
    a_story()
    window = open_window(size, dark=False)
    page = window.sign_in_to_operations()
    window.open(PAGE)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    window.shoot("routing")
