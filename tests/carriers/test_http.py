"""Calls are paced, bounded, never redirected, and told apart when they fail."""

from collections.abc import Callable
from datetime import timedelta

import httpx2
import pytest

from carriers import http
from carriers.base import NotFound, Refused, Unavailable
from tests.carriers.builders import NOON, Clock

Handler = Callable[[httpx2.Request], httpx2.Response]


class Watch:
    """Time that passes by sleeping."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


def a_line(handler: Handler) -> http.Line:
    return http.Line(
        client=http.client(
            base_url="https://carrier.example",
            timeout_s=1,
            transport=httpx2.MockTransport(handler),
        ),
        carrier="carrier",
        base_url="https://carrier.example",
        setting="carriers.carrier.api_key",
        told=lambda body: str(body.get("error", "")),
        pace=http.Pace(per_second=1000, burst=1000),
        secrets=("s3cret-key",),
        clock=Clock(),
    )


def answering(
    status: int, *, headers: dict[str, str] | None = None, body: bytes = b"{}"
) -> Handler:
    return lambda _: httpx2.Response(status, headers=headers, content=body)


def test_a_burst_goes_through_and_then_each_waits_its_turn() -> None:
    watch = Watch()
    pace = http.Pace(per_second=2, burst=3, now=watch, sleep=watch.sleep)
    for _ in range(5):
        pace.take("carrier")
    assert watch.slept == [0.5, 0.5]
    watch.now += 60
    for _ in range(3):
        pace.take("carrier")
    assert watch.slept == [0.5, 0.5]


def test_a_turn_that_is_far_off_is_not_waited_for() -> None:
    watch = Watch()
    pace = http.Pace(per_second=0.1, burst=1, now=watch, sleep=watch.sleep)
    pace.take("carrier")
    with pytest.raises(Unavailable, match="its turn comes in 10 s") as early:
        pace.take("carrier")
    assert (early.value.code, early.value.retry_after_s, watch.slept) == ("paced", 10, [])


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    line = a_line(answering(200, body=b"x" * 10_000_001))
    with pytest.raises(Unavailable, match="endless answer"):
        line.write("POST", "/ship")


def test_a_redirect_is_not_followed_and_names_the_setting() -> None:
    line = a_line(answering(302, headers={"location": "https://elsewhere.example"}))
    with pytest.raises(Refused) as refusal:
        line.require_success(line.write("POST", "/ship"))
    assert refusal.value.field == "carriers.carrier.base_url"


def test_an_answer_that_is_no_json_may_be_one_the_next_time() -> None:
    line = a_line(answering(200, body=b"<html>"))
    with pytest.raises(Unavailable, match="not JSON"):
        line.require_success(line.write("POST", "/ship"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12", 12.0),
        ("0", 1.0),
        ("999999", 3600.0),
        (f"{NOON + timedelta(seconds=30):%a, %d %b %Y %H:%M:%S} GMT", 30.0),
        ("soon", None),
        ("nan", None),
    ],
)
def test_when_to_come_back_is_read_from_seconds_or_a_date(
    value: str, seconds: float | None
) -> None:
    error = a_line(answering(200)).refusal(http.Answer(429, {"retry-after": value}, b"{}"))
    assert isinstance(error, Unavailable)
    assert error.retry_after_s == seconds


def test_a_carrier_that_repeats_our_key_does_not_put_it_into_an_error() -> None:
    said = b'{"error": "the key s3cret-key is unknown"}'
    error = a_line(answering(200)).refusal(http.Answer(400, {}, said))
    assert str(error) == "carrier refused (400): the key \N{HORIZONTAL ELLIPSIS} is unknown"
    assert isinstance(a_line(answering(200)).refusal(http.Answer(404, {}, b"")), NotFound)


def test_a_label_is_not_fetched_from_just_anywhere() -> None:
    line = a_line(answering(200, body=b"%PDF-"))
    assert line.download("https://files.example/label.pdf") == b"%PDF-"
    for url in ("http://files.example/label.pdf", "file:///etc/passwd", "//x", ""):
        with pytest.raises(Refused) as refusal:
            line.download(url)
        assert refusal.value.code == "unsafe_url"
