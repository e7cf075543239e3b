"""The pickup queue of one store."""

from typing import Any

from fastapi import APIRouter

from api import counterwork
from api.deps import IdempotencyKey, ItemId, SessionDep, StoreDep, StoreWorker
from api.schemas.stores import PickupOut, ReadyIn, RejectIn, SeenIn
from api.storework import once_at_store
from oms.pickup import preparing, queue

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


def _shown(session: SessionDep, store: StoreDep, pickup_id: ItemId) -> dict[str, Any]:
    return counterwork.document(session, pickup_id, store=store.id)
