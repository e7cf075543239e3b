"""How likely locations accept work, for operations: learned, and overridden."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import OperatorDep, SessionDep
from api.schemas.base import In
from api.schemas.orders import Name, Text
from api.schemas.routing import SkuClass
from api.web.rendering import by_htmx, render
from oms import clock
from oms.locations import queries as locations
from oms.sourcing import acceptance, overriding

router = APIRouter(prefix="/operations/acceptance")


class OverrideForm(In):
    """A person's word; without days it holds until it is taken back."""

    location: Name
    sku_class: SkuClass = ""
    percent: Annotated[float, Field(ge=0, le=100)]
    reason: Text = ""
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class ClearForm(In):
    """Whose word ends."""

    location: Name
    sku_class: SkuClass = ""


@router.get("")
def page(
    request: Request, unit: SessionDep, who: OperatorDep, location: str | None = None
) -> Response:
    """Every location as a whole and what was overridden; of one location, every class."""
    facts = _facts(unit, location)
    if by_htmx(request):
        return render("operations/_acceptance.html", **facts)
    return render("operations/acceptance.html", who=who, tab="acceptance", **facts)


@router.post("/override")
def override(form: Annotated[OverrideForm, Form()], unit: SessionDep, who: OperatorDep) -> Response:
    """Say what routing reckons with instead."""
    overriding.set_override(
        unit,
        form.location,
        sku_class=form.sku_class,
        probability=form.percent / 100,
        reason=form.reason,
        until=_until(form.days),
        actor=who.actor,
    )
    return _done(unit, f"{form.location} is reckoned with at {form.percent:g} %.")


@router.post("/clear")
def clear(form: Annotated[ClearForm, Form()], unit: SessionDep, who: OperatorDep) -> Response:
    """Let what was learned count again."""
    overriding.clear_override(
        unit,
        form.location,
        sku_class=form.sku_class,
        because="taken back on the page",
        actor=who.actor,
    )
    return _done(unit, f"At {form.location} what was learned counts again.")


def _until(days: int | None) -> datetime | None:
    return clock.now().astimezone(UTC) + timedelta(days=days) if days else None


def _facts(unit: Session, location: str | None = None) -> dict[str, Any]:
    return {
        "rows": acceptance.listed(unit, location=location),
        "chosen": location,
        "places": {place.code: place.name for place in locations.active(unit)},
        "network": acceptance.prior(unit).mean(),
    }


def _done(unit: Session, said: str) -> Response:
    unit.flush()
    return render(
        "operations/_acceptance_done.html", said=said, good=True, remedy=None, **_facts(unit)
    )
