"""Small programs to supervise, and accounts to run them as."""

import io
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.stack.accounts import Account, reachable
from api.stack.children import Part, Program
from api.stack.console import Console
from api.stack.waiting import until

PROJECT = Path(__file__).parents[2]
SLEEP = "import time; time.sleep(600)"


def eventually(condition: Callable[[], bool], *, timeout_s: float = 15) -> None:
    """Fail unless the condition comes true in time."""
    assert until(condition, timeout_s=timeout_s)


def python(name: str, code: str, *arguments: str, stop_timeout_s: float = 4.0) -> Program:
    """A program that runs a few lines of Python."""
    return Program(
        name=name,
        title=name,
        argv=(sys.executable, "-c", code, *arguments),
        env=dict(os.environ),
        stop_timeout_s=stop_timeout_s,
    )


def part(program: Program, *, ready: Path | None = None, ready_timeout_s: float = 20) -> Part:
    """A part that is ready at once, or when a file is there."""

    def lacks() -> str | None:
        return None if ready is None or ready.exists() else f"{ready.name} is not there"

    return Part(program, lacks=lacks, ready_timeout_s=ready_timeout_s)


def told() -> tuple[Console, io.StringIO]:
    """A console and what it prints."""
    text = io.StringIO()
    return Console(text), text


def runs(pid: int) -> bool:
    """Whether the process exists and has not ended (an unreaped one has)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def parent_of(pid: int) -> int:
    """The pid of a process's parent."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def pid_in(file: Path) -> int:
    """The pid that a program of a test wrote into a file."""
    eventually(lambda: file.exists() and file.read_text().endswith("\n"))
    return int(file.read_text())


def ordinary_account() -> Account | None:
    """Another account for a test that runs as root; None for an ordinary user, who is one."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def python_for(account: Account | None) -> str:
    """A Python of this version that the account can run; skips the test when there is none."""
    wanted = f"python3.{sys.version_info.minor}"
    for folder in (Path(sys.executable).resolve().parent, Path("/usr/local/bin"), Path("/usr/bin")):
        if reachable(folder, account) and (folder / wanted).exists():
            return str(folder / wanted)
    pytest.skip(f"no {wanted} that another account than root can run")


def spawn_as(account: Account | None, argv: list[str], **environ: str) -> subprocess.Popen[str]:
    """Start a process as the account, its output in a pipe."""
    given = None if account is None else account.uid
    return subprocess.Popen(
        argv,
        user=given,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
        env={**os.environ, **environ},
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
