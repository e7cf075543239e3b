"""Associates at the counter, in a real browser: sign-in, queue, pick, ready, hand-over."""

import time

import pytest
from playwright.sync_api import Page, Route, expect

from oms.pickup.models import PickupStatus, Proof
from tests.web import shop
from tests.web.browser import hold
from tests.web.conftest import OpenWindow

SIZES = ("phone", "desktop")


def scan(page: Page, code: str) -> None:
    """What a keyboard-wedge scanner does, wherever the focus is: keys, then Enter."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(code)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("size", SIZES)
def test_a_pickup_goes_from_the_queue_to_the_customer(open_window: OpenWindow, size: str) -> None:
    pickup_id = shop.a_pickup({"MUG": 2, "LAMP": 1})
    number = shop.number_of(pickup_id)
    window = open_window(size)
    page = window.sign_in()
    window.shoot("queue")
    page.get_by_role("link", name=number).click()
    window.shoot("pickup-new")

    page.get_by_role("button", name="Start picking").click()
    finish = page.get_by_role("button", name="Ready for the customer")
    expect(finish).to_be_disabled()
    scan(page, "mug")
    scan(page, "mug")
    expect(page.locator("[data-progress]")).to_have_text(
        "2 of 3 collected. Scan each article, or tap +."
    )
    page.get_by_role("button", name="One more of Lamp").click()
    page.get_by_label("Shelf").fill("B2-14")
    window.shoot("picking-done")
    finish.click()

    expect(page.locator("#notice")).to_contain_text("Ready. The customer is told")
    waiting = shop.pickup(pickup_id)
    assert (waiting.status, waiting.shelf) == (PickupStatus.READY, "B2-14")
    window.shoot("ready")

    scan(page, waiting.qr_token)
    expect(page.get_by_text("QR code scanned")).to_be_visible()
    window.shoot("hand-over-scanned")
    hold(page)
    expect(page.get_by_text("s left to undo it.")).to_be_visible()
    window.shoot("handed-over")
    assert shop.pickup(pickup_id).proof is Proof.QR

    page.get_by_role("link", name="Next pickup").click()
    expect(page.get_by_text("No pickups waiting. New orders appear here")).to_be_visible()
    expect(page.get_by_role("link", name=number)).to_have_count(0)
    window.shoot("queue-empty")


@pytest.mark.parametrize("size", SIZES)
def test_a_wrong_pin_is_told_and_the_right_one_signs_in(open_window: OpenWindow, size: str) -> None:
    window = open_window(size)
    page = window.open("/")
    expect(page.get_by_role("heading", name="This device is not enrolled")).to_be_visible()
    window.shoot("not-enrolled")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    token = window.site.shop.devices["S01"]
    window.open(f"/enrol#{token}")
    assert page.url.endswith("/enrol")  # the token is gone from the address
    window.shoot("enrol")
    page.get_by_role("button", name="Enrol this device").click()
    page.get_by_label("Badge").fill("7")
    page.get_by_label("PIN", exact=True).fill("0000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text(
        "badge or PIN is wrong; try again or ask your manager."
    )
    expect(page.get_by_label("Badge")).to_have_value("7")
    window.shoot("sign-in-wrong")
    for digit in shop.PIN:
        page.get_by_role("button", name=digit, exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/store")
    assert [url for url in asked if token in url] == []
    page.get_by_text("Ana Silva").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Badge")).to_be_visible()


def test_a_wrong_scan_blocks_a_repeated_one_is_harmless_and_a_reload_loses_nothing(
    open_window: OpenWindow,
) -> None:
    pickup_id = shop.a_pickup({"MUG": 2, "LAMP": 1})
    window = open_window("phone")
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    page.get_by_role("button", name="Start picking").click()
    progress = page.locator("[data-progress]")
    expect(progress).to_contain_text("0 of 3")

    scan(page, "rug")
    expect(page.locator("#notice")).to_have_text(
        "Wrong article: rug is not on this list. Put it back."
    )
    expect(progress).to_contain_text("0 of 3")
    window.shoot("wrong-scan")
    page.get_by_role("button", name="Understood").click()
    scan(page, "lamp")
    scan(page, "lamp")  # at once: a scanner does not wait
    expect(page.locator("#notice")).to_have_text("Lamp: all 1 are collected already.")
    expect(progress).to_contain_text("1 of 3")
    expect(page.locator("#shown")).to_have_value("")  # ready for the next scan
    scan(page, "12345678905")  # the mug's EAN as a scanner without leading zeros sends it
    expect(progress).to_contain_text("2 of 3")
    page.reload()
    expect(progress).to_contain_text("2 of 3")


def test_wrong_codes_count_down_and_a_document_hands_over(open_window: OpenWindow) -> None:
    pickup_id = shop.a_ready_pickup()
    wrong = "000000" if shop.pickup(pickup_id).code != "000000" else "111111"
    window = open_window("phone")
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    field = page.get_by_label("QR code or 6-digit code")
    for left in (4, 3):
        field.fill(wrong)
        hold(page)
        expect(page.locator("#notice")).to_contain_text(f"{left} attempts left")
        expect(field).to_have_value("")
    window.shoot("wrong-code")
    page.get_by_text("No code? Check an identity document").click()
    page.get_by_label("Kind of document").select_option("passport")
    page.get_by_text("Somebody else collects").click()
    page.get_by_label("Their name").fill("Bea Example")
    hold(page)
    expect(page.get_by_text("collected by Bea Example")).to_be_visible()
    assert shop.pickup(pickup_id).proof is Proof.IDENTITY


def test_a_qr_code_scanned_in_the_queue_needs_one_more_tap(open_window: OpenWindow) -> None:
    pickup_id = shop.a_ready_pickup()
    page = open_window("phone").sign_in()
    scan(page, shop.pickup(pickup_id).qr_token)
    page.wait_for_url(f"**/store/pickups/{pickup_id}")
    expect(page.get_by_text("QR code scanned")).to_be_visible()
    hold(page)
    expect(page.get_by_text("s left to undo it.")).to_be_visible()


def test_what_cannot_be_filled_is_given_back_with_its_articles(open_window: OpenWindow) -> None:
    pickup_id = shop.a_pickup()
    window = open_window("phone")
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    page.get_by_text("Cannot fill …").click()
    page.get_by_label("Damaged").check()
    page.get_by_role("button", name="Give it back").click()
    expect(page.locator("#notice")).to_contain_text("which article is damaged?")
    expect(page.get_by_role("checkbox", name="Lamp")).to_be_focused()  # the first of them
    window.shoot("reject")
    page.get_by_role("checkbox", name="Mug").check()
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("This pickup was called off.")).to_be_visible()
    assert shop.pickup(pickup_id).status is PickupStatus.CANCELLED


def test_a_new_order_appears_by_itself_and_rings_until_it_is_seen(
    open_window: OpenWindow,
) -> None:
    window = open_window("desktop")
    page = window.sign_in()
    expect(page.locator("#live-state")).to_have_text("Live")
    page.get_by_role("button", name="Start shift").click()
    expect(page.get_by_role("button", name="End shift")).to_be_visible()
    number = shop.number_of(shop.a_pickup())
    expect(page.get_by_role("link", name=number)).to_be_visible()
    alarm = page.locator("#alarm")
    expect(alarm).to_contain_text("1 new pickup")
    window.shoot("alarm")
    page.reload()
    expect(alarm).to_contain_text("1 new pickup")  # a reload does not lose it
    alarm.get_by_role("button", name="Seen").click()
    expect(alarm).to_be_hidden()
    page.reload()
    expect(page.get_by_role("link", name=number)).to_be_visible()
    expect(alarm).to_be_hidden()


def test_a_script_that_comes_late_leaves_no_page_deaf(open_window: OpenWindow) -> None:
    window = open_window("phone")

    def late(route: Route) -> None:
        time.sleep(1)  # the network's doing, not the test's patience
        route.continue_()

    window.page.route("**/hx-sse.min.js", late)
    page = window.sign_in()
    expect(page.locator("#live-state")).to_have_text("Live")


def test_the_second_associate_sees_who_was_first(open_window: OpenWindow) -> None:
    pickup_id = shop.a_pickup()
    ana, ben = open_window("phone"), open_window("phone")
    for window, badge in ((ana, "7"), (ben, "8")):
        window.sign_in(badge=badge)
        window.open(f"/store/pickups/{pickup_id}")
    expect(ben.page.locator("#live-state")).to_have_text("Live")
    ana.page.get_by_role("button", name="Start picking").click()
    expect(ben.page.get_by_text("Ana Silva has begun to pick this.")).to_be_visible()
    expect(ana.page.get_by_text("has begun to pick this")).to_have_count(0)


def test_a_stale_tap_is_refused_and_shows_the_present_state(open_window: OpenWindow) -> None:
    pickup_id = shop.a_pickup()
    window = open_window("phone")
    window.page.route("**/store/events", lambda route: route.abort())  # nothing live gets through
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    with window.site.at_store(badge="8") as ben:
        ben.post(
            f"/store/pickups/{pickup_id}/start",
            data={"version": "1"},
            headers={"Idempotency-Key": "ben-was-first"},
        ).raise_for_status()
    expect(page.locator("#live-state")).to_contain_text("Offline since")
    page.get_by_role("button", name="Start picking").click()
    expect(page.locator("#notice")).to_contain_text("somebody else has changed this meanwhile")
    expect(page.get_by_text("Ben Okafor has begun to pick this.")).to_be_visible()
    window.shoot("stale")


def test_a_tap_without_a_connection_is_said_and_carried_out_once_later(
    open_window: OpenWindow,
) -> None:
    pickup_id = shop.a_pickup()
    window = open_window("phone")
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    keys: list[str] = []
    page.on(
        "request",
        lambda sent: (
            keys.append(sent.headers["idempotency-key"]) if sent.method == "POST" else None
        ),
    )
    page.context.set_offline(True)
    page.get_by_role("button", name="Start picking").click()
    expect(page.locator("#notice")).to_contain_text("Not confirmed: no answer from the server.")
    window.shoot("not-sent")
    page.context.set_offline(False)
    page.get_by_role("button", name="Start picking").click()
    expect(page.locator("[data-progress]")).to_be_visible()
    assert len(keys) == 2
    assert len(set(keys)) == 1  # one intent, one key
    assert shop.pickup(pickup_id).version == 2


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", "<h1>502 Bad Gateway</h1>"), ("application/json", '{"error": "busy"}')],
)
def test_a_strangers_answer_never_gets_into_the_page(
    open_window: OpenWindow, kind: str, body: str
) -> None:
    pickup_id = shop.a_pickup()
    window = open_window("phone")
    page = window.sign_in()
    window.open(f"/store/pickups/{pickup_id}")
    page.route("**/start", lambda route: route.fulfill(status=502, content_type=kind, body=body))
    page.get_by_role("button", name="Start picking").click()
    expect(page.locator("#notice")).to_contain_text("Not confirmed: no proper answer")
    page.unroute("**/start")
    page.get_by_role("button", name="Start picking").click()
    expect(page.locator("[data-progress]")).to_be_visible()


def test_the_keyboard_alone_is_enough(open_window: OpenWindow) -> None:
    pickup_id = shop.a_pickup({"MUG": 1})
    window = open_window("desktop")
    page = window.open(f"/enrol#{window.site.shop.devices['S01']}")
    keyboard = page.keyboard
    keyboard.press("Enter")  # the focus is on the button
    page.wait_for_url("**/")
    keyboard.type("7")
    keyboard.press("Tab")
    keyboard.type(shop.PIN)
    keyboard.press("Enter")
    page.wait_for_url("**/store")
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keyboard.press("Enter")
    for _ in range(4):
        keyboard.press("Tab")
    expect(page.locator(f"#open-{pickup_id}")).to_be_focused()
    keyboard.press("Enter")
    page.wait_for_url("**/store/pickups/*")
    page.get_by_role("button", name="Start picking").focus()
    keyboard.press("Enter")
    expect(page.locator("#card-title")).to_be_focused()  # the new state is announced
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="One less of Mug")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(page.get_by_label("Shelf")).to_be_focused()
    keyboard.type("A1")
    keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("Ready.")
    assert shop.pickup(pickup_id).shelf == "A1"


@pytest.mark.parametrize("size", SIZES)
def test_a_shipment_is_packed_labelled_and_given_to_the_carrier(
    open_window: OpenWindow, size: str
) -> None:
    fulfilment_id = shop.a_shipment({"MUG": 2, "LAMP": 1})
    window = open_window(size)
    page = window.sign_in(shop.place_of(fulfilment_id))
    page.get_by_role("link", name="Shipments").click()
    window.shoot("shipments")
    page.locator(f"#open-{fulfilment_id}").click()
    page.get_by_role("button", name="Start picking").click()
    for article, times in (("Mug", 2), ("Lamp", 1)):
        for _ in range(times):
            page.get_by_role("button", name=f"One more of {article}").click()
    expect(page.get_by_label("Weight, g")).to_have_value("2520")
    window.shoot("shipment-picking")
    page.get_by_role("button", name="Packed: get the label").click()
    expect(page.get_by_text("The label is being bought.")).to_be_visible()
    shop.buy_labels(fulfilment_id)
    with page.expect_download() as download:
        page.get_by_role("link", name="Label PDF").click()
    assert download.value.path().read_bytes() == b"%PDF-1.7 label"
    window.shoot("shipment-labelled")
    page.get_by_role("button", name="Given to the carrier").click()
    expect(page.get_by_text("The carrier has it.", exact=True)).to_be_visible()
