"""Customers at the car, as the associates of a store meet them: take it, let it go, gone again."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from api import counterwork
from api.deps import IdempotencyKey, ItemId, SessionDep
from api.schemas.curbside import HereIn, VisitSeenIn
from api.web.pages.pickups import done
from api.web.people import AtLocationDep
from oms.pickup import arrivals

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
    here = at.location.id
    counterwork.visit(unit, at.who, pickup_id, store=here, key=key, body=form, does=arrivals.take)
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
    here = at.location.id
    counterwork.visit(unit, at.who, pickup_id, store=here, key=key, body=form, does=arrivals.take)
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
    here = at.location.id
    counterwork.visit(unit, at.who, pickup_id, store=here, key=key, body=form, does=arrivals.let_go)
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
    here = at.location.id
    counterwork.visit(unit, at.who, pickup_id, store=here, key=key, body=form, does=arrivals.gone)
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
    counterwork.here(unit, at.who, pickup_id, store=at.location.id, key=key, body=form)
    return done(unit, at, pickup_id, "The customer is at the car; the clock runs.")
