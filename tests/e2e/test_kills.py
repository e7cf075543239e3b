"""Each part killed at an awkward moment, then all at once: everything is completed, once."""

import os
import signal
import time
from pathlib import Path

from api.demo.locations import NEWCOMERS_STORE
from tests.e2e.system import System, running

PARTS = ("api.cli api", "api.cli worker", "temporal server", "/postgres -D")
_IN_FLIGHT = """SELECT (SELECT count(*) FROM fulfilments WHERE closed_at IS NULL)
                        + (SELECT coalesce(sum(unrouted + reserved), 0) FROM order_lines)"""


def test_work_in_flight_goes_on_after_every_kill(tmp_path: Path) -> None:
    options = ("--orders-per-minute", "40", "--auto-associates")
    with running(tmp_path, *options) as system:
        for part in PARTS:
            time.sleep(4)  # let some work pile up in every stage
            _kill(system, part)
        time.sleep(6)
        _kill_all(system)
        system.options[:] = ["--orders-per-minute", "0", "--auto-associates"]
        system.start()
        system.wait(lambda: _all_sent(system), within_s=60)
        system.wait(lambda: _work(system) and system.ask(_IN_FLIGHT) == [(0,)], within_s=240)
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


def _work(system: System) -> bool:
    """Do by hand what the simulated associates leave to the newcomer; say that it was done."""
    store = f"/v1/stores/{NEWCOMERS_STORE}"
    for one in system.call("GET", f"{store}/pickups"):
        picked = {line["sku"]: line["quantity"] for line in one["lines"]}
        doing = {
            "new": ("start", {}),
            "picking": ("ready", {"picked": picked, "shelf": "A1"}),
            "ready": ("hand-over", {"proof": "identity", "value": "passport"}),
        }
        if one["step"] not in doing:  # handed over, and could still be undone
            continue
        step, more = doing[one["step"]]
        path = f"{store}/pickups/{one['pickup_id']}/{step}"
        system.call("POST", path, {"version": one["version"]} | more)
    for one in system.call("GET", f"{store}/shipments"):
        path = f"{store}/shipments/{one['fulfilment_id']}"
        picked = {line["sku"]: line["quantity"] for line in one["lines"]}
        if one["status"] == "allocated":
            system.call("POST", f"{path}/start", {"version": one["version"]})
        elif one["status"] == "picking":
            system.call("POST", f"{path}/pack", {"version": one["version"], "picked": picked})
        elif all(parcel["tracking_number"] for parcel in one["parcels"]):
            system.call("POST", f"{path}/hand-over", {"version": one["version"]})
    return True


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
