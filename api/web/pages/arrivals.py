"""Customers at the car, as the associates of a store meet them: take it, let it go, gone again."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Response
from sqlmodel import Session

from api.curbside_json import visit_document, without_car
from api.deps import IdempotencyKey, ItemId, SessionDep
from api.schemas.base import In
from api.schemas.curbside import HereIn, VisitSeenIn
from api.storework import once_at_store
from api.web.pages.pickups import done
from api.web.people import AtLocation, AtLocationDep
from oms.pickup import arrivals
from oms.pickup.arrivals import Car
from oms.pickup.curbside_models import Arrival

router = APIRouter(prefix="/store")


@router.post("/arrivals/{pickup_id}/take")
def take_from_queue(
    pickup_id: ItemId,
    form: Annotated[VisitSeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Go to the car, straight from the queue; the pickup opens for the hand-over."""
    _take(unit, at, key, pickup_id, form)
    return Response(headers={"HX-Redirect": f"/store/pickups/{pickup_id}"})


@router.post("/pickups/{pickup_id}/arrival/take")
def take(
    pickup_id: ItemId,
    form: Annotated[VisitSeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Go to the car."""
    _take(unit, at, key, pickup_id, form)
    return done(unit, at, pickup_id, "It is yours. Take the goods to the car and hand them over.")


@router.post("/pickups/{pickup_id}/arrival/let-go")
def let_go(
    pickup_id: ItemId,
    form: Annotated[VisitSeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Leave it to somebody else."""

    def carry_out() -> Arrival:
        return arrivals.let_go(
            unit,
            pickup_id,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("let-go", pickup_id, form), carry_out)
    return done(unit, at, pickup_id, "Left to somebody else. The alarm rings again.")


@router.post("/pickups/{pickup_id}/arrival/gone")
def gone(
    pickup_id: ItemId,
    form: Annotated[VisitSeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Nobody is there any more."""

    def carry_out() -> Arrival:
        return arrivals.gone(
            unit,
            pickup_id,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("gone", pickup_id, form), carry_out)
    return done(unit, at, pickup_id, "Noted. The goods wait on; the customer may come again.")


@router.post("/pickups/{pickup_id}/arrival/here")
def here(
    pickup_id: ItemId,
    form: Annotated[HereIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The customer called, or is seen."""

    def carry_out() -> Arrival:
        car = Car(**form.model_dump())
        return arrivals.here_by_staff(
            unit, pickup_id, car, actor=at.who.actor, location_id=at.location.id
        )

    _once(unit, at, key, ("here", pickup_id, without_car(form)), carry_out)
    return done(unit, at, pickup_id, "The customer is at the car; the clock runs.")


def _take(unit: Session, at: AtLocation, key: str, pickup_id: ItemId, form: VisitSeenIn) -> None:
    def carry_out() -> Arrival:
        return arrivals.take(
            unit,
            pickup_id,
            actor=at.who.actor,
            location_id=at.location.id,
            version=form.version,
        )

    _once(unit, at, key, ("take", pickup_id, form), carry_out)


def _once(
    unit: Session,
    at: AtLocation,
    key: str,
    request: tuple[str, ItemId, In],
    carry_out: Callable[[], Arrival],
) -> None:
    name, pickup_id, form = request
    once_at_store(
        unit,
        at.who,
        key,
        (f"arrival {name}", pickup_id, form),
        lambda: visit_document(unit, carry_out()),
    )
