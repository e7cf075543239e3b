"""The pulse of the installation for operations: what waits, and since when."""

from fastapi import APIRouter, Request, Response

from api.deps import OperatorDep, SessionDep
from api.web.rendering import by_htmx, render
from oms.reports.backlog import backlog
from oms.settings import settings

router = APIRouter(prefix="/operations/health")


@router.get("")
def page(request: Request, unit: SessionDep, who: OperatorDep) -> Response:
    """What waits to be told, applied or looked at."""
    if by_htmx(request):
        return render("operations/_health.html", waiting=backlog(unit))
    return render(
        "operations/health.html",
        who=who,
        tab="health",
        waiting=backlog(unit),
        temporal_url=settings().temporal_ui_url,
    )
