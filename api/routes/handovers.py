"""Goods and customer meet at the counter: hand over, undo it, take back what is not wanted."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api import counterwork
from api.deps import IdempotencyKey, ItemId, SessionDep, StoreDep, StoreWorker
from api.schemas.stores import HandOverIn, PickupOut, PutBackIn, SeenIn
from oms.pickup.handover import Shown

router = APIRouter(prefix="/v1/stores/{code}/pickups/{pickup_id}", tags=["pickup queue"])


@router.post("/hand-over", responses={403: {"description": "the proof is wrong"}})
def hand_over(
    pickup_id: ItemId,
    body: HandOverIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> Any:
    """Hand over to whoever shows the QR code, the six digits or a document.

    With `taken` only that: the rest waits on under its code, or is declined, which pays it back
    and has it put back. Until `undo_until` it can be undone; stock, money and the channel's notice
    wait for that. A wrong code answers 403 `wrong_code` with the attempts left; five lock the
    pickup. 409 `not_staged` names what is not on a shelf yet in `facts.missing`.
    """
    answer = counterwork.hand_over(
        session,
        who,
        pickup_id,
        store=store.id,
        key=key,
        body=body,
        shown=Shown(body.proof, body.value, body.collected_by or None, body.signature),
        taken=body.taken,
        rest=body.rest,
    )
    if "error" in answer:
        return JSONResponse(answer, status_code=403)
    return PickupOut.model_validate(answer)


@router.post("/undo")
def undo(
    pickup_id: ItemId,
    body: SeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """Take a hand-over back, until its `undo_until`; 409 `too_late_to_undo` afterwards."""
    answer = counterwork.undo(session, who, pickup_id, store=store.id, key=key, body=body)
    return PickupOut.model_validate(answer)


@router.post("/decline")
def decline(
    pickup_id: ItemId,
    body: SeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """The customer wants none of it: it is called off and paid back, and is to be put back."""
    answer = counterwork.decline(session, who, pickup_id, store=store.id, key=key, body=body)
    return PickupOut.model_validate(answer)


@router.post("/put-back")
def put_back(
    pickup_id: ItemId,
    body: PutBackIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """The goods of a pickup that nobody fetched or wanted are on the sales shelf again."""
    answer = counterwork.put_back(
        session, who, pickup_id, store=store.id, key=key, body=body, counted=body.counted
    )
    return PickupOut.model_validate(answer)
