"""The label of a returning parcel: bought once, who pays for it, and what its scans change."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select
from temporalio.exceptions import ApplicationError

from oms import clock
from oms.db import transaction
from oms.exceptions.models import ExceptionKind, OpenException
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.payments import capturing
from oms.returns import asking, labels, queries, receiving, ruling, settling
from oms.returns.asking import Wanted
from oms.returns.models import Condition, Return, ReturnLabel, ReturnStatus, Way
from oms.returns.rules import Rule, RuleSet
from tests import builders
from tests.oms.shop import a_shop, fill, routed, shipped
from workflows import carriage, return_views
from workflows.activities import return_labels
from workflows.messages import Step


@pytest.fixture(autouse=True)
def _carriers(live_database: str) -> Iterator[None]:
    carriage.registry.cache_clear()
    yield
    carriage.registry.cache_clear()


def a_return(*, paid_by: str = "customer", mail_to: str = "") -> UUID:
    """Two mugs that were sent to New York come back with our label."""
    with transaction() as session:
        fill(session, a_shop(session))
        rule = Rule(name="mail", label_paid_by=paid_by)  # type: ignore[arg-type]
        body = RuleSet(rules=(rule,), mail_to=mail_to)
        ruling.publish(session, body, note="test", actor="olga")
        order = builders.an_order(session, {"MUG": 2})
        for part in routed(session, order):
            shipped(session, part)
        capturing.settle(session, order.id)
        [line] = orders.lines(session, order.id)
        wanted = [Wanted(line.id, 2, "too small")]
        return asking.ask(session, order.id, wanted, way=Way.MAIL, actor="customer", label=True).id


def step(return_id: UUID, *, days: float = 0) -> Step:
    return Step(str(return_id), version=1, at=clock.now() + timedelta(days=days))


def found(return_id: UUID) -> tuple[Return, ReturnLabel | None]:
    with transaction() as session:
        return queries.read(session, return_id), session.get(ReturnLabel, return_id)


def next_step(return_id: UUID) -> tuple[list[str], str]:
    with transaction() as session:
        view = return_views.view(session, return_id)
        return view.owed, view.at_deadline


def test_a_label_is_bought_once_and_the_parcel_is_followed_to_us() -> None:
    return_id = a_return(mail_to="W01")
    assert next_step(return_id) == (["buy_label"], "meet_deadline")
    first = return_labels.buy_return_label(step(return_id))
    row, label = found(return_id)
    assert label is not None
    assert first == f"simulated {label.tracking_number}"
    assert label.content.startswith(b"%PDF")
    assert (row.tracking_number, row.label_cost_minor) == (
        label.tracking_number, label.cost_minor,
    )  # fmt: skip
    assert label.cost_minor > 0
    assert return_labels.buy_return_label(step(return_id)) == "no label is owed"
    assert next_step(return_id) == ([], "track")
    with transaction() as session:
        assert session.get_one(Location, label.location_id).code == "W01"
        assert (
            labels.by_number(session, carrier="simulated", tracking_number=label.tracking_number)
            == return_id
        )

    assert return_labels.track_return(step(return_id)) == "0 news"
    with transaction() as session:
        asking.sent(
            session, return_id, carrier=row.carrier, tracking_number=row.tracking_number,
            actor="customer",
        )  # fmt: skip
        now = clock.now()
        for code in ("accepted", "delivered", "delivered"):
            labels.scanned(session, return_id, [(code, now)], actor="carrier:simulated")
    row, _ = found(return_id)
    assert row.status is ReturnStatus.IN_TRANSIT
    assert row.arrived_at == now
    assert next_step(return_id) == ([], "meet_deadline")


def test_the_first_scan_puts_it_on_its_way_and_a_lost_parcel_is_a_case() -> None:
    return_id = a_return()
    return_labels.buy_return_label(step(return_id))
    with transaction() as session:
        now = clock.now()
        events = [("lost", now + timedelta(days=2)), ("label_created", now), ("in_transit", now)]
        assert labels.scanned(session, return_id, events, actor="carrier:simulated") == 2
    row, _ = found(return_id)
    assert (row.status, row.sent_at) == (ReturnStatus.IN_TRANSIT, now)
    with transaction() as session:
        [case] = session.exec(select(OpenException)).all()
        assert (case.kind, case.cause_id) == (ExceptionKind.PARCEL_LOST, return_id)


@pytest.mark.parametrize(("paid_by", "kept"), [("customer", True), ("shop", False)])
def test_what_the_label_costs_is_kept_from_the_refund_if_the_customer_pays(
    paid_by: str, kept: bool
) -> None:
    return_id = a_return(paid_by=paid_by)
    return_labels.buy_return_label(step(return_id))
    with transaction() as session:
        row = queries.read(session, return_id)
        label = session.get_one(ReturnLabel, return_id)
        receiving.receive(
            session, return_id, {"MUG": 2}, location_id=label.location_id, actor="anna"
        )
        [one] = queries.goods(session, return_id)
        receiving.inspect(session, return_id, one.id, condition=Condition.AS_NEW, actor="anna")
        made = settling.give_money_back(session, row.id)
        assert made is not None
        assert made.amount_minor == 2_500 - (label.cost_minor if kept else 0)


def test_a_label_that_is_not_used_goes_back() -> None:
    return_id = a_return()
    return_labels.buy_return_label(step(return_id))
    with transaction() as session:
        asking.cancel(session, return_id, actor="customer")
    assert next_step(return_id)[0] == ["give_label_back"]
    return_labels.give_return_label_back(step(return_id))
    _, label = found(return_id)
    assert label is not None
    assert label.given_back_at is not None
    assert next_step(return_id) == ([], "")


def test_without_a_place_that_takes_returns_a_person_is_asked() -> None:
    return_id = a_return()
    with transaction() as session:
        for place in locations.active(session):
            place.can_returns = False
    with pytest.raises(ApplicationError, match="no location takes returns"):
        return_labels.buy_return_label(step(return_id))
    assert next_step(return_id)[0] == ["buy_label"]
