"""The versions of the routing policy and the joint runs, for operations."""

from itertools import pairwise
from typing import Any

from fastapi import APIRouter, Request, Response

from api.deps import OperatorDep, SessionDep
from api.reports import promotions
from api.web.rendering import by_htmx, render
from oms import clock
from oms.sourcing import policies, runs, weighing

router = APIRouter(prefix="/operations/routing")

_SHOWN = 20
_RUNS_SHOWN = 10


@router.get("")
def page(request: Request, unit: SessionDep, who: OperatorDep) -> Response:
    """What is in force, what joint runs have moved, and every version with what it changed."""
    rows = policies.listed(unit)[: _SHOWN + 1]
    stated = [policies.in_force(row).policy for row in rows]
    current = policies.current(unit)
    facts: dict[str, Any] = {
        "now": clock.now(),
        "rows": rows[:_SHOWN],
        "current": current,
        "weighed": weighing.in_words(current.policy),
        "runs": [(run, runs.counts(unit, run)) for run in runs.newest(unit, limit=_RUNS_SHOWN)],
        "replays": {row.version: promotions.words(row) for row in rows},
        "changes": {
            row.version: policies.differences(old, new)
            for row, (new, old) in zip(rows, pairwise(stated), strict=False)
        },
    }
    if by_htmx(request):
        return render("operations/_routing.html", **facts)
    return render("operations/routing.html", who=who, tab="routing", **facts)
