"""The shops survive a restart, also a rough one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from api.sandbox.journal import Journal
from tests.sandbox.running import SECRETS, Sandbox, sandbox, wait_until


def test_orders_and_webhooks_still_to_send_are_there_after_a_restart(tmp_path: Path) -> None:
    with sandbox(data_dir=tmp_path) as shops:
        order = shops.place("shopify")
        held = shops.place("shopify", send=False)
        wait_until(lambda: webhooks(shops)[0]["attempts"] >= 1)
    with sandbox(data_dir=tmp_path) as shops:
        assert shops.order(order) == order
        before = webhooks(shops)[0]["attempts"]
        assert [each["status"] for each in webhooks(shops)] == ["pending", "held"]
        wait_until(lambda: webhooks(shops)[0]["attempts"] > before)
        assert int(shops.place("shopify").id) == int(held.id) + 1_000


def test_a_line_cut_off_in_the_middle_costs_only_itself(tmp_path: Path) -> None:
    with sandbox(data_dir=tmp_path) as shops:
        order = shops.place("reference")
    file = tmp_path / "sandbox.jsonl"
    with file.open("a") as journal:
        journal.write('{"order": {"channel": "refer')
    assert list(Journal(tmp_path).orders) == [("reference", order.id)]
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    assert [next(iter(entry)) for entry in entries] == ["order", "webhook"]


def test_the_process_keeps_its_orders_when_it_is_killed(tmp_path: Path) -> None:
    with process(tmp_path) as (running, shops):
        order = shops.place("woocommerce")
        running.send_signal(signal.SIGKILL)
    with process(tmp_path) as (running, shops):
        assert shops.order(order).number == order.number
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0 or running.returncode == -signal.SIGTERM


def test_a_configuration_that_is_wrong_is_refused_by_name(tmp_path: Path) -> None:
    config = tmp_path / "sandbox.json"
    config.write_text('{"oms_url": "http://127.0.0.1:9", "shops": {"x": {"kind": "etsy"}}}')
    done = subprocess.run(
        [sys.executable, "-m", "api.sandbox", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert str(config) in done.stderr
    assert "shops.x.kind" in done.stderr
    assert "Traceback" not in done.stderr


@contextmanager
def process(folder: Path) -> Generator[tuple[subprocess.Popen[str], Sandbox]]:
    """The sandbox as its own process, on a port that it prints."""
    config = folder / "config.json"
    shops = {kind: {"kind": kind, "secret": secret} for kind, secret in SECRETS.items()}
    config.write_text(json.dumps({"oms_url": "http://127.0.0.1:9", "shops": shops}))
    command = [sys.executable, "-m", "api.sandbox", "--config", str(config), "--port", "0"]
    running = subprocess.Popen(
        [*command, "--data-dir", str(folder / "data")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert running.stdout is not None
    try:
        url = running.stdout.readline().rpartition(" ")[2].strip().rstrip("/")
        with httpx2.Client(base_url=url, trust_env=False) as http:
            wait_until(lambda: _alive(http))
            yield running, Sandbox(url, http)
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


def _alive(http: httpx2.Client) -> bool:
    try:
        return http.get("/healthz").status_code == 200
    except httpx2.ConnectError:
        return False


def webhooks(shops: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shops.http.get("/control/webhooks").json()
    return found
