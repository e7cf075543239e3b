"""Programs run as children of this process: started, watched and ended without orphans.

A child leads its own session, so that Ctrl-C in the terminal reaches only `oms up`, which ends
its parts in order. The kernel ends it when the *thread* that started it dies: start children from
the main thread.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from api.stack import launch
from api.stack.accounts import Account
from api.stack.errors import PartFailed
from api.stack.folders import Folders, last_lines
from api.stack.locks import take_over
from api.stack.waiting import until

SAME_ACCOUNT: Final = -1


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `name` names its log and its lock; `title` is for people."""

    name: str
    title: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path | None = None
    account: Account | None = None
    prepare: Callable[[], None] = _nothing
    """Runs before each start, under the lock: nobody else uses what the program uses."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Part:
    """A program that stays up."""

    program: Program
    lacks: Callable[[], str | None]
    """What it still lacks to be of use; None once it is ready. Answers within two seconds."""
    ready_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """A program that runs once and must end well."""

    program: Program
    timeout_s: float = 120.0


@dataclass(slots=True)
class Child:
    """A program that was started."""

    program: Program
    process: subprocess.Popen[bytes]
    log: Path
    asked_to_stop: bool = field(default=False)

    @property
    def pid(self) -> int:
        """The process id; it stays reserved until `finish`."""
        return self.process.pid


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: its exit code, or the number of the signal that ended it."""

    number: int
    by_signal: bool

    @property
    def well(self) -> bool:
        """Whether it did what it was started for."""
        return not self.by_signal and self.number == 0

    def __str__(self) -> str:
        if self.by_signal:
            return f"killed by {signal.Signals(self.number).name}"
        return f"exit code {self.number}"


def launch_argv(
    argv: tuple[str, ...], *, death_signal: signal.Signals, account: Account | None
) -> list[str]:
    """The command line that runs `argv` tied to this process's life, as the account."""
    uid = SAME_ACCOUNT if account is None else account.uid
    gid = SAME_ACCOUNT if account is None else account.gid
    # -I -S: nothing but the interpreter, in some 15 ms.
    script = [sys.executable, "-I", "-S", launch.__file__]
    return [*script, str(os.getpid()), str(int(death_signal)), str(uid), str(gid), *argv]


def start(program: Program, folders: Folders) -> Child:
    """Start a program, ending first whatever an earlier run left of it."""
    lock = take_over(folders.lock(program.name), stop_signal=program.stop_signal)
    log = folders.log(program.name)
    try:
        program.prepare()
        with log.open("ab") as output:
            process = subprocess.Popen(
                launch_argv(
                    program.argv, death_signal=program.stop_signal, account=program.account
                ),
                env=dict(program.env),
                cwd=program.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)  # the child has its own copy, which is now the lock's whole life
    return Child(program, process, log)


def ending(child: Child) -> Ending | None:
    """How the child ended, or None while it runs."""
    if (code := child.process.returncode) is not None:
        return Ending(abs(code), by_signal=code < 0)
    # Not reaped yet: its process group's number must stay ours until the group is gone.
    found = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if found is None:
        return None
    return Ending(found.si_status, by_signal=found.si_code != os.CLD_EXITED)


def ask_to_stop(child: Child) -> None:
    """Send the stop signal, once."""
    if not child.asked_to_stop and ending(child) is None:
        child.asked_to_stop = True
        os.kill(child.pid, child.program.stop_signal)  # not yet reaped, so nobody else's number


def finish(child: Child) -> None:
    """Kill what is left of the child and its process group, and reap it."""
    if child.process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.process.wait()


def stop(child: Child) -> None:
    """Ask the child to stop, wait as long as its program allows, then kill."""
    ask_to_stop(child)
    until(lambda: ending(child) is not None, timeout_s=child.program.stop_timeout_s)
    finish(child)


def await_ready(part: Part, child: Child) -> None:
    """Wait until the part is of use; raises `PartFailed` when it ends or takes too long."""
    lacking: str | None = ""

    def decided() -> bool:
        nonlocal lacking
        lacking = part.lacks()
        return lacking is None or ending(child) is not None

    until(decided, timeout_s=part.ready_timeout_s)
    if (how := ending(child)) is not None:
        raise failed(child, f"did not come up: {how}")
    if lacking is not None:
        raise failed(child, f"was not ready within {part.ready_timeout_s:g} s: {lacking}")


def failed(child: Child, what: str) -> PartFailed:
    """The error that says what happened to the child, with the end of its log."""
    return PartFailed(child.program.title, what=what, log=child.log, tail=last_lines(child.log))
