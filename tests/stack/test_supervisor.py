"""Parts are kept up, ended in order, and never outlive whoever started them."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from api.stack.children import Part, Step
from api.stack.errors import PartFailed
from api.stack.folders import Folders, make_folders
from api.stack.locks import holders
from api.stack.supervisor import Stopped, Supervisor
from tests.stack.helpers import PROJECT, SLEEP, eventually, part, pid_in, python, runs, told

SAYS_PID = (
    "import os, pathlib, sys, time;"
    "pathlib.Path(sys.argv[1]).write_text(f'{os.getpid()}\\n');"
    "time.sleep(600)"
)
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SAYS_PID
HAS_A_CHILD = (
    "import subprocess, sys, time;"
    f"subprocess.Popen([sys.executable, '-c', {SAYS_PID!r}, sys.argv[1]]);"
    "time.sleep(600)"
)
RECORDS_ITS_END = """
import pathlib, signal, sys, time
def end(*_):
    with open(sys.argv[1], "a") as file:
        file.write(sys.argv[2] + "\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
pathlib.Path(sys.argv[3]).touch()
time.sleep(600)
"""
SUPERVISES = """
import sys
from pathlib import Path
from api.stack.console import Console
from api.stack.folders import make_folders
from api.stack.supervisor import Supervisor
from tests.stack.helpers import part, python
from tests.stack.test_supervisor import SAYS_PID
root = Path(sys.argv[1])
supervisor = Supervisor(make_folders(root / "data"), Console())
supervisor.start([part(python("web", SAYS_PID, str(root / "pid")))])
supervisor.run()
"""


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path / "data")


def _restarts(text: io.StringIO) -> list[str]:
    return [line for line in text.getvalue().splitlines() if "starting it again" in line]


def _restarted(text: io.StringIO, times: int) -> bool:
    return len(_restarts(text)) == times


def look_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    """Let the supervisor work until something has come about."""

    def seen() -> bool:
        supervisor.look()
        return condition()

    eventually(seen)


def test_the_pid_of_a_part_is_that_of_its_child_while_it_is_up(
    folders: Folders, tmp_path: Path
) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)
    try:
        supervisor.start([part(python("web", SAYS_PID, str(tmp_path / "pid")))])
        first = pid_in(tmp_path / "pid")
        assert (supervisor.pid("web"), supervisor.pid("worker")) == (first, None)
        os.kill(first, signal.SIGKILL)
        look_until(supervisor, lambda: supervisor.pid("web") is None)
        supervisor.run(done=lambda: supervisor.pid("web") is not None)
        assert supervisor.pid("web") != first
    finally:
        supervisor.stop()


@pytest.mark.parametrize(("proven_s", "waits"), [(0.0, ["now"] * 3), (60.0, ["now", "in", "in"])])
def test_a_part_that_was_up_for_long_enough_is_started_again_at_once(
    folders: Folders, tmp_path: Path, proven_s: float, waits: list[str]
) -> None:
    console, text = told()
    supervisor = Supervisor(folders, console, proven_s=proven_s)
    try:
        supervisor.start([part(python("web", SLEEP))])
        for count in (1, 2, 3):
            supervisor.run(done=lambda: supervisor.pid("web") is not None)
            pid = supervisor.pid("web")
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            look_until(supervisor, partial(_restarted, text, count))
        again = [line.split("starting it again ")[1].split()[0] for line in _restarts(text)]
        assert [word.rstrip(";") for word in again] == waits
    finally:
        supervisor.stop()


def test_a_killed_part_is_started_again_and_the_console_says_so(
    folders: Folders, tmp_path: Path
) -> None:
    console, text = told()
    supervisor = Supervisor(folders, console)
    try:
        supervisor.start([part(python("web", SAYS_PID, str(tmp_path / "pid")))])
        first = pid_in(tmp_path / "pid")
        (tmp_path / "pid").unlink()
        os.kill(first, signal.SIGKILL)

        look_until(supervisor, lambda: "web is back after" in text.getvalue())

        second = pid_in(tmp_path / "pid")
        assert second != first
        assert holders(folders.lock("web")) == (second,)
        assert "web ended (killed by SIGKILL); starting it again now; log: " in text.getvalue()
    finally:
        supervisor.stop()
    assert not runs(second)


def test_a_part_that_keeps_ending_is_started_again_ever_more_slowly(folders: Folders) -> None:
    console, text = told()
    supervisor = Supervisor(folders, console)
    try:
        supervisor.start([part(python("web", "import time; time.sleep(0.3)"))])
        look_until(supervisor, lambda: "starting it again in 2 s" in text.getvalue())
    finally:
        supervisor.stop()
    ends = [line for line in text.getvalue().splitlines() if "web ended (exit code 0)" in line]
    assert [line.partition("; ")[2].partition(";")[0] for line in ends] == [
        "starting it again now",
        "starting it again in 1 s",
        "starting it again in 2 s",
    ]


def test_all_ends_within_ten_seconds_though_a_part_ignores_its_signal(
    folders: Folders, tmp_path: Path
) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)
    stubborn = python("web", IGNORES_SIGTERM, str(tmp_path / "pid"), stop_timeout_s=0.5)
    supervisor.start([part(stubborn, ready=tmp_path / "pid")])
    pid = pid_in(tmp_path / "pid")
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 10
    assert not runs(pid)


def test_a_second_request_to_stop_kills_at_once(folders: Folders, tmp_path: Path) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)
    stubborn = python("web", IGNORES_SIGTERM, str(tmp_path / "pid"), stop_timeout_s=600)
    supervisor.start([part(stubborn, ready=tmp_path / "pid")])
    pid = pid_in(tmp_path / "pid")
    with supervisor.signals():
        os.kill(os.getpid(), signal.SIGINT)
        supervisor.run()  # returns, for a stop was asked for
        again = subprocess.Popen(["sh", "-c", f"sleep 0.2; kill -INT {os.getpid()}"])
        supervisor.stop()
        assert again.wait() == 0
    assert not runs(pid)


def test_parts_end_in_the_reverse_of_the_order_they_started_in(
    folders: Folders, tmp_path: Path
) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)

    def recording(name: str) -> Part:
        ready = tmp_path / f"{name}-ready"
        return part(
            python(name, RECORDS_ITS_END, str(tmp_path / "ends"), name, str(ready)), ready=ready
        )

    for name in ("postgres", "web", "sandbox"):
        supervisor.start([recording(name)])
    supervisor.stop()
    assert (tmp_path / "ends").read_text().split() == ["sandbox", "web", "postgres"]


def test_a_part_takes_its_own_children_along(folders: Folders, tmp_path: Path) -> None:
    console, text = told()
    supervisor = Supervisor(folders, console)
    try:
        supervisor.start([part(python("web", HAS_A_CHILD, str(tmp_path / "pid")))])
        grandchild = pid_in(tmp_path / "pid")
        (parent,) = holders(folders.lock("web"))
        (tmp_path / "pid").unlink()
        os.kill(parent, signal.SIGKILL)
        look_until(supervisor, lambda: "web is back" in text.getvalue())
        eventually(lambda: not runs(grandchild))
        grandchild = pid_in(tmp_path / "pid")
    finally:
        supervisor.stop()
    eventually(lambda: not runs(grandchild))


def test_a_part_does_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISES, str(tmp_path)],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    try:
        child = pid_in(tmp_path / "pid")
        assert runs(child)
    finally:
        supervisor.kill()
        supervisor.wait()
    eventually(lambda: not runs(child))


def test_a_part_that_ends_while_it_starts_shows_the_end_of_its_log(folders: Folders) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)
    program = python("web", "print('no such table'); raise SystemExit(3)")
    try:
        with pytest.raises(PartFailed) as refused:
            supervisor.start([part(program, ready=Path("/nonexistent"))])
    finally:
        supervisor.stop()
    assert refused.value.message == (
        "web did not come up: exit code 3\n"
        f"The last lines of {folders.log('web')}:\n"
        "  | no such table"
    )


def test_a_part_that_is_not_ready_in_time_says_what_it_lacked(
    folders: Folders, tmp_path: Path
) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)
    slow = part(python("web", SLEEP), ready=tmp_path / "flag", ready_timeout_s=0.3)
    try:
        with pytest.raises(PartFailed, match="web was not ready within 0 s: flag is not there"):
            supervisor.start([slow])
    finally:
        supervisor.stop()
    assert holders(folders.lock("web")) == ()


def test_a_step_that_fails_shows_the_end_of_its_log(folders: Folders) -> None:
    console, text = told()
    supervisor = Supervisor(folders, console)
    good = Step(python("migrate", "print('done')"))
    bad = Step(python("setup", "raise SystemExit('wrong namespace')"))
    supervisor.start([good])
    assert text.getvalue().split()[0] == "migrate"
    with pytest.raises(PartFailed, match="setup failed: exit code 1") as refused:
        supervisor.start([bad])
    supervisor.stop()
    assert refused.value.message.endswith("  | wrong namespace")


def test_a_step_that_takes_too_long_is_ended(folders: Folders) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)
    try:
        with pytest.raises(PartFailed, match="migrate was not done within 0 s"):
            supervisor.start([Step(python("migrate", SLEEP), timeout_s=0.2)])
    finally:
        supervisor.stop()
    assert holders(folders.lock("migrate")) == ()


def test_a_stop_during_the_start_calls_it_off(folders: Folders, tmp_path: Path) -> None:
    console, _ = told()
    supervisor = Supervisor(folders, console)
    waiting = part(python("web", SAYS_PID, str(tmp_path / "pid")), ready=tmp_path / "never")
    script = 'while [ ! -s "$0" ]; do sleep 0.05; done; kill -TERM "$1"'
    with supervisor.signals():
        asker = subprocess.Popen(["sh", "-c", script, str(tmp_path / "pid"), str(os.getpid())])
        try:
            with pytest.raises(Stopped):
                supervisor.start([waiting])
        finally:
            supervisor.stop()
            assert asker.wait() == 0
    assert not runs(pid_in(tmp_path / "pid"))
