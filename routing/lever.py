"""A figure that might bring a goal about, with the values to try."""

from dataclasses import dataclass
from typing import Any

from routing.changes import MONEY, Change, Figure


@dataclass(frozen=True, slots=True)
class Lever:
    """A figure to change. `values` are tried in turn; without them it is walked cent by cent."""

    change: Change
    values: tuple[int, ...] = ()

    @property
    def walks(self) -> bool:
        """Whether the figure is money."""
        return self.change.figure in MONEY


def steps(figure: Figure, before: int, values: tuple[int, ...], **about: Any) -> Lever:
    """Return a lever with values to try in turn."""
    return Lever(Change(figure, before, before, **about), values)
