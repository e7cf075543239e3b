"""The list of orders for operations: filter, search, page by page."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from api.deps import OperatorDep, SessionDep
from api.web.rendering import by_htmx, render
from oms.exceptions import cases
from oms.orders import listing
from oms.orders.models import OrderStatus

router = APIRouter(prefix="/operations")

Text = Annotated[str, Query(max_length=120)]


@router.get("")
def page(
    request: Request,
    unit: SessionDep,
    who: OperatorDep,
    status: Text = "",
    channel: Text = "",
    search: Text = "",
    older_than: Annotated[int | None, Query(gt=0)] = None,
) -> Response:
    """Orders, the newest first; the list alone when the page refreshes itself."""
    wanted = OrderStatus(status) if status in set(OrderStatus) else None
    found = listing.page(unit, status=wanted, channel=channel, search=search, older_than=older_than)
    filters = {"status": wanted or "", "channel": channel, "search": search}
    facts: dict[str, Any] = {
        "found": found,
        "filters": filters,
        "this_page": _path(filters, older_than),
        "first_page": _path(filters, None),
        "next_page": _path(filters, found.older_than) if found.older_than else None,
        "paged": older_than is not None,
        "counts": listing.open_by_status(unit),
    }
    if by_htmx(request):
        return render("operations/_orders.html", **facts)
    return render("operations/orders.html", who=who, tab="orders", **facts, **_choices(unit))


def _choices(unit: Session) -> dict[str, Any]:
    return {
        "statuses": list(OrderStatus),
        "channels": listing.channels(unit),
        "open_cases": len(cases.open_cases(unit)),
    }


def _path(filters: dict[str, str], older_than: int | None) -> str:
    query = {name: str(value) for name, value in filters.items() if value}
    if older_than is not None:
        query["older_than"] = str(older_than)
    return f"/operations?{urlencode(query)}" if query else "/operations"
