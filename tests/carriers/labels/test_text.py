"""Text that fits its line."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from carriers.labels.text import BOLD, REGULAR, clean, fitted, font_runs, width_of


def test_text_is_put_on_one_line_of_composed_characters() -> None:
    assert clean("  Zoe\u0308\tvan\r\nDijk\x00 ") == "Zoë van Dijk"
    assert clean("x" * 300) == "x" * 200
    assert clean("broken \ud800 text") == "broken ? text"


def test_accents_greek_and_cyrillic_come_from_the_embedded_fonts() -> None:
    text = "Łódź Ærøskøbing Αθήνα Жуковский Đặng €"
    assert font_runs(text, bold=True) == [(BOLD, text)]


def test_chinese_japanese_and_korean_use_the_readers_fonts() -> None:
    assert font_runs("山田 かな 김 x", bold=False) == [
        ("STSong-Light", "山田"),
        (REGULAR, " "),
        ("HeiseiKakuGo-W5", "かな"),
        (REGULAR, " "),
        ("HYGothic-Medium", "김"),
        (REGULAR, " x"),
    ]


def test_a_character_without_a_font_becomes_a_question_mark() -> None:
    assert font_runs("a😀ب", bold=False) == [(REGULAR, "a??")]


def test_text_that_fits_keeps_its_size() -> None:
    assert fitted("Zoë", width=400, size=40, smallest=18) == ("Zoë", 40)


def test_long_text_is_shrunk_before_it_is_cut() -> None:
    text, size = fitted("Wolkenstein-Hohenlohe", width=300, size=40, smallest=18)
    assert text == "Wolkenstein-Hohenlohe"
    assert 18 <= size < 40


def test_what_must_stay_is_cut_last() -> None:
    text, size = fitted("Llanfair" * 20, width=300, size=40, smallest=20, keep="LL61 5UJ")
    assert text.startswith("Llanfair")
    assert text.endswith("… LL61 5UJ")
    assert size == 20


@given(
    st.text(max_size=120),
    st.text(max_size=30),
    st.integers(min_value=20, max_value=700),
    st.booleans(),
)
def test_no_text_is_wider_than_its_place(text: str, keep: str, width: int, bold: bool) -> None:
    fits, size = fitted(text, width=width, size=42, smallest=18, bold=bold, keep=keep)
    assert width_of(fits, size=size, bold=bold) <= width
    assert 18 <= size <= 42
    assert not any(unicodedata.category(char) == "Cc" for char in fits)
