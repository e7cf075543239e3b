"""Hand over a part, sign for it, undo it, and hand it over again, in a real browser."""

from playwright.sync_api import expect
from sqlmodel import select

from oms.db import transaction
from oms.pickup import signing
from oms.pickup.models import Pickup, PickupStatus
from tests.web import shop
from tests.web.browser import hold
from tests.web.conftest import OpenWindow


def test_a_part_is_handed_over_undone_and_handed_over_again(open_window: OpenWindow) -> None:
    pickup_id = shop.a_ready_pickup({"MUG": 2, "LAMP": 1}, shelf="B2-14")
    waiting = shop.pickup(pickup_id)
    window = open_window("phone")
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    code = page.get_by_label("QR code or 6-digit code")

    code.fill(waiting.code)
    code.press("Enter")  # a slip of the finger hands nothing over
    button = page.get_by_role("button", name="Hand over", exact=True)
    expect(button).to_be_focused()
    button.click()
    assert shop.pickup(pickup_id).status is PickupStatus.READY
    hold(page)
    expect(page.get_by_text("s left to undo it.")).to_be_visible()
    window.shoot("handed-over-undo")
    page.get_by_role("button", name="Undo the hand-over").click()
    expect(page.locator("#notice")).to_contain_text("Undone. Put the goods back on their shelf.")
    assert shop.pickup(pickup_id).status is PickupStatus.READY

    code.fill(waiting.code)
    page.get_by_text("Only a part of it").click()
    page.get_by_label("Hand over only what is counted here").check()
    page.get_by_label("Mug of 2").fill("1")
    page.get_by_label("Lamp of 1").fill("0")
    page.get_by_text("Signature", exact=True).click()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    page.mouse.up()
    window.shoot("hand-over-part")
    hold(page)
    expect(page.get_by_text("The rest stays on shelf B2-14.")).to_be_visible()
    shop.end_undo(pickup_id)

    window.open(f"/store/pickups/{pickup_id}")
    expect(page.get_by_role("heading", name="Hand over")).to_be_visible()
    with transaction() as unit:
        first = unit.exec(select(Pickup).where(Pickup.part_of == pickup_id)).one()
        assert len(signing.strokes_of(unit, first.id)) == 1
    window.open(f"/store/pickups/{first.id}")
    expect(page.get_by_role("img", name="Signature")).to_be_visible()
    expect(page.get_by_role("link", name="the rest")).to_be_visible()
    window.shoot("collected-part")
