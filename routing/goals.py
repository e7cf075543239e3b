"""Which other answers to an order are worth asking about: few, the most telling first.

The locations of the next best plan and the closest rivals could win; the nearest location that one
constraint removed, and the nearest that were excluded, could serve; each line left over could be
filled; each location chosen could lose.
"""

from collections.abc import Iterator
from typing import Final

from routing.contest import Aim, Goal, surveyed
from routing.decide import decide
from routing.explain import Explanation
from routing.problem import Problem
from routing.removals import Out

RIVALS: Final = 2
REMOVED: Final = 1
EXCLUDED: Final = 2
UNFILLED: Final = 3
CHOSEN: Final = 2

RULES: Final = (Out.EXCLUDED, Out.NOT_A_PICKUP_POINT, Out.NO_LANE, Out.NO_WINDOW)
"""Constraints that are no figure."""


def goals(problem: Problem) -> tuple[Goal, ...]:
    """Return the goals for a problem's one order, each once."""
    explanation = decide(problem, problem.orders[0].id).explanation
    network, choices = surveyed(problem)
    near = {network.ids[at]: rank for rank, at in enumerate(choices.chord.argsort(kind="stable"))}
    found = [
        *(Goal(Aim.FILLS, line.line) for line in explanation.winner.unfilled[:UNFILLED]),
        *(Goal(Aim.USES, place) for place in _rivals(explanation)[:RIVALS]),
        *(Goal(Aim.USES, place) for place in _removed(explanation, near)),
        *(Goal(Aim.LEAVES, place) for place in _chosen(explanation)[:CHOSEN]),
    ]
    return tuple(dict.fromkeys(found))


def _chosen(explanation: Explanation) -> list[str]:
    return list(dict.fromkeys(parcel.location for parcel in explanation.winner.parcels))


def _rivals(explanation: Explanation) -> list[str]:
    chosen, second = _chosen(explanation), explanation.runner_up
    following = [parcel.location for parcel in second.parcels] if second else []
    others = [rival.location for rival in explanation.rivals]
    return [place for place in dict.fromkeys([*following, *others]) if place not in chosen]


def _removed(explanation: Explanation, near: dict[str, int]) -> Iterator[str]:
    """One figure can bring a location back only if one constraint keeps it out."""
    by_rule: list[str] = []
    by_figure: list[str] = []
    for removal in explanation.removed:
        if len(removal.reasons) > 1:
            continue
        ruled = removal.reasons[0].kind in (
            Out.EXCLUDED,
            Out.NOT_A_PICKUP_POINT,
            Out.NO_LANE,
            Out.NO_WINDOW,
        )
        (by_rule if ruled else by_figure).extend(removal.locations)
    yield from sorted(by_figure, key=near.__getitem__)[:REMOVED]
    yield from sorted(by_rule, key=near.__getitem__)[:EXCLUDED]
