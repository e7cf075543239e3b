"""Who holds a lock is read from the kernel; leftovers are ended and nobody else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.stack.errors import AlreadyRunning
from api.stack.folders import Folders, make_folders
from api.stack.locks import end_leftovers, holders, sole_owner, take_over, try_lock
from tests.stack.helpers import SLEEP, eventually, runs

READER = "import sys, time; file = open(sys.argv[1]); print('open', flush=True); time.sleep(600)"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path / "data")


@contextmanager
def orphan(lock: Path, code: str = SLEEP) -> Iterator[subprocess.Popen[bytes]]:
    """A process that inherited the lock from somebody who has since let go."""
    descriptor = try_lock(lock)
    assert descriptor is not None
    process = subprocess.Popen(
        [sys.executable, "-c", code], pass_fds=[descriptor], start_new_session=True
    )
    os.close(descriptor)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_holder_of_an_inherited_lock_is_found(folders: Folders) -> None:
    lock = folders.lock("web")
    with orphan(lock) as process:
        assert try_lock(lock) is None
        assert holders(lock) == (process.pid,)


def test_a_process_that_merely_reads_the_file_is_no_holder_and_is_left_alone(
    folders: Folders,
) -> None:
    lock = folders.lock("web")
    with orphan(lock) as process:
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, str(lock)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "open\n"
            assert holders(lock) == (process.pid,)
            assert end_leftovers(folders, stop_signals={}) == ("web",)
            assert process.wait() == -signal.SIGTERM
            assert reader.poll() is None
        finally:
            reader.kill()
            reader.communicate()


def test_a_leftover_gets_the_signal_of_its_part(folders: Folders) -> None:
    with orphan(folders.lock("postgres")) as process:
        ended = end_leftovers(folders, stop_signals={"postgres": signal.SIGINT})
        assert ended == ("postgres",)
        assert process.wait() == -signal.SIGINT


def test_a_leftover_that_ignores_its_signal_is_killed_with_its_children(
    folders: Folders, tmp_path: Path
) -> None:
    stubborn = (
        "import os, pathlib, signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]);"
        f"pathlib.Path({str(tmp_path / 'child')!r}).write_text(str(child.pid));"
        "time.sleep(600)"
    )
    with orphan(folders.lock("worker"), stubborn) as process:
        eventually((tmp_path / "child").exists)
        descriptor = take_over(folders.lock("worker"), stop_signal=signal.SIGTERM)
        os.close(descriptor)
        assert process.wait() == -signal.SIGKILL
        child = int((tmp_path / "child").read_text())
        eventually(lambda: not runs(child))


def test_a_free_lock_leaves_nothing_to_end(folders: Folders) -> None:
    descriptor = try_lock(folders.lock("web"))
    assert descriptor is not None
    os.close(descriptor)
    assert end_leftovers(folders, stop_signals={}) == ()


def test_a_second_owner_of_the_folder_is_refused_with_the_pid_of_the_first(
    folders: Folders,
) -> None:
    with sole_owner(folders), pytest.raises(AlreadyRunning) as refused, sole_owner(folders):
        pass
    assert refused.value.pid == os.getpid()
    assert refused.value.message == f"oms up already runs on {folders.root} (pid {os.getpid()})"
    assert "--data-dir" in str(refused.value.remedy)
    with sole_owner(folders):
        pass  # the first one has let go
