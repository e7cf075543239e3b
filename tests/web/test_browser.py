"""A machine without a browser is told so by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.browser import NoChromium, chromium_path


@pytest.fixture(autouse=True)
def _looked_for_anew() -> Iterator[None]:
    chromium_path.cache_clear()
    yield
    chromium_path.cache_clear()


def test_a_missing_chromium_fails_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(NoChromium, match="apt-get install chromium"):
        chromium_path()


def test_any_of_its_names_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / "google-chrome"
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium_path() == str(browser)
