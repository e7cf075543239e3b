"""A wave in a real browser: walked bin by bin, scanned, blocked by a wrong scan, put on shelves."""

import pytest
from playwright.sync_api import expect

from oms.db import transaction
from oms.inventory import bins
from oms.inventory.bins import Bin
from oms.locations import queries as locations
from oms.pickup.models import PickupStatus
from tests.web import shop
from tests.web.conftest import OpenWindow
from tests.web.test_counter import scan


def lying(**places: Bin) -> None:
    """Where articles lie in S01."""
    with transaction() as unit:
        store = locations.by_code(unit, "S01")
        for sku, place in places.items():
            bins.set_bins(
                unit, location_id=store.id, sku=sku, places=[place], actor="associate:S01:7"
            )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_wave_is_walked_bin_by_bin_and_put_on_shelves(
    open_window: OpenWindow, dark: bool
) -> None:
    lying(MUG=Bin("Kitchen", "7", "7-10"), LAMP=Bin("Kitchen", "7", "7-2"))
    first = shop.a_pickup({"MUG": 1, "LAMP": 1})
    second = shop.a_pickup({"MUG": 2})
    window = open_window("tablet" if dark else "phone", dark=dark)
    page = window.sign_in()
    page.get_by_role("button", name="Start a wave").click()
    page.wait_for_url("**/store/waves/*")
    assert page.locator(".stop .bin").all_text_contents() == [
        "Bin Kitchen · 7 · 7-2",
        "Bin Kitchen · 7 · 7-10",
    ]
    window.shoot("wave-begun")

    scan(page, "lamp")
    notice = page.locator("#notice")
    expect(notice).to_contain_text(f"Tote 1: Lamp for {shop.number_of(first)}. 1 of 1.")
    expect(page.locator("#shown")).to_have_value("")  # cleared, for the next scan
    expect(page.locator("#shown")).to_be_focused()

    scan(page, "rug")
    blocked = page.get_by_role("alertdialog", name="Stop: wrong scan")
    expect(blocked).to_contain_text("Wrong article: Rug (rug) is not wanted in this wave.")
    window.shoot("wave-wrong-scan")
    page.keyboard.type("mug")  # a scanner that goes on acknowledges nothing and counts nothing
    page.keyboard.press("Enter")
    expect(blocked).to_be_visible()
    expect(page.locator("[data-progress]")).to_have_text("1 of 4 collected.")
    blocked.get_by_role("button", name="Understood").click()

    for _ in range(3):
        scan(page, "mug")  # at once: a scanner does not wait
    expect(page.locator("[data-progress]")).to_have_text("Everything is collected.")
    window.shoot("wave-collected")
    scan(page, shop.number_of(second))
    scan(page, "B-4")
    expect(page.get_by_label("Shelf of tote 2")).to_have_value("B-4")
    page.keyboard.press("Enter")
    expect(notice).to_contain_text("Ready. The customer is told")
    scan(page, "B-5")  # the last tote: only the shelf is to be scanned
    page.keyboard.press("Enter")
    expect(page.get_by_text("This wave is done.")).to_be_visible()
    for pickup_id, shelf in ((second, "B-4"), (first, "B-5")):
        ready = shop.pickup(pickup_id)
        assert (ready.status, ready.shelf) == (PickupStatus.READY, shelf)


def test_what_is_not_there_has_ways_out_and_the_rest_gets_its_packages(
    open_window: OpenWindow,
) -> None:
    pickup_id = shop.a_pickup({"MUG": 1, "LAMP": 2})
    window = open_window("desktop")
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    page.get_by_role("button", name="Start picking").click()
    page.get_by_role("button", name="Lamp is not there").click()
    expect(page.get_by_role("heading", name="Lamp is not there")).to_be_visible()
    page.get_by_label("How many are not there").select_option("2")
    expect(page.get_by_role("radio", name="Have it sent here from Store S02")).to_be_visible()
    page.get_by_role("radio", name="Have it sent here from Store S02").check()
    expect(page.get_by_label("I have asked the customer, who agrees")).to_be_visible()
    window.shoot("ways-out")
    page.get_by_role("radio", name="Damaged").check()
    page.get_by_role("radio", name="Cancel it").check()
    page.get_by_role("button", name="Do that").click()
    expect(page.locator("#notice")).to_contain_text("2 × LAMP: cancelled.")
    expect(page.locator(".pick")).to_have_count(1)

    page.get_by_role("button", name="One more of Mug").click()
    page.locator("#packages > summary").click()
    page.get_by_label("Tote").fill("T-9")
    page.get_by_role("button", name="Add a package").click()
    expect(page.locator("#notice")).to_contain_text("Package T-9 added.")
    page.get_by_label("Shelf of T-9").fill("C1")
    page.get_by_role("button", name="Put there").click()
    expect(page.locator("#notice")).to_contain_text("T-9 lies on C1.")
    window.shoot("packed")
    page.get_by_role("button", name="Ready for the customer").click()
    expect(page.locator(".big-shelf")).to_contain_text("C1")
    window.open(f"/store/pickups/{pickup_id}/labels")
    expect(page.locator(".label-code")).to_have_text("T-9")
    window.shoot("labels")
