"""Whole runs with real processes: the product survives the kills, every planted fault is found."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.chaos.killing import Victim
from api.stack.folders import Folders
from api.stack.locks import holders
from tests.chaos.faults import FAULTS
from tests.stack.helpers import PROJECT, eventually

FOUND_AS = {
    "check-then-act": "oversold",
    "no-unique-key": "doubled",
    "ack-before-commit": "lost",
    "async-commit": "lost",
}


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", "chaos", "capture", *options]


def chaos(*options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of a run."""
    done = subprocess.run(
        command("--json", *options), cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_nothing_is_lost_doubled_or_oversold_while_every_part_is_killed(tmp_path: Path) -> None:
    written = tmp_path / "report.json"
    options = ("--orders", "300", "--kills", "6", "--seed", "7", "--report", str(written))
    code, report = chaos(*options)
    assert {kind: count for kind, count in report["findings"].items() if count} == {}
    assert (code, report["sound"]) == (0, True)
    assert report == json.loads(written.read_text())
    assert report["orders"] == report["acknowledged_orders"] + report["refused_orders"] == 300
    assert set(report["kills"]) == {victim.value for victim in Victim}
    assert sum(report["kills"].values()) == 6
    assert report["repeated_messages"] > 30
    assert report["reordered_orders"] > 30
    assert report["attempts"] > report["acknowledgements"] > report["messages"] - 50
    answered = {int(answer) for answer in report["answers"] if answer.isdigit()}
    assert {200, 201, 409} <= answered <= {200, 201, 409, 503}


def test_every_planted_fault_is_named_by_what_it_leads_to() -> None:
    assert set(FOUND_AS) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    options = ("--orders", "150", "--kills", "3", "--hot-skus", "10", "--duplicates", "0.5")
    code, report = chaos("--plant", fault, "--seed", "3", *options)
    assert (code, report["sound"], report["plant"]) == (1, False, fault)
    assert report["findings"][FOUND_AS[fault]] > 0
    assert report["examples"][FOUND_AS[fault]] != []


def test_ctrl_c_ends_a_run_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with (tmp_path / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            command("--orders", "9999", "--data-dir", str(folder)), cwd=PROJECT, stderr=said
        )
        eventually(lambda: (folder / "acknowledged.jsonl").exists(), timeout_s=120)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    locks = list(Folders(folder).run.glob("*.lock"))
    assert {lock.stem for lock in locks} >= {"postgres", "web-1", "web-2"}
    assert [holders(lock) for lock in locks] == [()] * len(locks)


def test_a_used_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "web.log").write_text("of a system that somebody cares for")
    done = subprocess.run(
        command("--data-dir", str(tmp_path)),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "has been used before" in done.stderr
    assert not (tmp_path / "postgres").exists()


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    done = subprocess.run(
        command("--plant", "gremlins"), cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "check-then-act, no-unique-key, ack-before-commit, async-commit" in done.stderr
