"""How far a simulation has come, in a file that is whole at any moment.

The file is written beside its place and then put there, so that whoever is stopped finds the last
whole day.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from oms.errors import Invalid
from oms.replays.figures import Part
from oms.simulation.shelves import Account, Shelves, Waiting

KIND: Literal["tributary.simulation-state"] = "tributary.simulation-state"


class DayTold(Part):
    """One day under one policy."""

    day: date
    decisions: int
    cost_minor: int


class Stage(Part):
    """One policy's part of the state."""

    free: list[tuple[str, str, int]]
    waiting: list[Waiting]
    given: list[tuple[datetime, str]]
    stirred_at: datetime | None
    bid_prices: list[tuple[str, str, int]]
    account: Account
    days: list[DayTold]

    def shelves(self) -> Shelves:
        """The shelves as they were."""
        return Shelves(
            free={(sku, code): units for sku, code, units in self.free},
            waiting={one.asked.id: one for one in self.waiting},
            given=list(self.given),
            stirred_at=self.stirred_at,
            bid_prices={(sku, code): cents for sku, code, cents in self.bid_prices},
        )


class State(Part):
    """The whole state after some days."""

    kind: Literal["tributary.simulation-state"] = KIND
    of: str
    """A digest of all that decides what comes out."""
    start: date
    done: int
    """Days that are simulated."""
    policies: dict[str, Stage]


def stage_of(shelves: Shelves, account: Account, days: list[DayTold]) -> Stage:
    """One policy's part, to be kept."""
    return Stage(
        free=[(sku, code, units) for (sku, code), units in shelves.free.items()],
        waiting=list(shelves.waiting.values()),
        given=shelves.given,
        stirred_at=shelves.stirred_at,
        bid_prices=[(sku, code, cents) for (sku, code), cents in shelves.bid_prices.items()],
        account=account,
        days=days,
    )


def digest(parts: Iterable[str]) -> str:
    """A digest of some texts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part.encode()).digest())
    return whole.hexdigest()


def read(path: Path) -> State | None:
    """The state in a file; None where there is no file. Raises `Invalid` for another file."""
    try:
        return State.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}", field="state") from error
    except ValidationError as error:
        raise Invalid(
            f"{path} is no state of a simulation", field="state", remedy="name another file"
        ) from error


def write(path: Path, state: State) -> None:
    """Put a state in the place of the one before, all of it or nothing."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(state.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def require_same(state: State, *, of: str, policies: Mapping[str, object], days: int) -> None:
    """Refuse to go on with what is another simulation."""
    if state.of != of or set(state.policies) != set(policies):
        raise Invalid(
            "the state file is of another simulation: network, policies, demand or settings differ",
            field="state",
            remedy="name another file, or remove it to begin anew",
        )
    if state.done > days:
        raise Invalid(
            f"{state.done} days are simulated already, more than the weeks asked for",
            field="weeks",
            remedy="ask for as many weeks or more, or name another state file",
        )
