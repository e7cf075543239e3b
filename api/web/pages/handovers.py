"""The counter: hand a pickup over, undo it within its minute, and put back what nobody takes."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from api import counterwork
from api.deps import IdempotencyKey, ItemId, SessionDep
from api.schemas.stores import SeenIn
from api.web.forms import HandOverForm, PutBackForm, picked
from api.web.pages.pickups import done
from api.web.people import AtLocationDep
from oms.pickup.models import Rest

router = APIRouter(prefix="/store/pickups/{pickup_id}")


@router.post("/hand-over")
def hand_over(
    pickup_id: ItemId,
    form: Annotated[HandOverForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Hand the goods over, or say that the code is wrong and how many attempts are left."""
    taken = form.taken()
    answer = counterwork.hand_over(
        unit,
        at.who,
        pickup_id,
        store=at.location.id,
        key=key,
        body=form,
        shown=form.shown(),
        taken=taken,
        rest=form.rest,
    )
    if error := answer.get("error"):
        return done(unit, at, pickup_id, error["message"], remedy=error["remedy"], status=403)
    said = "Handed over."
    if taken is not None:
        said += " The rest is to be put back." if form.rest is Rest.DECLINED else " The rest waits."
    return done(unit, at, pickup_id, said)


@router.post("/undo")
def undo(
    pickup_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """Take the hand-over back."""
    counterwork.undo(unit, at.who, pickup_id, store=at.location.id, key=key, body=form)
    return done(unit, at, pickup_id, "Undone. Put the goods back on their shelf.")


@router.post("/decline")
def decline(
    pickup_id: ItemId,
    form: Annotated[SeenIn, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The customer does not want any of it."""
    counterwork.decline(unit, at.who, pickup_id, store=at.location.id, key=key, body=form)
    return done(unit, at, pickup_id, "Called off. Take the goods back to where they are sold.")


@router.post("/put-back")
def put_back(
    pickup_id: ItemId,
    form: Annotated[PutBackForm, Form()],
    unit: SessionDep,
    at: AtLocationDep,
    key: IdempotencyKey,
) -> Response:
    """The goods are on the sales shelf again; each was scanned there."""
    counted = picked(form.sku, form.units)
    counterwork.put_back(
        unit, at.who, pickup_id, store=at.location.id, key=key, body=form, counted=counted
    )
    return done(unit, at, pickup_id, "Back on the shelf, and on sale again.")
