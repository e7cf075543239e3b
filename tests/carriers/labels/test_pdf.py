"""The PDF label, looked at: page size, text, bars, and nothing over the edge."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carriers.base import Refused
from carriers.labels.pdf import shipping_label_pdf
from carriers.labels.sheet import Sheet
from tests.carriers.builders import ROGERS, an_address
from tests.carriers.scanner import MARGIN_PT, page_of, pixels_of, scan, text_of

NUMBER = "SIM171234567890123457"


def a_sheet(**parts: object) -> Sheet:
    sheet = Sheet(
        carrier="Simulated Carrier",
        service="ground",
        mark="G",
        sender=ROGERS,
        recipient=an_address(),
        weight_g=1234,
        ship_on=date(2026, 3, 2),
        barcode=NUMBER,
        barcode_title="TRACKING NUMBER",
        reference="F-5001-1",
        notes=("Order 1001", "Gift"),
        footer="NOT VALID FOR CARRIAGE",
    )
    return replace(sheet, **parts)  # type: ignore[arg-type]  # tests name real fields


def test_the_page_is_four_by_six_inches() -> None:
    assert page_of(shipping_label_pdf(a_sheet())).get_size() == (4 * 72, 6 * 72)


def test_everything_a_driver_needs_can_be_read() -> None:
    assert text_of(shipping_label_pdf(a_sheet())) == [
        "G",
        "GROUND",
        "Simulated Carrier",
        "1.23 kg · ships 2026-03-02",
        "FROM Store 12",
        "2110 West Walnut Street",
        "Rogers AR 72756",
        "US",
        "SHIP TO",
        "Zoë Łukasiewicz",
        "1200 South Michigan Avenue",
        "Apt 14 B",
        "Chicago IL 60605",
        "US",
        "TRACKING NUMBER",
        NUMBER,
        "Ref F-5001-1",
        "Order 1001",
        "Gift",
        "NOT VALID FOR CARRIAGE",
    ]


@pytest.mark.parametrize("dots_per_inch", [203, 300, 600])
def test_a_scanner_reads_the_tracking_number_from_the_bars(dots_per_inch: int) -> None:
    pixels = pixels_of(shipping_label_pdf(a_sheet()), dots_per_inch=dots_per_inch)
    assert scan(pixels) == {NUMBER}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24))
@settings(max_examples=15, deadline=None)
def test_a_scanner_reads_any_printable_reference(reference: str) -> None:
    pixels = pixels_of(shipping_label_pdf(a_sheet(barcode=reference)), dots_per_inch=203)
    assert scan(pixels) == {reference}


def test_a_printer_of_203_dpi_gets_sharp_bars() -> None:
    pixels = pixels_of(shipping_label_pdf(a_sheet()), dots_per_inch=203)
    through_the_bars = pixels[900]
    assert pixels.shape == (1218, 812)
    assert set(np.unique(through_the_bars).tolist()) <= {0, 255}


def test_it_is_black_on_white() -> None:
    colours = page_of(shipping_label_pdf(a_sheet())).render(scale=1).to_numpy()
    assert (colours == colours[:, :, :1]).all()
    assert colours[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "Ελένη Παπαδοπούλου", "Жуковский", "Đặng Thị Hoa", "山田太郎", "김철수"]
)
def test_names_in_other_scripts_survive(name: str) -> None:
    pdf = shipping_label_pdf(a_sheet(recipient=an_address(name=name)))
    assert name in text_of(pdf)


def test_long_lines_are_cut_inside_the_margin_and_the_postcode_is_kept() -> None:
    recipient = an_address(
        name="Maximiliane " * 12, company="W" * 150, street="Straße " * 30, city="Llanfair" * 15
    )
    pdf = shipping_label_pdf(a_sheet(recipient=recipient, notes=("n" * 200,), service="w" * 80))
    lines = text_of(pdf)
    assert any(line.endswith("… IL 60605") for line in lines)
    assert sum("…" in line for line in lines) == 6
    assert_inside_the_page(pdf)


def test_the_postcode_stands_where_the_country_wants_it() -> None:
    berlin = an_address(city="Berlin", region="", postcode="10115", country="DE")
    assert "10115 Berlin" in text_of(shipping_label_pdf(a_sheet(recipient=berlin)))


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=25, deadline=None)
def test_no_text_whatever_leaves_the_page(name: str, street: str, note: str) -> None:
    recipient = an_address(name=name, street=street, company=note)
    assert_inside_the_page(shipping_label_pdf(a_sheet(recipient=recipient, notes=(note,) * 5)))


def test_the_same_sheet_gives_the_same_bytes_in_any_thread() -> None:
    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(lambda _: shipping_label_pdf(a_sheet()), range(24)))
    assert set(drawn) == {shipping_label_pdf(a_sheet())}


def test_a_barcode_that_would_not_fit_is_refused() -> None:
    with pytest.raises(Refused, match="too long"):
        shipping_label_pdf(a_sheet(barcode="x" * 80))


def assert_inside_the_page(pdf: bytes) -> None:
    page = page_of(pdf).get_textpage()
    for index in range(page.count_chars()):
        left, bottom, right, top = page.get_charbox(index)
        if right > left:  # spaces that the reader adds between lines have no box
            assert left >= MARGIN_PT
            assert right <= 4 * 72 - MARGIN_PT
            assert bottom >= 0
            assert top <= 6 * 72
