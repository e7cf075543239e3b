"""How likely locations accept work: learned, and what a person says instead."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import OperatorDep, OrderReader, SessionDep
from api.schemas.routing import AcceptanceOut, ClearIn, OverrideIn, OverrideOut
from oms.sourcing import acceptance, overriding

router = APIRouter(prefix="/v1/routing/acceptance", tags=["routing"])


@router.get("")
def read(
    session: SessionDep,
    _who: OrderReader,
    location: Annotated[str | None, Query(max_length=200)] = None,
) -> list[AcceptanceOut]:
    """Every active location as a whole, and each class that a person spoke of.

    With `location`, each class that anything is known of there.
    """
    return [
        AcceptanceOut.model_validate(one) for one in acceptance.listed(session, location=location)
    ]


@router.post("", status_code=201)
def set_override(body: OverrideIn, session: SessionDep, who: OperatorDep) -> OverrideOut:
    """Say what routing reckons with instead. Saying the same again changes nothing."""
    row = overriding.set_override(
        session,
        body.location,
        sku_class=body.sku_class,
        probability=body.probability,
        reason=body.reason,
        until=body.until,
        actor=who.actor,
    )
    return OverrideOut.model_validate(row)


@router.post("/clear")
def clear_override(body: ClearIn, session: SessionDep, who: OperatorDep) -> OverrideOut:
    """Let what was learned count again."""
    row = overriding.clear_override(
        session, body.location, sku_class=body.sku_class, because=body.because, actor=who.actor
    )
    return OverrideOut.model_validate(row)
