"""A real web server on a database of its own, and a real browser in front of it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.app import create_app
from api.cli.web import Server
from tests.web import shop
from tests.web.browser import ARGUMENTS, chromium_path
from tests.web.shop import PASSWORD, PIN, Shop

SCREENS = Path(__file__).parents[2] / "test-artifacts" / "screens"
SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desktop": (1280, 800)}


@dataclass(frozen=True)
class Site:
    """A running web process and the shop that it shows."""

    url: str
    shop: Shop
    server: Server

    def stop(self) -> None:
        """Ask the server to end, as a signal would."""
        self.server.should_exit = True

    @contextmanager
    def client(self) -> Iterator[httpx2.Client]:
        """Somebody without any cookie."""
        with httpx2.Client(base_url=self.url, headers={"Origin": self.url}, timeout=60) as client:
            yield client

    @contextmanager
    def at_store(self, code: str = "S01", *, badge: str = "7") -> Iterator[httpx2.Client]:
        """An associate who has signed in; commands carry the page's token."""
        with self.client() as client:
            client.post("/enrol", data={"token": self.shop.devices[code]})
            client.post("/sign-in", data={"badge": badge, "pin": PIN})
            _take_token(client, "/store/shipments")
            yield client

    @contextmanager
    def in_operations(self) -> Iterator[httpx2.Client]:
        """An operator who has signed in."""
        with self.client() as client:
            client.post("/operations/sign-in", data={"login": "olga", "password": PASSWORD})
            _take_token(client, "/operations")
            yield client


def _take_token(client: httpx2.Client, path: str) -> None:
    page = client.get(path).raise_for_status().text
    client.headers["X-CSRF-Token"] = page.split('"X-CSRF-Token": "')[1].split('"')[0]
    client.headers["HX-Request"] = "true"


@pytest.fixture
def site(live_database: str) -> Iterator[Site]:
    """The application under uvicorn, with a shop that is open."""
    opened = shop.open_shop()
    server = Server(
        uvicorn.Config(create_app(), host="127.0.0.1", port=0, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the web server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    site = Site(f"http://127.0.0.1:{port}", opened, server)
    yield site
    site.stop()
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module, not longer.

    Playwright's event loop runs in this very thread; a test of another module that starts a
    loop of its own could not do so beside it.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Window:
    """A person's browser window."""

    page: Page
    size: str
    site: Site

    def open(self, path: str) -> Page:
        """Go to a page of the site."""
        self.page.goto(self.site.url + path)
        return self.page

    def enrol(self, code: str = "S01") -> Page:
        """Enrol the device; the page asks for badge and PIN then."""
        self.open(f"/enrol#{self.site.shop.devices[code]}")
        self.page.get_by_role("button", name="Enrol this device").click()
        self.page.get_by_label("Badge").wait_for()
        return self.page

    def sign_in(self, code: str = "S01", *, badge: str = "7") -> Page:
        """Enrol the device and sign an associate in, by the forms that people use."""
        self.enrol(code)
        return self.enter(badge=badge)

    def enter(self, *, badge: str = "7") -> Page:
        """Fill in badge and PIN on an enrolled device."""
        self.page.get_by_label("Badge").fill(badge)
        for digit in PIN:
            self.page.get_by_role("button", name=digit, exact=True).click()
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/store*")
        return self.page

    def sign_in_to_operations(self) -> Page:
        """Sign an operator in."""
        self.open("/operations/sign-in")
        self.page.get_by_label("Login").fill("olga")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/operations")
        return self.page

    def shoot(self, name: str) -> None:
        """Keep a picture as an artefact of the test run."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        width, height = SIZES[self.size]
        # A window as high as the page: bars that stick to an edge are where a person sees them.
        whole = int(self.page.evaluate("document.documentElement.scrollHeight"))
        self.page.set_viewport_size({"width": width, "height": max(height, whole)})
        self.page.screenshot(path=SCREENS / f"{name}-{self.size}.png")
        self.page.set_viewport_size({"width": width, "height": height})


OpenWindow = Callable[..., Window]


@pytest.fixture
def open_window(chromium: Browser, site: Site) -> Iterator[OpenWindow]:
    """Open a window of a size; a script that fails or breaks the policy fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(size: str = "phone", *, dark: bool = False) -> Window:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=size != "desktop",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        return Window(page, size, site)

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
