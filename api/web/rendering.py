"""Turn a template into an answer. Everything is escaped; nothing is inline but text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.web import event_wording, formats, wording
from oms.languages import templating

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templating.install(_ENVIRONMENT)
_ENVIRONMENT.filters.update(
    ago=formats.ago,
    body_text=formats.body_text,
    clock_time=formats.clock_time,
    local=formats.local,
    price=formats.price,
    remaining=formats.remaining,
    units=formats.units,
    urgency=formats.urgency,
    utc=formats.utc,
    wait_urgency=formats.wait_urgency,
    waited=formats.waited,
    weight=formats.weight,
    words=formats.words,
)
_ENVIRONMENT.globals.update(
    wording=wording, event_wording=event_wording, fresh_id=lambda: uuid4().hex
)


def render(
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> HTMLResponse:
    """An HTML answer from a template and the facts that it shows."""
    html = _ENVIRONMENT.get_template(template).render(**facts)
    return HTMLResponse(html, status_code=status, headers=dict(headers or {}))


def by_htmx(request: Request) -> bool:
    """Whether the page asks for a piece of itself."""
    return request.headers.get("HX-Request") == "true"
