"""Versions of the policy: which one counts when, and what it does to decisions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from oms import clock
from oms.errors import Invalid, NotFound
from oms.inventory.checkout_models import CheckoutHoldLine
from oms.ordering import checkout, placing
from oms.orders.models import Delivery
from oms.sourcing import decisions, policies
from oms.sourcing.models import RoutingPolicy
from oms.sourcing.policies import Difference
from oms.sourcing.policy import parse, standard
from tests.builders import a_new_order, an_order, contents, refused
from tests.oms.ordering.test_checkout import a_basket
from tests.oms.shop import Shop, buckets, fill, held, routed, trail

NEVER = {"location": "S01", "reason": "being rebuilt"}


def in_force(session: Session, **body: Any) -> RoutingPolicy:
    policy = parse({"name": "test"} | body)
    return policies.add(session, policy, effective_from=None, actor="olga")


def test_without_any_version_the_standard_policy_counts(session: Session) -> None:
    assert policies.current(session) == policies.InForce(None, standard())


def test_each_version_counts_from_its_moment_on(session: Session) -> None:
    now = clock.now()
    first = in_force(session, limits={"max_parcels": 1})
    later = policies.add(
        session,
        parse({"name": "later"}),
        effective_from=now + timedelta(days=2),
        actor="olga",
        note="peak is over",
        replay={"orders": 10, "saved_minor": 100},
    )
    sooner = policies.add(
        session, parse({"name": "sooner"}), effective_from=now + timedelta(days=1), actor="olga"
    )
    found = []
    for days in (-1, 0, 1, 2, 3):
        with clock.at(now + timedelta(days=days, seconds=1)):
            found.append(policies.current(session).version)
    assert found == [None, first.version, sooner.version, later.version, later.version]
    assert [row.version for row in policies.listed(session)] == [
        later.version,
        sooner.version,
        first.version,
    ]
    assert policies.read(session, later.version or 0).replay == {"orders": 10, "saved_minor": 100}


def test_of_two_versions_from_the_same_moment_the_newer_counts(session: Session) -> None:
    moment = clock.now() + timedelta(days=1)
    for name in ("first", "second"):
        policies.add(session, parse({"name": name}), effective_from=moment, actor="olga")
    with clock.at(moment):
        assert policies.current(session).policy.name == "second"


def test_repeating_a_version_changes_nothing(session: Session) -> None:
    moment = clock.now() + timedelta(days=1)
    rows = [
        policies.add(session, parse({"name": "peak"}), effective_from=moment, actor="olga")
        for _ in range(2)
    ]
    assert rows[0] is rows[1]
    assert in_force(session).version == in_force(session).version
    assert len(policies.listed(session)) == 2


def test_who_added_a_version_is_in_the_trail(session: Session) -> None:
    row = in_force(session)
    assert (row.created_by, row.name) == ("olga", "test")
    assert [line for line in contents(session)["audit"] if "routing.policy_added" in line]


def test_a_version_in_the_past_is_refused(session: Session) -> None:
    with refused(session, Invalid, match="in the past") as refusal:
        policies.add(
            session,
            parse({"name": "late"}),
            effective_from=clock.now() - timedelta(minutes=1),
            actor="olga",
        )
    assert refusal.error.field == "effective_from"


def test_an_unknown_location_is_refused_by_its_place(session: Session, shop: Shop) -> None:
    other = {"location": "S99", "reason": "closed"}
    with refused(session, Invalid, match="no location 'S99'") as refusal:
        in_force(session, exclusions=[NEVER, other])
    assert refusal.error.field == "exclusions[1].location"


def test_an_unknown_version_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound, match="version 7"):
        policies.read(session, 7)


def test_differences_are_told_figure_by_figure() -> None:
    hold = {"service": "standard", "minutes": 30}
    old = parse({"name": "old", "limits": {"max_parcels": 3}})
    new = parse({"name": "new", "limits": {"max_parcels": 2}, "holds": [hold]})
    assert policies.differences(old, old) == []
    assert policies.differences(old, new) == [
        Difference("name", "old", "new"),
        Difference("limits.max_parcels", 3, 2),
        Difference("holds[0].channel", None, None),
        Difference("holds[0].service", None, "standard"),
        Difference("holds[0].minutes", None, 30),
    ]


def test_an_excluded_location_is_not_asked_and_the_reason_is_kept(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    row = in_force(session, exclusions=[NEVER])
    order = an_order(session, {"MUG": 1})
    assert set(held(session, order)) == {("MUG", "S02")}
    routed(session, order)
    [decision] = decisions.of_order(session, order.id)
    assert decision.policy_version == row.version
    assert decision.snapshot["orders"][0]["excluded"]["S01"] == "being rebuilt"
    assert "being rebuilt" in str(decision.explanation)


def test_a_location_that_was_closed_since_does_not_disturb(session: Session, shop: Shop) -> None:
    fill(session, shop)
    in_force(session, exclusions=[NEVER])
    shop.riverside.active = False
    session.flush()
    order = an_order(session, {"MUG": 1})
    assert set(held(session, order)) == {("MUG", "S02")}


def test_an_exclusion_by_category_spares_other_orders(session: Session, shop: Shop) -> None:
    fill(session, shop)
    in_force(session, exclusions=[NEVER | {"category": "cups"}])
    assert set(held(session, an_order(session, {"MUG": 1}))) == {("MUG", "S01")}


def test_an_excluded_store_hands_nothing_over(session: Session, shop: Shop) -> None:
    fill(session, shop)
    in_force(session, exclusions=[NEVER | {"service": "pickup"}])
    order = an_order(session, {"MUG": 1}, pickup_store="S01")
    assert buckets(session, order) == [{"backordered": 1}]
    assert set(held(session, an_order(session, {"MUG": 1}))) == {("MUG", "S01")}


def test_a_basket_is_kept_by_the_policy_too(session: Session, shop: Shop) -> None:
    fill(session, shop)
    in_force(session, exclusions=[NEVER | {"channel": "web"}])
    checkout.keep(session, a_basket(("MUG", 1), channel="web"), actor="web")
    [line] = session.exec(select(CheckoutHoldLine)).all()
    assert line.location_id == shop.harbour.id


def test_the_parcel_limit_and_the_price_of_unfilled_lines_decide(
    session: Session, shop: Shop
) -> None:
    fill(session, shop)
    in_force(
        session, limits={"max_parcels": 1}, unfilled={"cents_per_line": 1, "cents_per_unit": 0}
    )
    order = an_order(session, {"MUG": 1})
    assert buckets(session, order) == [{"backordered": 1}]
    [line] = routed_nothing(session, order)
    assert line["unfilled_cents"] == 1


def routed_nothing(session: Session, order: Any) -> list[dict[str, Any]]:
    assert routed(session, order) == []
    [decision] = decisions.of_order(session, order.id)
    found: list[dict[str, Any]] = decision.snapshot["orders"][0]["lines"]
    assert decision.snapshot["orders"][0]["max_parcels"] == 1
    return found


def test_how_late_an_order_may_come_is_a_limit(session: Session, shop: Shop) -> None:
    fill(session, shop)
    yesterday = clock.now() - timedelta(days=1)
    new = replace(a_new_order({"MUG": 1}), deliver_by=yesterday)
    in_force(session, limits={"late_days": 0})
    order = placing.place(session, new, actor="test")
    assert buckets(session, order) == [{"backordered": 1}]
    in_force(session, limits={"late_days": 1})
    order = placing.place(session, replace(new, external_id="other"), actor="test")
    assert buckets(session, order) == [{"reserved": 1}]
    assert order.delivery is Delivery.SHIP
    assert trail(session, order.id) == ["order.captured"]
