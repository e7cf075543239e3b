"""Values and rules that all carriers share."""

from datetime import datetime, timedelta

import pytest

from carriers.base import (
    InvalidAddress,
    RawRequest,
    Refused,
    Scan,
    ScanCode,
    TrackingRef,
    Unavailable,
    in_order,
    require_text,
)
from tests.carriers.builders import NOON, an_address


def a_scan(*, id: str = "1", at: datetime = NOON) -> Scan:  # noqa: A002 - the field's name
    return Scan(id=id, tracking_number="T", code=ScanCode.IN_TRANSIT, at=at)


def test_scans_are_put_in_order_and_each_kept_once() -> None:
    early, late = a_scan(id="b"), a_scan(id="a", at=NOON + timedelta(hours=1))
    assert in_order([late, early, late, early]) == [early, late]


def test_scans_of_one_moment_are_ordered_by_identifier() -> None:
    assert [scan.id for scan in in_order([a_scan(id="2"), a_scan(id="1")])] == ["1", "2"]


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="no time zone"):
        a_scan(at=naive)
    with pytest.raises(ValueError, match="no time zone"):
        TrackingRef(tracking_number="T", handed_over_at=naive)


@pytest.mark.parametrize("part", ["street", "city", "postcode", "country"])
def test_a_missing_part_of_an_address_is_named(part: str) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        require_text(an_address(**{part: " "}), whose="recipient")
    assert refusal.value.field == f"recipient.{part}"
    assert refusal.value.code == "invalid_address"


def test_a_company_stands_for_a_name() -> None:
    require_text(an_address(name="", company="Müller KG"), whose="recipient")
    with pytest.raises(InvalidAddress) as refusal:
        require_text(an_address(name="", company=""), whose="sender")
    assert refusal.value.field == "sender.name"


def test_repeated_headers_are_kept_apart_and_found_in_any_case() -> None:
    headers = (("X-Signature", "a"), ("Accept", "*/*"), ("x-signature", "b"))
    request = RawRequest(method="POST", path="/", headers=headers, body=b"")
    assert request.header_values("X-SIGNATURE") == ["a", "b"]
    assert request.header_values("Host") == []


def test_an_error_says_whether_to_try_again() -> None:
    busy = Unavailable("busy", retry_after_s=30)
    assert (busy.code, busy.retryable, busy.retry_after_s) == ("unavailable", True, 30)
    heavy = Refused("heavy", code="too_heavy", field="parcel.weight_g")
    assert (heavy.code, heavy.retryable, heavy.field) == ("too_heavy", False, "parcel.weight_g")
    assert Refused("no").code == "refused"
