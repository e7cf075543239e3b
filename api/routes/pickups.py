"""The pickup queue of one store."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.deps import IdempotencyKey, ItemId, SessionDep, StoreDep, StoreWorker
from api.schemas.stores import HandOverIn, PickupOut, PutBackIn, ReadyIn, RejectIn, SeenIn
from api.storework import once_at_store, wrong_code_error
from oms.pickup import expiry, handover, preparing, queue
from oms.pickup.handover import Shown, WrongCode

router = APIRouter(prefix="/v1/stores/{code}/pickups", tags=["pickup queue"])


@router.get("")
def read_queue(session: SessionDep, store: StoreDep) -> list[PickupOut]:
    """The store's open pickups, the most urgent first."""
    return [PickupOut.model_validate(item) for item in queue.queue(session, location_id=store.id)]


@router.get("/{pickup_id}")
def read(pickup_id: ItemId, session: SessionDep, store: StoreDep) -> PickupOut:
    """One pickup of the store."""
    return PickupOut.model_validate(queue.item(session, pickup_id, location_id=store.id))


@router.post("/{pickup_id}/start")
def start(
    pickup_id: ItemId,
    body: SeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """Take a pickup in hand."""

    def carry_out() -> dict[str, Any]:
        preparing.start(
            session, pickup_id, actor=who.actor, location_id=store.id, version=body.version
        )
        return _shown(session, store, pickup_id)

    return PickupOut.model_validate(
        once_at_store(session, who, key, ("start", pickup_id, body), carry_out)
    )


@router.post("/{pickup_id}/take-over")
def take_over(
    pickup_id: ItemId,
    body: SeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """Pick on in place of whoever began."""

    def carry_out() -> dict[str, Any]:
        preparing.take_over(
            session, pickup_id, actor=who.actor, location_id=store.id, version=body.version
        )
        return _shown(session, store, pickup_id)

    return PickupOut.model_validate(
        once_at_store(session, who, key, ("take-over", pickup_id, body), carry_out)
    )


@router.post("/{pickup_id}/ready")
def ready(
    pickup_id: ItemId,
    body: ReadyIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """Everything is picked and lies on the named shelf; the customer is told."""

    def carry_out() -> dict[str, Any]:
        preparing.mark_ready(
            session,
            pickup_id,
            picked=body.picked,
            shelf=body.shelf,
            actor=who.actor,
            location_id=store.id,
            version=body.version,
        )
        return _shown(session, store, pickup_id)

    return PickupOut.model_validate(
        once_at_store(session, who, key, ("ready", pickup_id, body), carry_out)
    )


@router.post("/{pickup_id}/hand-over", responses={403: {"description": "the proof is wrong"}})
def hand_over(
    pickup_id: ItemId,
    body: HandOverIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> Any:
    """Hand everything over to whoever shows the QR code, the six digits or a document.

    A wrong code answers 403 `wrong_code` with the attempts left; five lock the pickup.
    """

    def carry_out() -> dict[str, Any]:
        outcome = handover.hand_over(
            session,
            pickup_id,
            Shown(proof=body.proof, value=body.value, collected_by=body.collected_by or None),
            actor=who.actor,
            location_id=store.id,
            device_id=who.device_id,
            version=body.version,
        )
        if isinstance(outcome, WrongCode):
            return wrong_code_error(outcome)
        return _shown(session, store, pickup_id)

    answer = once_at_store(session, who, key, ("hand-over", pickup_id, body), carry_out)
    if "error" in answer:
        return JSONResponse(answer, status_code=403)
    return PickupOut.model_validate(answer)


@router.post("/{pickup_id}/reject")
def reject(
    pickup_id: ItemId,
    body: RejectIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """The store cannot prepare it; say why."""

    def carry_out() -> dict[str, Any]:
        preparing.reject(
            session,
            pickup_id,
            reason=body.reason,
            skus=body.skus,
            note=body.note,
            actor=who.actor,
            location_id=store.id,
            version=body.version,
        )
        return _shown(session, store, pickup_id)

    return PickupOut.model_validate(
        once_at_store(session, who, key, ("reject", pickup_id, body), carry_out)
    )


@router.post("/{pickup_id}/put-back")
def put_back(
    pickup_id: ItemId,
    body: PutBackIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupOut:
    """The goods of an expired pickup are on the sales shelf again."""

    def carry_out() -> dict[str, Any]:
        expiry.put_back(
            session,
            pickup_id,
            actor=who.actor,
            counted=body.counted,
            location_id=store.id,
            version=body.version,
        )
        return _shown(session, store, pickup_id)

    return PickupOut.model_validate(
        once_at_store(session, who, key, ("put-back", pickup_id, body), carry_out)
    )


def _shown(session: SessionDep, store: StoreDep, pickup_id: ItemId) -> dict[str, Any]:
    session.flush()
    item = queue.item(session, pickup_id, location_id=store.id)
    return PickupOut.model_validate(item).model_dump(mode="json")
