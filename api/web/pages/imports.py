"""Bulk imports for operations: send a file, watch it, fetch what was wrong with it."""

from fastapi import APIRouter, Request, Response

from api.deps import OperatorDep, SessionDep
from api.web.rendering import by_htmx, render
from oms.imports import beginning

router = APIRouter(prefix="/operations/imports")

_SHOWN = 30


@router.get("")
def page(request: Request, unit: SessionDep, who: OperatorDep) -> Response:
    """The form and the imports begun last; the list alone when the page refreshes itself."""
    tasks = beginning.newest(unit, limit=_SHOWN)
    if by_htmx(request):
        return render("operations/_imports.html", tasks=tasks)
    return render("operations/imports.html", who=who, tab="imports", tasks=tasks)
