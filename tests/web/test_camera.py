"""The camera reads a barcode: a film of one, played to a real browser as its camera."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.web import shop
from tests.web.browser import ARGUMENTS, chromium_path
from tests.web.conftest import OpenWindow

UPC_A = "012345678905"
WIDTH, HEIGHT, BAR = 640, 360, 4
# The left-hand patterns of the digits (GS1 General Specifications, 5.2); the right-hand ones are
# their complements.
_LEFT = (
    "0001101", "0011001", "0010011", "0111101", "0100011",
    "0110001", "0101111", "0111011", "0110111", "0001011",
)  # fmt: skip


def bars(digits: str) -> str:
    """A UPC-A as dark (1) and light (0) modules."""
    left = "".join(_LEFT[int(digit)] for digit in digits[:6])
    right = "".join(_LEFT[int(digit)] for digit in digits[6:])
    return f"101{left}01010{right.translate(str.maketrans('01', '10'))}101"


def film(path: Path) -> Path:
    """One frame of the barcode in grey, in the plainest format that a browser takes (YUV4MPEG2)."""
    code = "".join(("\x10" if bar == "1" else "\xf0") * BAR for bar in bars(UPC_A))
    row = code.center(WIDTH, "\xf0").encode("latin-1")
    white = b"\xf0" * WIDTH
    picture = white * 60 + row * (HEIGHT - 120) + white * 60
    colour = b"\x80" * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + b"FRAME\n" + picture + colour)
    return path


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera sees the film."""
    seen = film(tmp_path_factory.mktemp("camera") / "barcode.y4m")
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=[*ARGUMENTS, *flags]
        )
        yield browser
        browser.close()


def test_the_camera_scans_once_what_is_held_before_it(open_window: OpenWindow) -> None:
    pickup_id = shop.a_pickup({"MUG": 2})
    window = open_window("phone")
    page = window.sign_in()
    loaded: list[str] = []
    page.on("request", lambda asked: loaded.append(asked.url))
    window.open(f"/store/pickups/{pickup_id}")
    page.get_by_role("button", name="Start picking").click()
    expect(page.locator("[data-progress]")).to_contain_text("0 of 2")
    assert not [url for url in loaded if "camera.js" in url or "zxing" in url]
    page.get_by_role("button", name="Camera").click()
    expect(page.locator("[data-progress]")).to_contain_text("1 of 2")
    expect(page.locator(".camera")).to_contain_text(f"Read: 0{UPC_A}")
    window.shoot("camera")
    page.wait_for_timeout(1_000)  # it is held there still, and counts once
    expect(page.locator("[data-progress]")).to_contain_text("1 of 2")
    page.get_by_role("button", name="Close the camera").click()
    expect(page.locator(".camera")).to_have_count(0)
