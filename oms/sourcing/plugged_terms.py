"""Cost terms that other packages bring: found by the entry points of one group, by name.

docs/cost-terms.md tells how a package brings one. What cannot be loaded is no term, and it is said
why.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from routing.terms import CostTerm
from routing.weighing import TermFault

GROUP: Final = "tributary.cost_terms"


def installed() -> Sequence[str]:
    """The names of the terms that packages of this process bring."""
    return sorted(_points())


def load(name: str) -> CostTerm:
    """The term of this name. Raises `TermFault` if there is none, or if it cannot be loaded."""
    points = _points().get(name, ())
    if not points:
        known = ", ".join(installed()) or "none"
        raise TermFault(name, f"no package brings it; installed here: {known}")
    if len(points) > 1:
        raise TermFault(name, f"several packages bring it: {', '.join(map(_whose, points))}")
    try:
        found = points[0].load()
    except Exception as error:  # whatever is plugged in, the order is decided
        raise TermFault(name, f"loading raised {type(error).__name__}: {error}") from error
    if not isinstance(found, CostTerm):
        raise TermFault(name, f"{points[0].value} is a {type(found).__name__}, not a CostTerm")
    if found.name != name:
        raise TermFault(name, f"{points[0].value} calls itself {found.name!r}")
    return found


@cache
def _points() -> Mapping[str, Sequence[EntryPoint]]:
    """Looked up once: packages do not come and go in a process, and looking takes milliseconds."""
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        others = found.setdefault(point.name, [])
        if all(other.value != point.value for other in others):
            others.append(point)
    return found


def _whose(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
