"""One lock per part: held by the part itself, so an orphan is recognised by what it holds.

The stack opens a lock file, locks it with `flock` and lets the child inherit the descriptor. The
lock then lives exactly as long as the child and whatever shares its descriptor, also when
`oms up` was killed. Who holds it is read from the kernel (`/proc/PID/fdinfo` shows a lock only at
the open file it belongs to), so a recorded pid that was given to another process since, or a
backup that merely reads the file, cannot be mistaken for ours. Processes are ended through pid
file descriptors, which do not pass to another process either.
"""

import fcntl
import os
import select
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from api.stack.errors import AlreadyRunning, StackError
from api.stack.folders import Folders
from api.stack.waiting import until

PATIENCE_S = 1.0  # what a dying part's own children need to notice and go
STOP_S = 3.0
KILL_S = 5.0


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    group: int


def try_lock(path: Path) -> int | None:
    """The descriptor of the lock, or None while somebody holds it. Close it to let go."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError as error:
        raise StackError(
            f"{path} belongs to another account, which has used this data folder before",
            remedy="run oms up as that account, or choose another folder with --data-dir",
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def sole_owner(folders: Folders) -> Iterator[None]:
    """Own the data folder for the length of the block, or raise `AlreadyRunning`."""
    path = folders.lock("up")
    descriptor = try_lock(path)
    if descriptor is None:
        raise AlreadyRunning(folders.root, pid=next(iter(holders(path)), None))
    try:
        yield
    finally:
        os.close(descriptor)


def take_over(path: Path, *, stop_signal: signal.Signals) -> int:
    """Lock the file for a new child, ending first what an earlier run left holding it.

    What is left gets a moment to go by itself, then `stop_signal`, then SIGKILL.
    """
    descriptor = _lock_within(path, PATIENCE_S)
    if descriptor is None:
        _end_holders(path, stop_signal=stop_signal)
        descriptor = _lock_within(path, KILL_S)
    if descriptor is None:
        named = ", ".join(f"pid {pid}" for pid in holders(path)) or "they belong to another account"
        raise StackError(
            f"{path} is still locked by an earlier run",
            remedy=f"end its processes ({named}) and start again",
        )
    return descriptor


def end_leftovers(
    folders: Folders, *, stop_signals: Mapping[str, signal.Signals]
) -> tuple[str, ...]:
    """End every part that an earlier run of this data folder left behind; returns their names.

    `stop_signals` names the signal of the parts that want another one than SIGTERM.
    """
    left = []
    for path in sorted(folders.run.glob("*.lock")):
        if path == folders.lock("up"):
            continue
        descriptor = try_lock(path)
        if descriptor is None:
            left.append(path.stem)
            stop_signal = stop_signals.get(path.stem, signal.SIGTERM)
            descriptor = take_over(path, stop_signal=stop_signal)
        os.close(descriptor)
    return tuple(left)


def holders(path: Path) -> tuple[int, ...]:
    """The processes that hold this lock, as far as this account may look into them."""
    wanted = path.stat()
    return tuple(
        process.pid for process in _processes() if _holds(process.pid, wanted.st_dev, wanted.st_ino)
    )


def _holds(pid: int, device: int, inode: int) -> bool:
    # The process may go, or turn out not to be ours to look into, at any of these steps.
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        for opened in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                status = opened.stat()
                if (status.st_dev, status.st_ino) == (device, inode):
                    about = Path(f"/proc/{pid}/fdinfo/{opened.name}").read_text()
                    if "FLOCK" in about:
                        return True
    return False


def _processes() -> Iterator[_Process]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):
                # After the command's name, which may itself contain spaces and brackets.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                yield _Process(int(entry.name), parent=int(fields[1]), group=int(fields[2]))


def _lock_within(path: Path, timeout_s: float) -> int | None:
    found: list[int] = []

    def locked() -> bool:
        if (descriptor := try_lock(path)) is not None:
            found.append(descriptor)
        return bool(found)

    until(locked, timeout_s=timeout_s)
    return found[0] if found else None


def _family(path: Path) -> dict[int, _Process]:
    """The lock's holders and the members of the process groups they lead."""
    heads = holders(path)
    return {each.pid: each for each in _processes() if each.pid in heads or each.group in heads}


def _end_holders(path: Path, *, stop_signal: signal.Signals) -> None:
    """Stop the holders and the process groups they lead; kill what does not go in time."""
    descriptors = {}
    for pid in _family(path):
        with suppress(ProcessLookupError):
            descriptors[pid] = os.pidfd_open(pid)
    try:
        # Looked at again: from here on a descriptor means the process that we saw, or none.
        family = _family(path)
        ours = {pid: each for pid, each in descriptors.items() if pid in family}
        for pid, descriptor in ours.items():
            if family[pid].parent not in family:  # the head of a family ends the rest in order
                _send(descriptor, stop_signal)
        if not until(lambda: not any(map(_alive, ours.values())), timeout_s=STOP_S):
            for descriptor in ours.values():
                _send(descriptor, signal.SIGKILL)
    finally:
        for descriptor in descriptors.values():
            os.close(descriptor)


def _send(descriptor: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(descriptor, what)


def _alive(descriptor: int) -> bool:
    return not select.select([descriptor], [], [], 0)[0]  # readable once the process has ended
