"""Each part killed at an awkward moment, then all at once: everything is completed, once."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.system import System, running

pytestmark = pytest.mark.xdist_group("e2e")

PARTS = ("api.cli api", "api.cli worker", "temporal server", "/postgres -D")
_OPEN = "SELECT count(*) FROM orders WHERE status NOT IN ('fulfilled', 'cancelled', 'backordered')"


def test_work_in_flight_goes_on_after_every_kill(tmp_path: Path) -> None:
    options = ("--orders-per-minute", "90", "--auto-associates")
    with running(tmp_path, *options) as system:
        for part in PARTS:
            time.sleep(4)  # let some work pile up in every stage
            _kill(system, part)
        time.sleep(6)
        _kill_all(system)
        system.options[:] = ["--orders-per-minute", "0", "--auto-associates"]
        system.start()
        _store_of_the_newcomer_is_worked(system)
        system.wait(lambda: _all_sent(system), within_s=60)
        system.wait(lambda: system.ask(_OPEN) == [(0,)], within_s=240)
        system.wait(lambda: _nothing_owed(system), within_s=90)
        _each_order_once(system)
        assert system.broken() == []


def _kill(system: System, part: str) -> None:
    """Kill one part hard, and see the running `oms up` bring it back."""
    [pid, *_] = system.wait(lambda: system.pids(part))
    os.kill(pid, signal.SIGKILL)
    system.wait(lambda: [other for other in system.pids(part) if other != pid], within_s=30)


def _kill_all(system: System) -> None:
    """Pull the plug: `oms up` and everything below it."""
    assert system.process is not None
    for pid in [system.process.pid, *system.pids("")]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    system.process.wait()


def _store_of_the_newcomer_is_worked(system: System) -> None:
    """Do by hand what the simulated associates leave to the newcomer."""


def _all_sent(system: System) -> bool:
    """Every webhook of every shop was acknowledged."""
    return all(one["status"] == "delivered" for one in system.shop("GET", "/webhooks"))


def _nothing_owed(system: System) -> bool:
    return system.ask("SELECT count(*) FROM writebacks WHERE status <> 'accepted'") == [(0,)]


def _each_order_once(system: System) -> None:
    shops = system.shop("GET", "/orders")
    assert len(shops) > 10
    ours = dict(system.ask("SELECT channel || ':' || external_id, count(*) FROM orders GROUP BY 1"))
    assert ours == {f"{one['channel']}:{one['id']}": 1 for one in shops}
    for one in shops:
        tracked = [told["tracking_number"] for told in one["received"] if told["kind"] == "shipped"]
        assert len(tracked) == len(set(tracked)), one
