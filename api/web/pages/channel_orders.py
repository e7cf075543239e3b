"""Whether the channels' orders are all here, for operations."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from api.deps import OperatorDep, SessionDep
from api.web.rendering import by_htmx, render
from oms import clock
from oms.channels import polling
from oms.channels.registry import configured
from oms.reports import channels
from oms.settings import settings

router = APIRouter(prefix="/operations/channels")
_SHOWN = 50
_SPAN = timedelta(days=7)


@router.get("")
def page(request: Request, unit: SessionDep, who: OperatorDep) -> Response:
    """Up to when each channel was asked for its orders, and what it had not told us."""
    if by_htmx(request):
        return render("operations/_channels.html", **_facts(unit))
    return render("operations/channels.html", who=who, tab="channels", **_facts(unit))


def _facts(unit: Session) -> dict[str, Any]:
    asked = [code for code, each in configured(settings()).items() if each.poller is not None]
    return {
        "channels": channels.by_channel(unit, asked),
        "missed": polling.repairs(unit, since=clock.now() - _SPAN, limit=_SHOWN),
    }
