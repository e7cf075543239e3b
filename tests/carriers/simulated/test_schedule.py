"""A parcel's journey by the clock."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import FINAL, NotFound, Scan, ScanCode, TrackingRef
from carriers.simulated.config import SimulatedConfig
from carriers.simulated.numbers import tracking_number
from carriers.simulated.rates import SERVICES
from carriers.simulated.schedule import planned_scans
from tests.carriers.builders import NOON, Clock, simulated

PLAIN = SimulatedConfig(seed="test")


def number(key: str = "parcel-1", *, service_digit: int = 1, zone: int = 4) -> str:
    return tracking_number(seed="test", key=key, service_digit=service_digit, zone=zone)


def journey(tracked: str, config: SimulatedConfig = PLAIN) -> list[Scan]:
    return list(planned_scans(config, tracking_number=tracked, handed_over_at=NOON))


def always(fate: str) -> SimulatedConfig:
    return replace(PLAIN, **{fate: 1.0})  # type: ignore[arg-type]  # the names of shares


def codes(scans: list[Scan]) -> list[str]:
    return [scan.code.value for scan in scans]


def test_a_plain_journey_goes_from_hand_to_hand() -> None:
    assert codes(journey(number())) == [
        "accepted",
        "in_transit",
        "in_transit",
        "in_transit",
        "in_transit",
        "out_for_delivery",
        "delivered",
    ]


def test_a_one_day_journey_needs_no_hub() -> None:
    places = [scan.place for scan in journey(number(zone=1))]
    assert "Hub" not in places
    assert places[-1] == "Recipient"


@given(
    st.text(max_size=20),
    st.sampled_from(
        [(s.digit, z, d) for s in SERVICES for z, d in enumerate(s.days_by_zone, 1) if d]
    ),
    st.sampled_from([1.0, 0.5, 24.0, 4320.0]),
)
def test_every_journey_is_in_order_repeatable_and_in_time(
    key: str, way: tuple[int, int, int], speed: float
) -> None:
    service_digit, zone, days = way
    config = SimulatedConfig(seed="test", speed=speed)
    scans = journey(number(key, service_digit=service_digit, zone=zone), config)
    assert scans == journey(number(key, service_digit=service_digit, zone=zone), config)
    assert [scan.at for scan in scans] == sorted(scan.at for scan in scans)
    assert len({scan.id for scan in scans}) == len(scans)
    assert scans[0].at >= NOON
    assert scans[-1].at <= NOON + timedelta(days=days) / speed
    assert [scan.code in FINAL for scan in scans] == [False] * (len(scans) - 1) + [True]


@given(st.text(max_size=20), st.integers(1, 9))
def test_mishaps_are_in_order_and_end_once(key: str, zone: int) -> None:
    for fate in ("failed_share", "lost_share", "returned_share"):
        scans = journey(number(key, zone=zone), always(fate))
        assert [scan.at for scan in scans] == sorted(scan.at for scan in scans)
        assert [scan.code in FINAL for scan in scans] == [False] * (len(scans) - 1) + [True]


@pytest.mark.parametrize(
    ("fate", "ending"),
    [
        ("failed_share", ["out_for_delivery", "delivery_failed", "out_for_delivery", "delivered"]),
        ("lost_share", ["in_transit", "in_transit", "in_transit", "lost"]),
        ("returned_share",
         ["delivery_failed", "out_for_delivery", "delivery_failed", "returned_to_sender"]),
    ],
)  # fmt: skip
def test_a_mishap_ends_as_it_should(fate: str, ending: list[str]) -> None:
    assert codes(journey(number(), always(fate)))[-4:] == ending


def test_shares_are_kept_over_many_parcels() -> None:
    config = SimulatedConfig(seed="test", failed_share=0.2, lost_share=0.05, returned_share=0.1)
    journeys = [journey(number(f"parcel-{index}"), config) for index in range(2000)]
    endings = Counter(scans[-1].code for scans in journeys)
    second_try = sum(
        scans[-1].code is ScanCode.DELIVERED and "delivery_failed" in codes(scans)
        for scans in journeys
    )
    assert endings == {ScanCode.DELIVERED: 1701, ScanCode.LOST: 89, "returned_to_sender": 210}
    assert second_try == 379


def test_identifiers_do_not_depend_on_the_time_of_the_hand_over() -> None:
    later = planned_scans(PLAIN, tracking_number=number(), handed_over_at=NOON + timedelta(hours=5))
    assert [scan.id for scan in later] == [scan.id for scan in journey(number())]


def test_only_what_has_happened_is_told() -> None:
    clock = Clock(NOON)
    carrier = simulated(clock=clock)
    ref = TrackingRef(tracking_number=number(), handed_over_at=NOON)
    plan = journey(number())
    assert carrier.track(ref) == []
    for told, scan in enumerate(plan, start=1):
        clock.now = scan.at - timedelta(microseconds=1)
        assert carrier.track(ref) == plan[: told - 1]
        clock.now = scan.at
        assert carrier.track(ref) == plan[:told]


def test_a_demonstration_delivers_within_a_minute() -> None:
    clock = Clock(NOON)
    carrier = simulated(clock=clock, speed=4320.0)
    clock.forward(timedelta(minutes=1))
    scans = carrier.track(TrackingRef(tracking_number=number(zone=5), handed_over_at=NOON))
    assert scans[-1].code is ScanCode.DELIVERED


def test_a_parcel_that_is_still_with_us_has_no_scans_but_its_label() -> None:
    carrier = simulated()
    assert carrier.track(TrackingRef(tracking_number=number())) == []
    (scan,) = carrier.track(TrackingRef(tracking_number=number(), bought_at=NOON))
    assert (scan.id, scan.code, scan.at) == (f"{number()}-00", ScanCode.LABEL_CREATED, NOON)


def test_an_unknown_number_is_not_found() -> None:
    with pytest.raises(NotFound):
        simulated().track(TrackingRef(tracking_number="1Z999AA10123456784", handed_over_at=NOON))
    no_such_service = number(service_digit=9)
    with pytest.raises(NotFound, match="service that does not exist"):
        journey(no_such_service)
