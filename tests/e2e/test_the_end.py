"""A second start is refused, and Ctrl-C ends everything. The last of its folder: it ends the
system that the other tests use.
"""

import subprocess
import sys

from tests.e2e.system import STOP_S, System


def test_a_second_start_on_the_same_folder_is_refused_with_the_owners_pid(system: System) -> None:
    assert system.process is not None
    second = subprocess.run(
        [sys.executable, "-m", "api.cli", "up", *system._arguments()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert str(system.process.pid) in second.stdout + second.stderr


def test_ctrl_c_ends_everything_in_time(system: System) -> None:
    assert system.stop() <= STOP_S
    assert system.pids("") == []
