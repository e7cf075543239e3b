"""A demo in a folder of its own, prepared for a web process at a made-up address."""

from pathlib import Path

import pytest

from api.demo.preparing import SETTINGS, prepare
from oms.settings import settings

WEB, SANDBOX = "http://127.0.0.1:18080", "http://127.0.0.1:18090"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """What `prepare` leaves behind."""
    folder = tmp_path / "data"
    prepare(folder, web_url=WEB, sandbox_url=SANDBOX)
    return folder


@pytest.fixture
def demo_settings(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the settings as the demo's processes do."""
    monkeypatch.setenv("TRIBUTARY_CONFIG", str(data_dir / SETTINGS))
    monkeypatch.delenv("TRIBUTARY_CHANNELS")
    settings.cache_clear()
