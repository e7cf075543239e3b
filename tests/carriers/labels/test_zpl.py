"""The ZPL label, read the way a printer reads it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from carriers.labels.pdf import shipping_label_pdf
from carriers.labels.zpl import shipping_label_zpl
from tests.carriers.builders import an_address
from tests.carriers.labels.test_pdf import NUMBER, a_sheet
from tests.carriers.scanner import text_of

FIELD = re.compile(r"\^(FH)?\^?FD(.*?)\^FS", re.DOTALL)


def fields(zpl: bytes) -> list[str]:
    """The text fields, hexadecimal resolved as ^FH tells the printer to."""
    hexed = [data for marked, data in FIELD.findall(zpl.decode()) if marked]
    return [
        re.sub(
            rb"_([0-9A-F]{2})", lambda code: bytes.fromhex(code[1].decode()), data.encode()
        ).decode()
        for data in hexed
    ]


def commands(zpl: bytes) -> list[str]:
    """Every command, field data taken out."""
    without_data = re.sub(r"\^FD.*?\^FS", "^FD^FS", zpl.decode(), flags=re.DOTALL)
    return re.findall(r"[\^~][A-Z][A-Z0-9]", without_data)


def test_it_is_one_label_of_four_by_six_inches_in_utf_8() -> None:
    lines = shipping_label_zpl(a_sheet()).decode().splitlines()
    assert lines[:5] == ["^XA", "^CI28", "^PW812", "^LL1218", "^LH0,0"]
    assert lines[-2:] == ["^PQ1", "^XZ"]


def test_it_says_what_the_pdf_says() -> None:
    printed = " ".join(text_of(shipping_label_pdf(a_sheet())))
    assert " ".join(fields(shipping_label_zpl(a_sheet()))) == printed


def test_the_barcode_is_the_printers_own_code_128_of_the_tracking_number() -> None:
    zpl = shipping_label_zpl(a_sheet()).decode()
    bars = re.findall(r"\^FO(\d+),(\d+)\^BY(\d)\^BCN,(\d+),N,N,N,N\^FD(.*?)\^FS", zpl)
    assert bars == [("139", "822", "3", "180", f">:SIM>5{NUMBER[3:]}")]


def test_nothing_is_sent_as_a_bitmap() -> None:
    assert set(commands(shipping_label_zpl(a_sheet()))) == {
        "^XA", "^CI", "^PW", "^LL", "^LH", "^FO", "^GB", "^FS", "^FT", "^A0", "^FH", "^FD",
        "^BY", "^BC", "^PQ", "^XZ",
    }  # fmt: skip


@given(st.text(max_size=40))
def test_no_name_can_break_out_of_its_field(name: str) -> None:
    plain = commands(shipping_label_zpl(a_sheet(recipient=an_address(name="plain"))))
    zpl = shipping_label_zpl(a_sheet(recipient=an_address(name=f"x{name}")))
    assert commands(zpl) == plain


def test_characters_that_command_a_printer_arrive_as_themselves() -> None:
    zpl = shipping_label_zpl(a_sheet(recipient=an_address(name="^XZ ~JA _5E Ω Łódź", company="^")))
    assert b"_5EXZ _7EJA _5F5E" in zpl
    assert "^XZ ~JA _5E Ω Łódź" in fields(zpl)
