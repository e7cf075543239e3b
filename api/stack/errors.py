"""What can go wrong when the stack starts, said so that the reader knows what to do next."""

from collections.abc import Sequence
from pathlib import Path

from oms.errors import OmsError


class StackError(OmsError):
    """The stack cannot start or go on; `remedy` names the way out."""

    code = "stack_error"


class AlreadyRunning(StackError):
    """Another `oms up` owns the data folder; `pid` is its process, if it can be told."""

    code = "already_running"

    def __init__(self, data_dir: Path, *, pid: int | None) -> None:
        owner = f"pid {pid}" if pid else "a process this account may not look into"
        stop = f"kill {pid}" if pid else "the account that started it"
        super().__init__(
            f"oms up already runs on {data_dir} ({owner})",
            remedy=f"stop it first (Ctrl-C there, or {stop}),"
            " or choose another folder with --data-dir",
        )
        self.pid = pid


class PortInUse(StackError):
    """A port that the stack needs is taken; `port` is its number."""

    code = "port_in_use"

    def __init__(self, port: int, *, by: str, option: str) -> None:
        super().__init__(f"port {port} is in use by {by}", remedy=f"choose another with {option}")
        self.port = port


class PartFailed(StackError):
    """A part did not come up; the message carries the end of its log and the log's path."""

    code = "part_failed"

    def __init__(self, title: str, *, what: str, log: Path, tail: Sequence[str]) -> None:
        lines = "\n".join(f"  | {line}" for line in tail) or "  | (nothing)"
        super().__init__(f"{title} {what}\nThe last lines of {log}:\n{lines}")
        self.log = log
