"""The API's description, for whoever may come in: it tells strangers nothing."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from api.deps import CallerDep

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def description(request: Request, _who: CallerDep) -> dict[str, Any]:
    """The OpenAPI document."""
    document: dict[str, Any] = request.app.openapi()
    return document


@router.get("/docs")
def docs(_who: CallerDep) -> HTMLResponse:
    """The document to read and to try out."""
    return get_swagger_ui_html(openapi_url="/openapi.json", title="Tributary API")
