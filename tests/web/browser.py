"""Find a real Chromium; a machine without one is told so by name, never skipped over."""

import os
import shutil
import subprocess
from functools import lru_cache

from playwright.sync_api import Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromium(RuntimeError):
    """The browser tests need Chromium and there is none."""


@lru_cache(maxsize=1)
def chromium_path() -> str:
    """Where Chromium is. On a build machine, as root, it is installed if it is missing."""
    found = _on_path()
    if found is None and os.geteuid() == 0 and os.environ.get("CI"):
        _install()
        found = _on_path()
    if found is None:
        raise NoChromium(
            "the browser tests need Chromium on the PATH; on Debian or Ubuntu install it with"
            " `apt-get install chromium`, or set CI=1 as root and it is installed for you"
        )
    return found


def _on_path() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _install() -> None:
    for command in (
        ["apt-get", "update", "--quiet"],
        ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NoChromium(f"`{' '.join(command)}` failed:\n{done.stdout}\n{done.stderr}")


def hold(page: Page) -> None:
    """Hand over: the button counts when it is held for a moment."""
    page.get_by_role("button", name="Hand over", exact=True).click(delay=800)
