"""Start parts phase by phase, keep them up, end them in the reverse order.

One thread does it all: it asks each child in turn. Signal handlers only count, so a wish to stop
is noticed between two questions, at any moment of the start as well.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from api.stack.children import (
    Child,
    Part,
    Step,
    ask_to_stop,
    ending,
    failed,
    finish,
    start,
)
from api.stack.console import Console
from api.stack.errors import StackError
from api.stack.folders import Folders
from api.stack.waiting import until

EVERY_S: Final = 0.05
QUICK_RESTART_S: Final = 0.2
LONGEST_WAIT_S: Final = 30.0
PROVEN_S: Final = 20.0
STOPPING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """A signal called the start off."""


@dataclass(slots=True)
class _Watched:
    """A part and how it fares. `child` is None while it waits to be started again."""

    part: Part
    child: Child | None = None
    started_at: float = 0.0
    ready_at: float | None = None
    lost_at: float | None = None
    restart_at: float = 0.0
    failures: int = 0


class Supervisor:
    """The children of one `oms up`.

    A part that was ready for `proven_s` seconds has earned a quick restart again.
    """

    def __init__(self, folders: Folders, console: Console, *, proven_s: float = PROVEN_S) -> None:
        self._folders = folders
        self._console = console
        self._proven_s = proven_s
        self._phases: list[list[_Watched]] = []
        """Parts that have come up."""
        self._starting: list[_Watched] = []
        self._steps: list[tuple[Step, Child]] = []
        self._stops_asked = 0

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Within the block Ctrl-C, `kill` and a closed terminal ask for a stop.

        Under `nohup`, which has the last one ignored, it stays ignored.
        """

        def ask(_number: int, _frame: FrameType | None) -> None:
            self._stops_asked += 1

        heeded = [
            number
            for number in STOPPING_SIGNALS
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
        ]
        before = {number: signal.signal(number, ask) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, phase: Sequence[Part | Step]) -> None:
        """Start all of a phase; return once each part is ready and each step has ended well.

        Raises `PartFailed` when one does not, `Stopped` when a stop was asked for. Parts of
        earlier phases are kept up meanwhile.
        """
        self._check_stop()
        began = time.monotonic()
        for each in phase:
            if isinstance(each, Step):
                self._steps.append((each, start(each.program, self._folders)))
            else:
                watched = _Watched(each)
                self._starting.append(watched)
                self._launch(watched)
        while self._steps or any(watched.ready_at is None for watched in self._starting):
            self._check_stop()
            for watched in self._starting:
                if watched.ready_at is None:
                    self._await(watched)
            self._steps = [pair for pair in self._steps if not self._is_done(*pair, began=began)]
            self.look()
            time.sleep(EVERY_S)
        self._phases.append(self._starting)
        self._starting = []

    def run(self, *, done: Callable[[], bool] = lambda: False) -> None:
        """Keep every part up until a stop is asked for, or `done`, asked each round, says so."""
        while not self._stops_asked and not done():
            self.look()
            time.sleep(EVERY_S)

    def pid(self, name: str) -> int | None:
        """The process of a part that is up; None while the part comes up or is unknown."""
        for watched in (each for phase in self._phases for each in phase):
            if watched.part.program.name == name and watched.child and watched.ready_at is not None:
                return watched.child.pid
        return None

    def look(self) -> None:
        """Look once after every part, and start again what has ended."""
        for phase in self._phases:
            for watched in phase:
                self._look_after(watched)

    def stop(self) -> None:
        """End everything, last phase first; asking once more while it goes on kills at once."""
        enough = self._stops_asked + 1
        self._end([child for _, child in self._steps], enough)
        for phase in reversed([*self._phases, self._starting]):
            self._end([watched.child for watched in phase if watched.child], enough)
        self._steps, self._starting, self._phases = [], [], []

    def _check_stop(self) -> None:
        if self._stops_asked:
            raise Stopped

    def _launch(self, watched: _Watched) -> None:
        watched.started_at = time.monotonic()
        watched.ready_at = None
        watched.child = start(watched.part.program, self._folders)

    def _await(self, watched: _Watched) -> None:
        """Look once whether a part has come up; raise when it will not."""
        assert watched.child is not None
        if (how := ending(watched.child)) is not None:
            raise failed(watched.child, f"did not come up: {how}")
        lacking = watched.part.lacks()
        waited_s = time.monotonic() - watched.started_at
        if lacking is None:
            watched.ready_at = time.monotonic()
            self._console.ready(watched.part.program.title, seconds=waited_s)
        elif waited_s > watched.part.ready_timeout_s:
            raise failed(watched.child, f"was not ready within {waited_s:.0f} s: {lacking}")

    def _is_done(self, step: Step, child: Child, *, began: float) -> bool:
        """Look once whether a step is done; raise when it failed."""
        waited_s = time.monotonic() - began
        how = ending(child)
        if how is None:
            if waited_s > step.timeout_s:
                raise failed(child, f"was not done within {waited_s:.0f} s")
            return False
        finish(child)
        if not how.well:
            raise failed(child, f"failed: {how}")
        self._console.ready(step.program.title, seconds=waited_s)
        return True

    def _look_after(self, watched: _Watched) -> None:
        """Look once after a part that was ready before, and start it again when it ended."""
        if watched.child is None:
            if time.monotonic() >= watched.restart_at:
                self._restart(watched)
        elif (how := ending(watched.child)) is not None:
            self._lose(watched, str(how))
        elif watched.ready_at is None:
            lacking = watched.part.lacks()
            if lacking is None:
                self._welcome_back(watched)
            elif time.monotonic() - watched.started_at > watched.part.ready_timeout_s:
                self._lose(watched, f"not ready in time: {lacking}")

    def _restart(self, watched: _Watched) -> None:
        try:
            self._launch(watched)
        except (StackError, OSError) as error:
            self._lose(watched, str(error))

    def _lose(self, watched: _Watched, how: str) -> None:
        """Clear away an ended part and say when it is started again."""
        now = time.monotonic()
        if watched.child is not None:
            finish(watched.child)
            watched.child = None
        if watched.ready_at is not None and now - watched.ready_at >= self._proven_s:
            watched.failures = 0
        wait_s = QUICK_RESTART_S
        if watched.failures:
            wait_s = min(2.0 ** (watched.failures - 1), LONGEST_WAIT_S)
        watched.failures += 1
        watched.ready_at = None
        watched.lost_at = watched.lost_at or now
        watched.restart_at = now + wait_s
        program = watched.part.program
        when = f"in {wait_s:.0f} s" if wait_s >= 1 else "now"
        log = self._folders.log(program.name)
        self._console.say(
            f"{program.title} ended ({how}); starting it again {when}; log: {log}", style="yellow"
        )

    def _welcome_back(self, watched: _Watched) -> None:
        now = time.monotonic()
        away_s = now - (watched.lost_at or now)
        watched.ready_at, watched.lost_at = now, None
        self._console.say(f"{watched.part.program.title} is back after {away_s:.1f} s")

    def _end(self, children: Sequence[Child], enough: int) -> None:
        """Ask all to stop, wait as long as the slowest may take, kill what is left."""
        for child in children:
            ask_to_stop(child)
        until(
            lambda: self._stops_asked >= enough or all(map(ending, children)),
            timeout_s=max((child.program.stop_timeout_s for child in children), default=0.0),
        )
        for child in children:
            finish(child)
