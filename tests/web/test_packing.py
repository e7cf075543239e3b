"""A shipment is scanned into two parcels, labelled, listed and given away, in a real browser."""

import re

from playwright.sync_api import Page, expect
from sqlmodel import select

from oms.db import transaction
from oms.fulfilments import queries
from oms.fulfilments.manifest_models import Manifest
from oms.fulfilments.models import FulfilmentStatus, ParcelStatus
from tests.web import shop
from tests.web.conftest import OpenWindow
from tests.web.test_counter import scan


def add_box(page: Page, code: str, length: str, most: str) -> None:
    for label, value in (
        ("Code", code),
        ("Length, mm", length),
        ("Width, mm", "220"),
        ("Height, mm", "110"),
        ("Empty, g", "100"),
        ("At most, g", most),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Put it on the list").click()
    expect(page.get_by_role("row", name=re.compile(code))).to_be_visible()


def test_two_parcels_are_scanned_labelled_and_manifested(open_window: OpenWindow) -> None:
    fulfilment_id = shop.a_shipment({"MUG": 2, "LAMP": 1})
    window = open_window("tablet")
    page = window.sign_in(shop.place_of(fulfilment_id))
    window.open("/store/boxes")
    add_box(page, "BOX-S", "250", "2000")
    add_box(page, "BOX-M", "300", "5000")
    window.shoot("boxes")

    window.open(f"/store/shipments/{fulfilment_id}")
    page.get_by_role("button", name="Start picking").click()
    expect(page.locator("#proposal")).to_have_text(
        "Proposed: BOX-M: 3 articles, 50 % full; BOX-S takes 2000 g, and this weighs 2500 g"
    )
    page.get_by_role("button", name="Scan each article into its parcel").click()
    progress, notice = page.locator(".progress"), page.locator("#notice")
    expect(progress).to_contain_text("0 of 3 packed")
    scan(page, "rug")
    expect(notice).to_contain_text("wrong article: rug is not in this shipment")
    scan(page, "mug")
    scan(page, "mug")  # at once: a scanner does not wait
    expect(progress).to_contain_text("2 of 3 packed")
    scan(page, "mug")
    expect(notice).to_contain_text("Mug: all 2 are in a parcel already")
    expect(page.get_by_role("button", name="Packed: get the label")).to_be_disabled()
    page.get_by_text("Box and weight …").click()
    page.locator("select[name=box]").select_option("BOX-S")
    page.get_by_label("Weight, g").fill("777")
    page.get_by_role("button", name="Note it").click()
    expect(page.locator("#parcel-1-title")).to_contain_text("BOX-S · 777 g weighed · 40 % full")
    page.get_by_role("button", name="Close it and open another parcel").click()
    expect(page.locator("#parcel-2")).to_contain_text("Open")
    scan(page, "lamp")
    expect(progress).to_contain_text("3 of 3 packed")
    window.shoot("packing")
    page.get_by_role("button", name="Packed: get the labels").click()
    expect(page.get_by_text("The label is being bought.")).to_have_count(2)

    shop.buy_labels(fulfilment_id)
    first = page.locator("#parcel-1")
    with page.expect_download() as download:
        first.get_by_role("link", name="Label ZPL").click()
    assert download.value.path().read_bytes() == b"^XA^XZ"
    with page.expect_download() as download:
        first.get_by_role("link", name="Packing slip").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    expect(first).to_contain_text("Label printed once")

    first.get_by_text("Give this label back …").click()
    first.get_by_label("Why").fill("wrong weight")
    first.get_by_role("button", name="Give it back").click()
    expect(first).to_contain_text("The carrier has not agreed yet")
    expect(page.get_by_role("button", name="Given to the carrier")).to_have_count(0)
    third = page.locator("#parcel-3")
    third.get_by_label("Weight, g").fill("790")
    window.shoot("label-given-back")
    third.get_by_role("button", name="Buy a label again").click()
    expect(third).to_contain_text("The label is being bought.")
    shop.buy_labels(fulfilment_id)
    expect(third.get_by_role("link", name="Label PDF")).to_be_visible()

    window.open("/store/manifests")
    page.get_by_role("button", name="Close the manifest of simulated").click()
    expect(notice).to_contain_text("is closed: 2 parcels")
    with page.expect_download() as download:
        page.get_by_role("link", name="Print manifest").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    window.shoot("manifest")
    page.get_by_role("button", name="The driver has taken all of it").click()
    expect(notice).to_contain_text("1 shipment left whole")
    assert shop.fulfilment(fulfilment_id).status is FulfilmentStatus.HANDED_OVER
    with transaction() as unit:
        kept = [
            (one.weight_g, one.box_code, one.status) for one in queries.parcels(unit, fulfilment_id)
        ]
        assert unit.exec(select(Manifest.parcels)).all() == [2]
    assert kept == [
        (777, "BOX-S", ParcelStatus.VOIDED),
        (1_900, "BOX-S", ParcelStatus.LABELLED),
        (790, "BOX-S", ParcelStatus.LABELLED),
    ]


def test_labels_are_scanned_as_the_driver_takes_them(open_window: OpenWindow) -> None:
    fulfilment_id = shop.a_shipment({"MUG": 1})
    place = shop.place_of(fulfilment_id)
    shop.packed(fulfilment_id)
    shop.buy_labels(fulfilment_id)
    with transaction() as unit:
        [parcel] = queries.parcels(unit, fulfilment_id)
    window = open_window("phone")
    page = window.sign_in(place)
    window.open("/store/manifests")
    expect(page.get_by_text("1 parcel, 420 g")).to_be_visible()
    scan(page, "no such label")
    expect(page.locator("#notice")).to_contain_text("leaves from here")
    scan(page, parcel.tracking_number or "")
    expect(page.locator("#notice")).to_contain_text("1 shipment left whole")
    assert shop.fulfilment(fulfilment_id).status is FulfilmentStatus.HANDED_OVER
