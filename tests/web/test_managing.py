"""The manager of a store in a real browser: a pause is obeyed, a device comes in, hours change."""

import pytest
from playwright.sync_api import expect

from oms.db import transaction
from oms.ordering import pickup_stores
from tests.builders import an_order
from tests.web import shop
from tests.web.conftest import OpenWindow, Site


def test_a_manager_pauses_pickups_enrols_a_device_and_closes_a_day(
    open_window: OpenWindow,
) -> None:
    shop.a_pickup()
    window = open_window("tablet")
    page = window.sign_in(badge="9")
    page.get_by_role("link", name="Store", exact=True).click()
    expect(page.get_by_role("heading", name="Store S01")).to_be_visible()
    window.shoot("manage")

    page.get_by_text("Pause pickups now …").click()
    page.locator("#pause-pickup").get_by_label("Why").fill("the till is down")
    page.get_by_role("button", name="Pause pickups").click()
    expect(page.locator("#notice")).to_contain_text("Paused: no more pickups from now on.")
    with pytest.raises(pickup_stores.PickupPaused), transaction() as unit:
        an_order(unit, channel="till", pickup_store="S01")
    page.get_by_role("button", name="Take pickups again").click()
    expect(page.get_by_text("The store takes pickups.")).to_be_visible()
    with transaction() as unit:
        an_order(unit, channel="till", pickup_store="S01")

    page.locator("#devices").get_by_label("Name").fill("Counter tablet")
    page.get_by_role("button", name="Enrol a device").click()
    link = page.locator("#devices .notice a")
    expect(link).to_contain_text("/enrol#")
    window.shoot("manage-enrolled")
    page.get_by_label("Monday").fill("nine to five")
    page.get_by_role("button", name="Save the hours").click()
    expect(page.locator("#notice")).to_contain_text("nine to five is no span of opening")
    expect(page.get_by_label("Monday")).to_be_focused()
    page.get_by_label("Monday").fill("09:00-12:00, 13:00-18:00")
    page.get_by_role("button", name="Save the hours").click()
    expect(page.locator("#notice")).to_contain_text("Saved.")
    expect(page.get_by_label("Monday")).to_have_value("09:00-12:00, 13:00-18:00")


def test_an_associate_sees_nothing_of_it_and_operations_see_every_store(site: Site) -> None:
    with site.at_store() as ana:
        assert ana.get("/store/manage/S01").status_code == 403
        assert "/store/manage" not in ana.get("/store").text
    with site.at_store(badge="9") as mia:
        assert mia.get("/store/manage/S02").status_code == 404
        key = {"Idempotency-Key": "people-0001"}
        added = mia.post(
            "/store/manage/S01/people",
            data={"name": "Eve", "badge": "5", "pin": "1234"},
            headers=key,
        )
        assert "Eve may sign in with badge 5." in added.text
        out = mia.post(
            "/store/manage/S01/people/5/deactivate", headers={"Idempotency-Key": "people-0002"}
        )
        assert "Eve may no longer sign in." in out.text
        pin = mia.post(
            "/store/manage/S01/pins/8",
            data={"pin": "9999"},
            headers={"Idempotency-Key": "people-0003"},
        )
        assert "Ben Okafor has a new PIN." in pin.text
    with site.in_operations() as olga:
        assert "Store S02" in olga.get("/operations/stores").text
        assert olga.get("/operations/stores/S02").status_code == 200
        shop.at_the_car("1")
        saved = olga.post(
            "/operations/stores/S01/curbside",
            data={"bays": "A1, A2", "slot_minutes": "30", "slot_capacity": "2"},
            headers={"Idempotency-Key": "curbside-0001"},
        )
        assert 'value="A1, A2"' in saved.text
