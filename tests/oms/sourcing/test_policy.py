"""What a policy file may say, what it means, and which of its fields is named when it is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oms.errors import Invalid
from oms.orders.models import Delivery
from oms.settings import settings
from oms.sourcing.policy import (
    Policy,
    Service,
    carrier_exclusions,
    document,
    excluded,
    parse,
    release_at,
    service_of,
    standard,
    unfilled_cents,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WHOLE: dict[str, Any] = {
    "name": "peak",
    "weights": {
        "opportunity_percent": 75,
        "move_cents": 20,
        "congestion_cents": 90,
        "lateness_cents_per_day": 300,
        "acceptance_percent": 100,
        "plugged_percent": {"breakage": 50},
    },
    "limits": {"max_parcels": 2, "split_lines": True, "late_days": 7, "moved_percent": 40},
    "exclusions": [
        {"location": "S01", "reason": "no licence", "category": "hazmat"},
        {"location": "S02", "reason": "too small", "channel": "shopify", "service": "express"},
    ],
    "carriers": [
        {"carrier": "simulated", "service": "overnight", "category": "hazmat", "reason": "by air"},
        {
            "carrier": "manual",
            "channel": "shopify",
            "country": "US",
            "region": "HI",
            "reason": "sea",
        },
    ],
    "holds": [
        {"channel": "shopify", "service": "standard", "minutes": 30},
        {"service": "standard", "minutes": 10},
        {"service": "pickup", "minutes": 0},
    ],
    "transfers": [
        {"parcel_cents": 300, "line_cents": 10},
        {"sender": "W01", "store": "S01", "parcel_cents": 200, "days": 2},
    ],
    "express_hours": 36,
    "unfilled": {"cents_per_line": 2_000, "cents_per_unit": 150},
    "bid_prices": {"smoothing_percent": 20},
}


def test_a_policy_is_read_and_written_without_loss() -> None:
    policy = parse(WHOLE)
    assert parse(document(policy)) == policy
    assert document(policy)["limits"] == WHOLE["limits"]


def test_what_a_file_leaves_out_is_as_it_is_without_a_policy() -> None:
    assert parse({"name": "standard"}) == standard()
    policy = standard()
    assert policy.limits.max_parcels == settings().max_parcels_per_order
    assert policy.limits.late_days == 60
    assert unfilled_cents(policy, units=7) == settings().unfilled_cost_minor
    assert policy.exclusions == policy.holds == ()
    assert not any(policy.weights.model_dump().values())


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": ""}, "name", "must not be empty"),
        ({"name": None}, "name", "string"),
        ({"wieghts": {}}, "wieghts", "not a known field"),
        ({"weights": {"opportunity_percent": -1}}, "weights.opportunity_percent", "greater"),
        ({"weights": {"opportunity_percent": 1_001}}, "weights.opportunity_percent", "less"),
        ({"weights": {"move_cents": 0.5}}, "weights.move_cents", "integer"),
        ({"weights": {"congestion_cents": "9"}}, "weights.congestion_cents", "integer"),
        ({"weights": {"lateness_cents_per_day": None}}, "weights.lateness_cents_per_day", "intege"),
        ({"weights": {"acceptance_percent": True}}, "weights.acceptance_percent", "integer"),
        ({"weights": {"plugged_percent": {"a": -1}}}, "weights.plugged_percent.a", "greater"),
        ({"limits": {"max_parcels": 0}}, "limits.max_parcels", "greater"),
        ({"limits": {"late_days": -1}}, "limits.late_days", "greater"),
        ({"limits": {"moved_percent": 101}}, "limits.moved_percent", "less"),
        ({"limits": {"split_lines": 1}}, "limits.split_lines", "boolean"),
        ({"limits": []}, "limits", "dictionary"),
        ({"exclusions": [{"location": "S01"}]}, "exclusions[0].reason", "is missing"),
        ({"exclusions": [{"reason": "x"}]}, "exclusions[0].location", "is missing"),
        (
            {"exclusions": [{"location": "S 1", "reason": "x"}]},
            "exclusions[0].location",
            "pattern",
        ),
        (
            {"exclusions": [{"location": "S01", "reason": "x", "service": "slow"}]},
            "exclusions[0].service",
            "standard",
        ),
        (
            {"exclusions": [{"location": "S01", "reason": "x", "category": " hazmat"}]},
            "exclusions[0].category",
            "space",
        ),
        ({"holds": [{"service": "standard", "minutes": 1_441}]}, "holds[0].minutes", "less"),
        ({"holds": [{"service": "express", "minutes": 1}]}, "holds[0].minutes", "never held"),
        (
            {"holds": [{"service": "standard", "minutes": 5}, {"service": "pickup", "minutes": 5}]},
            "holds[1].minutes",
            "never held",
        ),
        (
            {"holds": [{"service": "standard", "minutes": 5}] * 2},
            "holds[1]",
            "there already, at holds[0]",
        ),
        ({"holds": [{"minutes": 5}]}, "holds[0].service", "is missing"),
        (
            {"holds": [{"channel": "a b", "service": "standard", "minutes": 5}]},
            "holds[0].channel",
            "pattern",
        ),
        ({"transfers": [{"days": 2}]}, "transfers[0].parcel_cents", "is missing"),
        ({"transfers": [{"parcel_cents": 1, "days": 61}]}, "transfers[0].days", "less"),
        ({"transfers": [{"parcel_cents": 1, "sender": "a b"}]}, "transfers[0].sender", "pattern"),
        (
            {"transfers": [{"parcel_cents": 1, "store": "S1"}, {"parcel_cents": 2, "store": "S1"}]},
            "transfers[1]",
            "every location to S1 is there already, at transfers[0]",
        ),
        (
            {"transfers": [{"parcel_cents": 1, "store": "S1", "sender": "S1"}]},
            "transfers[0].store",
            "is its own sender",
        ),
        ({"express_hours": 721}, "express_hours", "less"),
        ({"unfilled": {"cents_per_line": -1}}, "unfilled.cents_per_line", "greater"),
        ({"unfilled": {"cents_per_unit": 1_000_001}}, "unfilled.cents_per_unit", "less"),
        ({"bid_prices": {"smoothing_percent": 0}}, "bid_prices.smoothing_percent", "greater"),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    change: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse(WHOLE | change)
    assert refused.value.field == field
    assert refused.value.message.startswith(f"{field}: ")
    assert words in refused.value.message
    assert refused.value.remedy == "docs/policies.md describes the file"


@pytest.mark.parametrize("nothing", [None, [], "peak", 7])
def test_a_file_that_is_no_policy_at_all_is_refused(nothing: object) -> None:
    with pytest.raises(Invalid) as refused:
        parse(nothing)
    assert refused.value.field == "the policy"


def test_every_fault_is_listed() -> None:
    with pytest.raises(Invalid) as refused:
        parse({"limits": {"max_parcels": 0, "late_days": -1}})
    assert len(refused.value.facts["faults"]) == 3


@pytest.mark.parametrize(
    ("delivery", "hours", "service"),
    [
        (Delivery.PICKUP, 2, Service.PICKUP),
        (Delivery.SHIP, 36, Service.EXPRESS),
        (Delivery.SHIP, 37, Service.STANDARD),
    ],
)
def test_a_near_promise_is_express(delivery: Delivery, hours: int, service: Service) -> None:
    found = service_of(
        parse(WHOLE), delivery=delivery, placed_at=NOON, promise_by=NOON + timedelta(hours=hours)
    )
    assert found is service


def held(
    channel: str, service: Service, promise: timedelta, *cut_offs: timedelta
) -> timedelta | None:
    moment = release_at(
        parse(WHOLE),
        channel=channel,
        service=service,
        captured_at=NOON,
        promise_by=NOON + promise,
        cut_offs=[NOON + one for one in cut_offs],
    )
    return moment - NOON if moment else None


def test_a_channel_of_its_own_goes_before_every_channel() -> None:
    days = timedelta(days=5)
    assert held("shopify", Service.STANDARD, days) == timedelta(minutes=30)
    assert held("till", Service.STANDARD, days) == timedelta(minutes=10)
    assert held("shopify", Service.EXPRESS, days) is None
    assert held("shopify", Service.PICKUP, days) is None


def test_no_customer_loses_a_day_to_waiting() -> None:
    """After a cut-off goods leave a day later; a minute is for the routing."""
    days = timedelta(days=3)
    early, late = timedelta(minutes=15), timedelta(hours=2)
    assert held("shopify", Service.STANDARD, days, early, late) == timedelta(minutes=14)
    assert held("shopify", Service.STANDARD, days, late) == timedelta(minutes=30)
    assert held("shopify", Service.STANDARD, days, timedelta(seconds=30)) is None
    assert held("shopify", Service.STANDARD, timedelta(0)) is None
    assert held("shopify", Service.STANDARD, timedelta(days=-2, minutes=-9)) is None


def test_exclusions_apply_to_what_they_name() -> None:
    policy = parse(WHOLE)
    assert excluded(policy, channel="till", service=Service.STANDARD, categories={"mugs"}) == {}
    assert excluded(
        policy, channel="till", service=Service.STANDARD, categories={"mugs", "hazmat"}
    ) == {"S01": "no licence"}
    assert excluded(policy, channel="shopify", service=Service.EXPRESS, categories=()) == {
        "S02": "too small"
    }


def test_an_unfilled_line_costs_by_line_and_by_unit() -> None:
    assert unfilled_cents(parse(WHOLE), units=3) == 2_450


def test_a_policy_cannot_be_changed_in_place() -> None:
    policy: Any = Policy(name="standard")
    with pytest.raises(ValueError, match="frozen"):
        policy.name = "other"


@pytest.mark.parametrize(
    ("channel", "categories", "country", "region", "reasons"),
    [
        ("web", {"hazmat", "toys"}, "US", "NY", ["by air"]),
        ("web", {"toys"}, "US", "NY", []),
        ("shopify", {"hazmat"}, "US", "HI", ["by air", "sea"]),
        ("shopify", {"toys"}, "CA", "HI", []),
        ("web", {"toys"}, "US", "HI", []),
    ],
)
def test_a_carrier_is_excluded_by_goods_channel_and_destination(
    channel: str, categories: set[str], country: str, region: str, reasons: list[str]
) -> None:
    found = carrier_exclusions(
        parse(WHOLE), channel=channel, categories=categories, country=country, region=region
    )
    assert [one.reason for one in found] == reasons
