"""Kill parts of the stack at random moments, and see how long each is missed."""

import os
import random
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from api.chaos.journal import Acknowledgement
from api.stack import postgres
from api.stack.folders import Folders
from api.stack.locks import holders
from api.stack.postgres_cluster import ROLE
from api.stack.supervisor import Supervisor

_FIRST, _LAST = 0.02, 0.95
"""Between these shares of all orders the kills take place."""
_LONGEST_DELAY_S: Final = 0.5
_CLIENT_BACKEND: Final = f" {ROLE} {ROLE} "
"""How the title of a process that serves one connection names its role and database."""


class Victim(StrEnum):
    """What is killed."""

    WEB = "web process"
    DATABASE = "database server"
    CONNECTION = "database connection's process"
    EVERYTHING = "database server and every web process"


_OFTEN: Final = {
    Victim.WEB: 9,
    Victim.DATABASE: 7,
    Victim.CONNECTION: 3,
    Victim.EVERYTHING: 1,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One kill to come: once so many orders are closed, and so much later."""

    victim: Victim
    after_orders: int
    delay_s: float


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill. `door` is the number of the killed web process, None if the database was hit."""

    victim: Victim
    at_s: float
    after_orders: int
    door: int | None


def plan(*, kills: int, orders: int, seed: int) -> tuple[Plan, ...]:
    """When to kill what: every kind of victim comes up before any comes up out of turn."""
    chance = random.Random(seed)
    # The everyday deaths first, so that a short run has them; drawn by lot once all had a turn.
    victims = [*_OFTEN][:kills]
    victims += chance.choices([*_OFTEN], [*_OFTEN.values()], k=kills - len(victims))
    chance.shuffle(victims)
    moments = sorted(chance.uniform(_FIRST, _LAST) for _ in victims)
    return tuple(
        Plan(victim, int(moment * orders), chance.uniform(0, _LONGEST_DELAY_S))
        for victim, moment in zip(victims, moments, strict=True)
    )


class Killer:
    """Carries the plan out, one kill at a time, with SIGKILL and only on the stack's own parts."""

    def __init__(
        self,
        plans: Sequence[Plan],
        supervisor: Supervisor,
        folders: Folders,
        *,
        doors: Sequence[str],
        seed: int,
    ) -> None:
        self.kills: list[Kill] = []
        self._left = list(reversed(plans))
        self._supervisor = supervisor
        self._folders = folders
        self._doors = doors
        self._chance = random.Random(seed)
        self._due_at_s: float | None = None

    def look(self, *, closed: int) -> Kill | None:
        """Kill if it is time, with so many orders closed, and if the victim is up."""
        if not self._left or closed < self._left[-1].after_orders:
            return None
        if self._due_at_s is None:
            self._due_at_s = time.monotonic() + self._left[-1].delay_s
        if time.monotonic() < self._due_at_s:
            return None
        kill = self._strike(self._left[-1].victim, closed)
        if kill is not None:
            self.kills.append(kill)
            self._left.pop()
            self._due_at_s = None
        return kill

    def _strike(self, victim: Victim, closed: int) -> Kill | None:
        pids: list[int | None]
        door: int | None = None
        match victim:
            case Victim.WEB:
                door = self._chance.randrange(len(self._doors))
                pids = [self._supervisor.pid(self._doors[door])]
            case Victim.DATABASE:
                pids = [self._supervisor.pid(postgres.NAME)]
            case Victim.CONNECTION:
                pids = [self._connection()]
            case Victim.EVERYTHING:
                pids = [self._supervisor.pid(name) for name in (postgres.NAME, *self._doors)]
        found = [pid for pid in pids if pid is not None]
        if len(found) < len(pids):
            return None
        at_s = time.monotonic()
        for pid in found:
            with suppress(ProcessLookupError):  # a connection's process may end by itself
                os.kill(pid, signal.SIGKILL)
        return Kill(victim, at_s, closed, door)

    def _connection(self) -> int | None:
        """One of the server's processes that serve a connection, found by the server's lock."""
        server = self._supervisor.pid(postgres.NAME)
        if server is None:
            return None
        serving = [
            pid
            for pid in holders(self._folders.lock(postgres.NAME))
            if pid != server and _CLIENT_BACKEND in _title(pid)
        ]
        return self._chance.choice(serving) if serving else None


def recovery_s(kill: Kill, acknowledgements: Sequence[Acknowledgement]) -> float | None:
    """Seconds from the kill to the first answer to a message sent after it, through that door.

    Through any door if the database was hit. None if the run ended before.
    """
    later = (
        one.at_s - kill.at_s
        for one in acknowledgements
        if one.sent_at_s > kill.at_s and kill.door in (None, one.door)
    )
    return min(later, default=None)


def _title(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""
