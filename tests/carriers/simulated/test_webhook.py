"""Pushed scans: signed bytes, clean refusals, readable content."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import MalformedScans, RawRequest, Scan, ScanCode
from carriers.simulated.webhook import SIGNATURE_HEADER, read_scans, sign_scans, signature, verify
from tests.carriers.builders import NOON, simulated

SECRET = "current"
SCAN = Scan(
    id="SIM1-02",
    tracking_number="SIM1",
    code=ScanCode.IN_TRANSIT,
    at=NOON,
    place="Łódź",
    text="Arrived",
)


def a_request(body: bytes | None = None, *, signed: str | None = None) -> RawRequest:
    request = sign_scans([SCAN], secret=SECRET, path="/scans")
    body = request.body if body is None else body
    signed = signature(body, secret=SECRET) if signed is None else signed
    return replace(request, body=body, headers=((SIGNATURE_HEADER, signed),))


def reason(request: RawRequest, *secrets: str) -> str:
    verdict = verify(request, secrets=secrets or (SECRET,))
    assert not verdict.ok
    return verdict.reason


def test_what_was_signed_is_genuine_and_comes_out_as_it_went_in() -> None:
    request = sign_scans([SCAN], secret=SECRET, path="/scans")
    assert verify(request, secrets=[SECRET]).ok
    assert read_scans(request) == [SCAN]
    assert "Łódź".encode() in request.body


def test_the_signature_is_hexadecimal_hmac_sha_256_of_the_raw_body() -> None:
    assert signature(b'{"scans":[]}', secret="key") == (
        "0aafa7b0cae18bd895c265168d3d118f03df8f1443aaa20fda69769978dfdbec"
    )


def test_both_secrets_count_during_a_rotation() -> None:
    assert verify(a_request(), secrets=["next", SECRET]).ok
    assert verify(a_request(), secrets=[SECRET, "next"]).ok
    assert reason(a_request(), "next", "old") == "signature is wrong"


def test_an_upper_case_digest_is_the_same_digest() -> None:
    assert verify(
        a_request(signed=signature(a_request().body, secret=SECRET).upper()), secrets=[SECRET]
    ).ok


def test_the_header_is_found_in_any_case() -> None:
    request = a_request()
    ((_, value),) = request.headers
    assert verify(
        replace(request, headers=(("x-simulated-signature", value),)), secrets=[SECRET]
    ).ok


def test_a_body_that_was_serialised_again_is_refused() -> None:
    body = a_request().body
    again = json.dumps(json.loads(body)).encode()
    assert json.loads(again) == json.loads(body)
    assert reason(a_request(again, signed=signature(body, secret=SECRET))) == "signature is wrong"


def test_a_missing_signature_is_refused() -> None:
    assert reason(replace(a_request(), headers=())) == f"{SIGNATURE_HEADER} is missing"


def test_a_signature_sent_twice_is_refused_even_if_both_are_right() -> None:
    request = a_request()
    assert reason(replace(request, headers=request.headers * 2)) == (
        f"{SIGNATURE_HEADER} was sent 2 times"
    )


@pytest.mark.parametrize(
    "signed",
    ["", "0", "0" * 63, "0" * 65, "0" * 128, "g" * 64, "é" * 64, "１" * 64, " " * 64,
     "0" * 64 + "\n",
     b64encode(bytes(32)).decode(), "sha256=" + "0" * 57],
)  # fmt: skip
def test_a_signature_of_another_shape_is_refused(signed: str) -> None:
    assert reason(a_request(signed=signed)) == f"{SIGNATURE_HEADER} is not 64 hexadecimal digits"


@given(st.text(max_size=80), st.binary(max_size=80))
def test_no_forgery_is_genuine_and_none_is_a_crash(signed: str, body: bytes) -> None:
    assert not verify(a_request(body, signed=signed), secrets=[SECRET, "next"]).ok


def test_without_a_secret_nothing_is_genuine() -> None:
    assert verify(a_request(), secrets=[]).reason == "no webhook secret is configured"
    with pytest.raises(ValueError, match="webhook secret is empty"):
        simulated(webhook_secrets=(SECRET, ""))


def test_the_carrier_uses_its_own_secrets() -> None:
    carrier = simulated(webhook_secrets=(SECRET, "next"))
    assert carrier.verify(a_request()).ok
    assert carrier.scans(a_request()) == [SCAN]


def test_scans_are_sorted_and_repeats_are_dropped() -> None:
    later = replace(SCAN, id="SIM1-03", at=datetime(2026, 3, 3, tzinfo=UTC))
    request = sign_scans([later, SCAN, later], secret=SECRET, path="/")
    assert read_scans(request) == [SCAN, later]


def test_fields_that_are_new_to_us_are_ignored() -> None:
    body = json.loads(a_request().body)
    body["version"] = 2
    body["scans"][0]["driver"] = "7"
    assert read_scans(a_request(json.dumps(body).encode())) == [SCAN]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"\xff\xfe", "body"),
        (b"{", "body"),
        (b"[" * 100_000, "body"),
        (b"[]", "body"),
        (b"{}", "scans"),
        (b'{"scans": {}}', "scans"),
        (b'{"scans": [1]}', "scans.0"),
    ],
)
def test_a_signed_body_that_cannot_be_read_is_told_apart(body: bytes, field: str) -> None:
    request = a_request(body)
    assert verify(request, secrets=[SECRET]).ok
    with pytest.raises(MalformedScans) as refusal:
        read_scans(request)
    assert (refusal.value.code, refusal.value.field) == ("malformed_scans", field)
    assert not refusal.value.retryable


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("id", ""),
        ("id", "x" * 65),
        ("tracking_number", "a\nb"),
        ("code", "teleported"),
        ("at", "2026-03-02T12:00:00"),
        ("at", "yesterday"),
        ("place", "\x00"),
        ("text", "x" * 501),
    ],
)
def test_a_scan_that_cannot_be_kept_names_its_field(part: str, value: str) -> None:
    body = json.loads(a_request().body)
    body["scans"][0][part] = value
    with pytest.raises(MalformedScans) as refusal:
        read_scans(a_request(json.dumps(body).encode()))
    assert refusal.value.field == f"scans.0.{part}"
