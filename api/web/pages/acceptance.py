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
def page(request: Request, unit: SessionDep, who: OperatorDep) -> Response:
    """Every location as a whole, and each class that something is known or said of."""
    if by_htmx(request):
        return render("operations/_acceptance.html", **_facts(unit))
    return render("operations/acceptance.html", who=who, tab="acceptance", **_facts(unit))


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


def _facts(unit: Session) -> dict[str, Any]:
    rows = acceptance.listed(unit)
    return {
        "rows": rows,
        "places": {row.location: row.name for row in rows},
        "classes": sorted({row.sku_class for row in rows if row.sku_class}),
        "network": acceptance.prior(unit).mean(),
    }


def _done(unit: Session, said: str) -> Response:
    unit.flush()
    return render(
        "operations/_acceptance_done.html", said=said, good=True, remedy=None, **_facts(unit)
    )
