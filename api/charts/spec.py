"""What a chart shows, whoever draws it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chart:
    """A group of bars for each of `groups`, one bar of each series.

    `show` writes a figure as people read it: with its currency, as a share, as a count.
    """

    title: str
    groups: Sequence[str]
    series: Mapping[str, Sequence[float]]
    show: Callable[[float], str] = "{:,g}".format
