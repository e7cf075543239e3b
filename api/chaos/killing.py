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

_FIRST, _LAST = 0.02, 0.8
"""Between these shares of all orders the kills take place."""
_PATIENCE_S, _LONGEST_PAUSE_S = 10.0, 1.0
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
    """One kill to come, once so many orders are closed."""

    victim: Victim
    after_orders: int


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
        Plan(victim, int(moment * orders)) for victim, moment in zip(victims, moments, strict=True)
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
        orders: int,
        seed: int,
    ) -> None:
        self.kills: list[Kill] = []
        self._left = list(reversed(plans))
        self._supervisor = supervisor
        self._folders = folders
        self._doors = doors
        self._orders = orders
        self._chance = random.Random(seed)

    def look(self, *, closed: int) -> Kill | None:
        """Kill if it is time, with so many orders closed, and if the victim is up."""
        if not self._is_due(closed):
            return None
        kill = self._strike(self._left[-1].victim, closed)
        if kill is not None:
            self.kills.append(kill)
            self._left.pop()
        return kill

    def pause_s(self, *, closed: int) -> float:
        """How long to wait before each new order: not at all, unless a kill is overdue.

        Its victim is still coming up then. The orders that are left must not run out before all
        kills are done, and none of them may meet a system at rest.
        """
        if not self._is_due(closed):
            return 0.0
        orders_left = max(1, self._orders - closed)
        return min(_LONGEST_PAUSE_S, _PATIENCE_S * len(self._left) / orders_left)

    def _is_due(self, closed: int) -> bool:
        return bool(self._left) and closed >= self._left[-1].after_orders

    def _strike(self, victim: Victim, closed: int) -> Kill | None:
        """Kill it if it is up; which of several is left to chance."""
        server = self._supervisor.pid(postgres.NAME)
        doors = {
            number: pid
            for number, name in enumerate(self._doors)
            if (pid := self._supervisor.pid(name)) is not None
        }
        door: int | None = None
        pids: list[int] = []
        match victim:
            case Victim.WEB if doors:
                door = self._chance.choice(list(doors))
                pids = [doors[door]]
            case Victim.DATABASE if server:
                pids = [server]
            case Victim.CONNECTION if server:
                pids = self._connection(server)
            case Victim.EVERYTHING if server and doors:
                pids = [server, *doors.values()]
            case _:
                pass
        if not pids:
            return None
        at_s = time.monotonic()
        for pid in pids:
            with suppress(ProcessLookupError):  # a connection's process may end by itself
                os.kill(pid, signal.SIGKILL)
        return Kill(victim, at_s, closed, door)

    def _connection(self, server: int) -> list[int]:
        """One of the server's processes that serve a connection, found by the server's lock."""
        serving = [
            pid
            for pid in holders(self._folders.lock(postgres.NAME))
            if pid != server and _CLIENT_BACKEND in _title(pid)
        ]
        return [self._chance.choice(serving)] if serving else []


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
