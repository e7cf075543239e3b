"""How the channels' stock figures stand, for operations."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from api.deps import OperatorDep, SessionDep
from api.web.rendering import by_htmx, render
from oms.publishing import channels, drifting, owing
from oms.reports import publishing
from oms.settings import settings

router = APIRouter(prefix="/operations/stock")
_DRIFT_SHOWN = 50


@router.get("")
def page(request: Request, unit: SessionDep, who: OperatorDep) -> Response:
    """What channels are owed and were told, what they refuse, and where they disagreed."""
    if by_htmx(request):
        return render("operations/_stock.html", **_facts(unit))
    return render("operations/stock.html", who=who, tab="stock", **_facts(unit))


@router.post("/publish")
def publish(unit: SessionDep, _who: OperatorDep) -> Response:
    """Owe every channel everything anew, as after a cause was mended."""
    owing.owe_everything(unit, channels=channels.publishing(settings()), now=True)
    unit.flush()
    return render(
        "operations/_stock_done.html",
        said="Every channel is told of all its articles again.",
        good=True,
        remedy=None,
        **_facts(unit),
    )


def _facts(unit: Session) -> dict[str, Any]:
    return {
        "channels": publishing.by_channel(unit, channels.publishing(settings())),
        "refused": publishing.refused(unit),
        "drift": drifting.newest(unit, limit=_DRIFT_SHOWN),
    }
