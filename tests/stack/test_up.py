"""`oms up` as its user meets it: starts, refusals, kills, recoveries, Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import httpx2
import pytest

from api.stack.folders import make_folders
from api.stack.locks import holders
from api.stack.ports import LOOPBACK
from tests.stack.helpers import PROJECT, eventually, parent_of, runs

PARTS = ("postgres", "temporal", "web")


class Up:
    """One `oms up` on a folder of its own; `started` may be called again after its end."""

    def __init__(self, root: Path, first_port: int) -> None:
        self.folders = make_folders(root / "data")
        self.port = first_port
        self._output = root / "output"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> str:
        return self._output.read_text()

    def says(self, *words: str) -> bool:
        """Whether one line of the output has all of these in it."""
        return any(all(each in line for each in words) for line in self.output.splitlines())

    def start(self, **environ: str) -> None:
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                self.argv(),
                cwd=PROJECT,
                env={**os.environ, **environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def started(self) -> None:
        self.start()
        eventually(lambda: "Ready after" in self.output, timeout_s=60)

    def argv(self, *, port: int | None = None, data_dir: Path | None = None) -> list[str]:
        script = [sys.executable, "-m", "tests.stack.small_stack"]
        return [*script, str(data_dir or self.folders.root), str(port or self.port)]

    def ended(self) -> int:
        assert self._process is not None
        return self._process.wait(timeout=30)

    def holders(self, part: str) -> tuple[int, ...]:
        lock = self.folders.lock(part)
        return holders(lock) if lock.exists() else ()

    def head(self, part: str) -> int:
        """The process of a part that `oms up` itself started."""
        (head,) = [pid for pid in self.holders(part) if parent_of(pid) == self.pid]
        return head

    def starts(self) -> int:
        """How often the web process has started, as the database knows it."""
        return int(httpx2.get(f"http://{LOOPBACK}:{self.port}", trust_env=False).text)

    def terminate(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self.ended()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def four_free_ports() -> int:
    """The first of four ports in a row that are free."""
    for first in range(20_000 + os.getpid() % 1000 * 10, 32_000, 10):
        with ExitStack() as sockets:
            try:
                for port in range(first, first + 4):
                    sockets.enter_context(socket.create_server((LOOPBACK, port)))
            except OSError:
                continue
            return first
    raise AssertionError("no four free ports in a row")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path, four_free_ports())
    yield up
    up.terminate()
    eventually(lambda: not any(up.holders(part) for part in PARTS))


def refused(argv: list[str]) -> str:
    """What a start prints that ends with exit code 1."""
    result = subprocess.run(
        argv, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 1, result.stdout
    return result.stdout


def test_it_starts_says_where_everything_is_and_ends_with_ctrl_c(stack: Up) -> None:
    stack.started()
    lines = {line[:28].strip(): line[28:].strip() for line in stack.output.splitlines()}
    assert lines["Web"] == f"http://127.0.0.1:{stack.port}"
    assert lines["Temporal UI"] == f"http://127.0.0.1:{stack.port + 3}/namespaces/default/workflows"
    assert lines["PostgreSQL"].startswith(f"postgresql://oms@127.0.0.1:{stack.port + 1}/oms?")
    assert lines["Data folder"] == str(stack.folders.root)
    family = [pid for part in PARTS for pid in stack.holders(part)]
    assert stack.starts() == 1

    os.kill(stack.pid, signal.SIGINT)
    began = time.monotonic()
    assert stack.ended() == 0
    assert time.monotonic() - began < 10
    assert [pid for pid in family if runs(pid)] == []


def test_a_second_start_is_refused_and_disturbs_nothing(stack: Up) -> None:
    stack.started()
    text = refused(stack.argv())
    assert f"oms up already runs on {stack.folders.root} (pid {stack.pid})" in text
    assert "or choose another folder with --data-dir" in text
    assert stack.starts() == 1


def test_a_taken_port_is_refused_with_the_option_that_changes_it(stack: Up, tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, stack.port)):
        text = refused(stack.argv(data_dir=tmp_path / "other"))
    assert f"oms up: port {stack.port} is in use by " in text
    assert f"(pid {os.getpid()})" in text
    assert "choose another with --port" in text
    assert not (tmp_path / "other" / "postgres").exists()


def test_every_killed_part_is_back_and_the_data_with_it(stack: Up) -> None:
    stack.started()
    for part, title in (("temporal", "Temporal"), ("postgres", "PostgreSQL"), ("web", "web")):
        os.kill(stack.head(part), signal.SIGKILL)
        eventually(partial(stack.says, title, "ended (killed by SIGKILL); starting it again now"))
        eventually(partial(stack.says, title, "is back after"), timeout_s=30)
    assert stack.starts() == 2


def test_after_a_kill_of_oms_up_itself_the_next_start_recovers(stack: Up) -> None:
    stack.started()
    orphan = stack.head("postgres")
    os.kill(orphan, signal.SIGSTOP)  # so that it cannot follow its parent into death
    stack.kill()
    stack.started()
    assert "  ended postgres, which an earlier run had left behind" in stack.output
    assert not runs(orphan)
    assert stack.starts() == 2


def test_after_a_kill_of_everything_the_next_start_recovers(stack: Up) -> None:
    stack.started()
    for pid in (stack.pid, *(pid for part in PARTS for pid in stack.holders(part))):
        with suppress(ProcessLookupError):  # the first kill takes others along
            os.kill(pid, signal.SIGKILL)
    stack.kill()
    stack.started()
    assert stack.starts() == 2


def test_a_failing_step_shows_its_log_and_leaves_nothing_behind(stack: Up) -> None:
    stack.start(BREAK="1")
    assert stack.ended() == 1
    assert "oms up: migrate failed: exit code 1" in stack.output
    assert f"The last lines of {stack.folders.log('migrate')}:\n  | no such column" in stack.output
    assert [part for part in PARTS if stack.holders(part)] == []


def test_a_stop_during_the_start_calls_it_off(stack: Up) -> None:
    stack.start()
    eventually(lambda: "new database" in stack.output)
    os.kill(stack.pid, signal.SIGTERM)
    assert stack.ended() == 130
    assert [part for part in PARTS if stack.holders(part)] == []
