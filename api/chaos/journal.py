"""Every acknowledgement that was received, written down before anything else is done with it."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A 2xx answer to one message. Times are seconds of one monotonic clock."""

    story: str
    message: str
    door: int
    status: int
    reference: str
    """The id that the answer gave the order, or the message."""
    sent_at_s: float
    at_s: float


class Journal:
    """An append-only file of acknowledgements; each line is in the file before `keep` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self.count = 0
        """How many were kept."""

    def keep(self, acknowledgement: Acknowledgement) -> None:
        """Write one down."""
        self._file.write(json.dumps(asdict(acknowledgement)) + "\n")
        self._file.flush()
        self.count += 1

    def sync(self) -> None:
        """Make sure that the disk has all of it."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync, then close the file."""
        self.sync()
        self._file.close()


def read(path: Path) -> tuple[Acknowledgement, ...]:
    """All that was written down, in sequence."""
    with path.open(encoding="utf-8") as lines:
        return tuple(_parsed(lines))


def _parsed(lines: Iterable[str]) -> Iterable[Acknowledgement]:
    return (Acknowledgement(**json.loads(line)) for line in lines)
