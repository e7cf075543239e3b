"""How numbers, times and money are shown."""

from datetime import UTC, datetime, timedelta

import pytest

from api.web import formats
from oms import clock

NOON = datetime(2026, 3, 3, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words", "urgency"),
    [
        (-2880, "2 days late", "late"),
        (-8, "8 min late", "late"),
        (0, "due now", "soon"),
        (12, "12 min left", "soon"),
        (16, "16 min left", "near"),
        (61, "61 min left", "calm"),
        (125, "2 h 5 min left", "calm"),
        (180, "3 h left", "calm"),
        (4_320, "3 days left", "calm"),
    ],
)
def test_a_countdown_is_words_and_colour(minutes: int, words: str, urgency: str) -> None:
    assert formats.remaining(minutes) == words
    assert formats.urgency(minutes) == urgency


def test_a_moment_is_told_on_the_clock_of_the_place() -> None:
    assert formats.local(NOON, "America/New_York") == "Tue 3 Mar, 07:00"
    assert formats.utc(NOON) == "3 Mar 2026, 12:00:05 UTC"
    with clock.at(NOON + timedelta(minutes=3)):
        assert formats.ago(NOON) == "3 min ago"
        assert formats.ago(clock.now()) == "just now"


def test_money_and_weights_carry_their_units() -> None:
    assert formats.price(101_250, "USD") == "USD 1,012.50"
    assert formats.price(1_250, "JPY") == "JPY 1,250"
    assert formats.price(-5, "KWD") == "KWD -0.005"
    assert formats.weight(480) == "480 g"
    assert formats.weight(1_250) == "1.25 kg"
    assert [formats.units(count) for count in (1, 2, 5_000)] == ["1 unit", "2 units", "5,000 units"]


def test_a_long_message_is_cut_and_says_so() -> None:
    assert formats.body_text(b'{"a":1}') == '{\n  "a": 1\n}'
    cut = formats.body_text(b"x" * 100_050)
    assert cut.endswith("… and 50 characters more")
