"""Where the stack keeps its data, locks and logs: one folder, and what lies in it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.stack.errors import StackError

OLD_LOGS_KEPT = 3


@dataclass(frozen=True, slots=True)
class Folders:
    """The data folder, open to its owner only, with `logs/` and `run/` (locks) in it."""

    root: Path

    @property
    def logs(self) -> Path:
        """What each part printed."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """One lock file per part."""
        return self.root / "run"

    def log(self, name: str) -> Path:
        """The log of one part."""
        return self.logs / f"{name}.log"

    def lock(self, name: str) -> Path:
        """The lock that one part holds while it lives."""
        return self.run / f"{name}.lock"


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """`tributary` under the user's data folder (XDG base directory specification)."""
    base = environ.get("XDG_DATA_HOME", "")
    # The specification: a relative path in the variable is to be ignored.
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return root / "tributary"


def make_folders(root: Path) -> Folders:
    """Create what is missing of a data folder; an existing one stays as it is."""
    folders = Folders(root.expanduser().absolute())
    try:
        folders.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (folders.logs, folders.run):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StackError(
            f"the data folder {folders.root} cannot be used: {error.strerror}",
            remedy="choose a folder that this account may write to with --data-dir",
        ) from error
    for folder in (folders.root, folders.logs, folders.run):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise StackError(
                f"the folder {folder} belongs to another account",
                remedy="run oms up as its owner, or choose another folder with --data-dir",
            )
    return folders


def rotate_logs(folders: Folders) -> None:
    """Put the logs of the run before aside as `.1`, older ones as `.2` and so on."""
    for log in folders.logs.glob("*.log"):
        for age in range(OLD_LOGS_KEPT, 0, -1):
            younger = log.with_suffix(f".log.{age - 1}") if age > 1 else log
            if younger.exists():
                younger.replace(log.with_suffix(f".log.{age}"))


def last_lines(log: Path, *, count: int = 12) -> tuple[str, ...]:
    """The end of a log, for a message; empty when there is none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 8192))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ()
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())[-count:]
