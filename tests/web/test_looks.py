"""Every page at every size, light and dark: nothing sticks out, nothing is heavy."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.web import formats, rendering
from oms.channels import writebacks
from oms.channels.models import WritebackKind
from oms.customers import links
from oms.db import transaction
from oms.fulfilments import handing_over, packing, picking
from tests.builders import an_address
from tests.web import shop
from tests.web.conftest import SIZES, OpenWindow, Site
from tests.web.test_money import a_refunded_return
from tests.web.test_returning import path_of

MOST_COMPRESSED_BYTES = 70_000
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
# As published: npm pack htmx.org@4.0.1, dist/htmx.min.js and dist/ext/hx-sse.min.js.
PUBLISHED = {
    "htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "hx-sse.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
}

# As published: npm pack zxing-wasm@3.1.6, dist/es/reader/index.js, dist/es/share.js and
# dist/reader/zxing_reader.wasm (MIT; the WebAssembly holds zxing-cpp, Apache 2.0).
READER = {
    "es/reader/index.js": "368838c01a37be49b8daa833c3d9d253950fd9c29b8c98b9092018c9fd43b03c",
    "es/share.js": "b595f0f4c1060b5e2a45aecf0331e576181dc281b168cb22e98f8db69d16457a",
    "zxing_reader.wasm": "5003fb4b88c4fbd1fd518a2fd8c8ad365c519e183a08c03a322dddfea3cea84e",
}


IN_ALL_SIZES = pytest.mark.parametrize(
    ("size", "dark"), [*((size, False) for size in SIZES), ("phone", True)]
)
"""Colours move nothing, so that one size is enough to see them in the dark."""


@IN_ALL_SIZES
def test_no_page_of_a_store_sticks_out(open_window: OpenWindow, size: str, dark: bool) -> None:
    pickups = [
        shop.a_pickup({"MUG": 24, "LAMP": 1}, external_id=LONG[:40]),
        shop.a_ready_pickup(shelf=LONG[:40]),
        shop.an_expired_pickup(),
        shop.a_declined_pickup(),
    ]
    shipment = shop.a_shipment(address=an_address(name=LONG, city=LONG))
    shop.a_box("B-" + LONG[:38].replace(" ", "-"))
    filled, labelled = shop.a_shipment(), shop.a_shipment()
    shop.being_packed(filled)
    shop.packed(labelled)
    shop.buy_labels(labelled)
    wave = shop.a_wave(shop.a_pickup({"MUG": 24, "LAMP": 2}), shop.a_pickup({"MUG": 1}))
    transfers = [shop.a_transfer("S02", "S01", note=LONG), shop.a_transfer("S01", "S02")]
    shop.at_the_car("1", LONG[:12])
    for number, pickup_id in enumerate(pickups[:3]):
        shop.visitor(pickup_id, vehicle=LONG[:60], minutes_ago=2 * number)
    window = open_window(size, dark=dark)
    page = window.sign_in(badge="9")
    paths = [
        "/store",
        "/store/manage/S01",
        "/store/shipments",
        f"/store/shipments/{shipment}",
        "/store/transfers",
    ]
    paths += [f"/store/transfers/{one}" for one in transfers]
    paths += [f"/store/shipments/{one}" for one in (filled, labelled)]
    paths += ["/store/boxes", "/store/manifests"]
    paths += [f"/store/waves/{wave}", f"/store/pickups/{pickups[1]}/labels"]
    sold = shop.sold({"MUG": 2}, external_id=LONG[:30])
    back = a_refunded_return(sold)
    paths += ["/store/returns", f"/store/returns/orders/{sold}", f"/store/returns/{back}"]
    paths += ["/store/returns/no-receipt", path_of(sold)]
    paths += [f"/collect/{shop.pickup(one).qr_token}" for one in pickups[:2]]
    with transaction() as unit:
        token = links.token_of(unit, shop.pickup(pickups[0]).order_id)
    paths += [f"/order/{token}", f"/order/{token}/move"]
    for path in paths + [f"/store/pickups/{one}" for one in pickups]:
        window.open(path)
        for panel in page.locator("details.panel > summary, details.more > summary").all():
            panel.click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SIZES[size][0], path
        small = page.evaluate(
            """[...document.querySelectorAll("main button, main a, header button, header a")]
               .filter((one) => one.getClientRects().length)
               .filter((one) => one.getBoundingClientRect().height < 24)
               .map((one) => one.outerHTML)"""
        )
        assert small == [], path
    mode = "dark" if dark else "light"
    window.open(f"/store/pickups/{pickups[1]}")
    window.shoot(f"ready-{mode}")
    for name, path in (("packing", filled), ("parcels", labelled)):
        window.open(f"/store/shipments/{path}")
        window.shoot(f"{name}-{mode}")
    for name in ("boxes", "manifests"):
        window.open(f"/store/{name}")
        window.shoot(f"{name}-{mode}")
    window.open("/store/manage/S01")
    window.shoot(f"manage-{mode}")
    window.open("/store/transfers")
    window.shoot(f"transfers-{mode}")
    window.open(f"/collect/{shop.pickup(pickups[1]).qr_token}")
    window.shoot(f"collect-{mode}")
    window.open("/store")
    expect(page.locator("#live-state")).to_have_text("Live")
    window.shoot(f"queue-{mode}")


@IN_ALL_SIZES
def test_no_page_of_operations_sticks_out(open_window: OpenWindow, size: str, dark: bool) -> None:
    order_id = shipped()
    window = open_window(size, dark=dark)
    page = window.sign_in_to_operations()
    mode = "dark" if dark else "light"
    for name, path in (
        ("orders", "/operations"),
        ("order", f"/operations/orders/{order_id}"),
        ("exceptions", "/operations/exceptions"),
        ("health", "/operations/health"),
        ("channels", "/operations/stock"),
        ("channel orders", "/operations/channels"),
        ("acceptance", "/operations/acceptance"),
        ("stores", "/operations/stores"),
        ("store", "/operations/stores/S01"),
        ("messages", "/operations/messages"),
    ):
        window.open(path)
        window.shoot(f"{name}-{mode}")
        for panel in page.locator("details.panel > summary").all():
            panel.click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= SIZES[size][0], path


def shipped() -> object:
    """An order with a parcel on the road and a channel that could not be told."""
    wanted = {"MUG": 2, "LAMP": 1}
    fulfilment_id = shop.a_shipment(wanted, channel="shopify", address=an_address(street=LONG))
    order_id = shop.fulfilment(fulfilment_id).order_id
    with transaction() as unit:
        picking.start(unit, fulfilment_id, actor="associate:S01:7")
        packing.pack(unit, fulfilment_id, picked=wanted, actor="associate:S01:7")
    shop.buy_labels(fulfilment_id)
    with transaction() as unit:
        handing_over.to_carrier(unit, fulfilment_id, actor="associate:S01:7")
        writeback_id = writebacks.owe(
            unit, order_id=order_id, kind=WritebackKind.CANCELLED, subject_id=order_id
        )
        assert writeback_id is not None
        writebacks.give_up(unit, writeback_id, error=f"503 {LONG}")
    return order_id


def test_the_first_load_is_light(site: Site) -> None:
    for _ in range(10):
        shop.a_pickup()
    with site.at_store() as ana:
        page = ana.get("/store", headers={"HX-Request": "false"}).text
        files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
        assert len(files) > 8
        loaded = {path: ana.get(path).raise_for_status().content for path in files}
        script = ana.get("/static/js/bell.js")
    loaded["/static/js/sound.js"] = (rendering.STATIC / "js" / "sound.js").read_bytes()
    total = len(gzip.compress(page.encode())) + sum(
        len(gzip.compress(content)) for content in loaded.values()
    )
    assert total <= MOST_COMPRESSED_BYTES
    assert script.headers["content-encoding"] == "gzip"


def test_the_vendored_files_are_the_published_ones() -> None:
    folder = rendering.STATIC / "vendor" / "htmx-4.0.1"
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.js")
    }
    assert found == PUBLISHED
    assert "Zero-Clause BSD" in (folder / "LICENSE").read_text()


def test_the_barcode_reader_is_the_published_one_and_no_page_begins_with_it(site: Site) -> None:
    folder = rendering.STATIC / "vendor" / "zxing-wasm-3.1.6"
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in READER}
    assert found == READER
    assert "MIT License" in (folder / "LICENSE").read_text()
    assert "Apache License" in (folder / "LICENSE-zxing-cpp").read_text()
    with site.at_store() as ana:
        page = ana.get("/store")
        assert "zxing" not in page.text
        assert "camera.js" not in page.text
        assert "'wasm-unsafe-eval'" in page.headers["content-security-policy"]
        assert "'unsafe-eval'" not in page.headers["content-security-policy"]
        door = ana.get("/operations/sign-in")
        assert "wasm" not in door.headers["content-security-policy"]
        served = ana.get("/static/vendor/zxing-wasm-3.1.6/zxing_reader.wasm")
    assert served.headers["content-type"] == "application/wasm"


def test_the_page_counts_down_in_the_same_words_as_the_server(open_window: OpenWindow) -> None:
    minutes = [-5000, -2881, -2880, -121, -120, -119, -1, 0, 1, 15, 119, 120, 121, 2879, 2880, 9000]
    page = open_window("desktop").open("/enrol")
    said = page.evaluate(
        "async (all) => { const { words } = await import('/static/js/countdown.js');"
        " return all.map(words); }",
        minutes,
    )
    assert said == [formats.remaining(one) for one in minutes]


def test_scripts_stay_small_and_one_job_each() -> None:
    scripts = sorted(Path(rendering.STATIC / "js").glob("*.js"))
    assert len(scripts) >= 10
    for script in scripts:
        text = script.read_text()
        assert text.startswith(("//", "/*")), script.name
        assert len(text.splitlines()) <= 150, script.name
        assert not re.search(r"\beval\(|new Function|innerHTML\s*=", text), script.name
