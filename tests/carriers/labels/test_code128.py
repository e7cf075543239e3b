"""Code 128: what is encoded is what a scanner reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carriers.base import Refused
from carriers.labels.code128 import bars, module_dots, modules, symbols, zpl_field
from tests.carriers.scanner import PATTERNS, STOP, decode

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60)
MANY_DIGITS = st.text(st.sampled_from("0123456789A-"), min_size=1, max_size=40)
ZPL_SPELLING = {"0": ">", "<": "^", "=": "~"}  # ZPL II Programming Guide, ^BC, table of codes


def printed_by_zebra(field: str) -> str:
    """What a Zebra printer makes of ^BC field data in mode N."""
    assert field[:2] in {">:", ">;"}
    paired, at, text = field[1] == ";", 2, ""
    while at < len(field):
        if field[at] == ">" and field[at + 1] in "56":
            assert paired == (field[at + 1] == "6")
            paired, at = not paired, at + 2
        elif paired:
            text, at = text + field[at : at + 2], at + 2
        elif field[at] == ">":
            text, at = text + ZPL_SPELLING[field[at + 1]], at + 2
        else:
            text, at = text + field[at], at + 1
    return text


@given(PRINTABLE | MANY_DIGITS)
def test_a_scanner_reads_what_was_encoded(text: str) -> None:
    assert decode(symbols(text)[:-1]) == text


@given(PRINTABLE | MANY_DIGITS)
def test_a_zebra_printer_prints_the_same_symbol(text: str) -> None:
    field = zpl_field(text)
    assert printed_by_zebra(field) == text
    assert "^" not in field
    assert "~" not in field


def test_a_known_symbol_is_encoded_as_the_standard_says() -> None:
    assert symbols("SIM1234") == [104, 51, 41, 45, 99, 12, 34, 2, 106]
    assert zpl_field("SIM1234") == ">:SIM>51234"


@given(PRINTABLE)
def test_the_bars_are_those_of_the_standard(text: str) -> None:
    drawn = "".join(PATTERNS[value] for value in symbols(text)[:-1]) + STOP
    assert modules(text) == sum(int(width) for width in drawn)
    assert [width for _, width in bars(text)] == [int(width) for width in drawn[::2]]
    assert sum(bars(text)[-1]) == modules(text)


@pytest.mark.parametrize("text", ["", "Zoë", "a\nb", "١٢٣", "\x7f"])
def test_text_that_a_scanner_would_not_give_back_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="cannot be a barcode") as refusal:
        symbols(text)
    assert refusal.value.code == "unprintable"


def test_bars_are_as_wide_as_fits() -> None:
    assert modules("SIM123456789012345678") == 178
    assert module_dots("SIM123456789012345678", width_dots=792) == 4
    assert module_dots("SIM123456789012345678", width_dots=791) == 3
    assert module_dots("SIM123456789012345678", width_dots=198) == 1
    with pytest.raises(Refused, match="too long") as refusal:
        module_dots("SIM123456789012345678", width_dots=197)
    assert refusal.value.code == "unprintable"
