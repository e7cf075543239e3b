"""From the customer's telephone in the car park to the hand-over at the car, in real browsers."""

from playwright.sync_api import expect

from oms.pickup.models import PickupStatus
from tests.web import shop
from tests.web.browser import hold
from tests.web.conftest import OpenWindow


def test_a_customer_comes_by_car_and_is_served_there(open_window: OpenWindow) -> None:
    shop.at_the_car("1", "2", "3")
    pickup_id = shop.a_ready_pickup(shelf="B2-14")
    waiting = shop.pickup(pickup_id)
    customer, desk = open_window("phone"), open_window("tablet")
    board = desk.sign_in()
    board.get_by_role("button", name="Start shift").click()
    expect(board.locator("#arrived")).to_have_count(0)  # nobody comes by car

    page = customer.open(f"/collect/{waiting.qr_token}")
    customer.shoot("collect")
    page.get_by_role("button", name="I’m on my way").click()
    expect(page.get_by_text("You are expected at about")).to_be_visible()
    expect(board.locator(f"#meet-{pickup_id}")).to_contain_text("On the way")
    page.get_by_label("Bay").select_option("2")
    page.get_by_label("Your car").fill("blue hatchback")
    page.get_by_label("Number plate").fill("AB 123 C")
    customer.shoot("collect-here-form")
    page.get_by_role("button", name="I’m here").click()
    expect(page.get_by_text("The store knows that you are here.")).to_be_visible()
    customer.shoot("collect-here")

    visit = board.locator(f"#visit-{pickup_id}")
    expect(visit).to_contain_text("Bay 2")
    expect(visit).to_contain_text("blue hatchback · AB 123 C")
    expect(visit.locator(".wait")).to_contain_text("0:0")
    alarm = board.locator("#alarm")
    expect(alarm).to_contain_text("1 customer waits at the car")
    expect(alarm.get_by_role("button", name="Seen")).to_be_hidden()  # only taking it ends it
    desk.shoot("queue-at-the-car")
    visit.get_by_role("button", name="I take it").click()

    board.wait_for_url(f"**/store/pickups/{pickup_id}")
    expect(board.get_by_role("heading", name="Hand over at the car")).to_be_visible()
    expect(alarm).to_be_hidden()
    desk.shoot("pickup-at-the-car")
    page.reload()
    expect(page.get_by_text("Somebody is on the way to your car.")).to_be_visible()
    board.get_by_label("QR code or 6-digit code").fill(waiting.code)
    hold(board)
    expect(board.get_by_text("s left to undo it.")).to_be_visible()
    assert shop.pickup(pickup_id).status is PickupStatus.HANDING_OVER
