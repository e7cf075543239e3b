"""Several pickups collected in one walk, scan by scan."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from sqlmodel import Session

from api.deps import IdempotencyKey, SessionDep, StoreDep, StoreWorker
from api.schemas.picking import ScanIn, ScannedOut, TakeOutIn, WaveIn, WaveOut
from api.storework import once_at_store
from oms.pickup import waves

router = APIRouter(prefix="/v1/stores/{code}/waves", tags=["waves"])

WaveId = Annotated[UUID, Path()]


@router.get("")
def read_open(session: SessionDep, store: StoreDep) -> list[WaveOut]:
    """The store's waves in which something is still to be picked, the oldest first."""
    return [
        WaveOut.model_validate(wave) for wave in waves.open_waves(session, location_id=store.id)
    ]


@router.post("")
def take(
    body: WaveIn, session: SessionDep, store: StoreDep, who: StoreWorker, key: IdempotencyKey
) -> WaveOut:
    """Take 1 to 10 new pickups in hand: those named, or the most urgent."""

    def carry_out() -> dict[str, Any]:
        if body.pickup_ids is None:
            wave = waves.take_next(session, location_id=store.id, most=body.most, actor=who.actor)
        else:
            wave = waves.take(
                session, location_id=store.id, pickup_ids=body.pickup_ids, actor=who.actor
            )
        return _shown(session, wave.id, store.id)

    return WaveOut.model_validate(
        once_at_store(session, who, key, ("wave", store.id, body), carry_out)
    )


@router.get("/{wave_id}")
def read(wave_id: WaveId, session: SessionDep, store: StoreDep) -> WaveOut:
    """One wave with its walk: by zone, aisle and bin."""
    return WaveOut.model_validate(waves.shown(session, wave_id, location_id=store.id))


@router.post("/{wave_id}/scan")
def scan(
    wave_id: WaveId,
    body: ScanIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> ScannedOut:
    """Put one unit into the first tote that needs it. A wrong article is an answer, not an error.

    The same key again is the same scan, and is counted once.
    """

    def carry_out() -> dict[str, Any]:
        found = waves.scan(session, wave_id, body.code, actor=who.actor, location_id=store.id)
        return ScannedOut.model_validate(found).model_dump(mode="json")

    return ScannedOut.model_validate(
        once_at_store(session, who, key, ("wave-scan", wave_id, body), carry_out)
    )


@router.post("/{wave_id}/take-out")
def take_out(
    wave_id: WaveId,
    body: TakeOutIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> WaveOut:
    """A unit was counted by mistake: count it out of its tote again."""

    def carry_out() -> dict[str, Any]:
        waves.take_out(
            session,
            wave_id,
            pickup_id=body.pickup_id,
            sku=body.sku,
            actor=who.actor,
            location_id=store.id,
        )
        return _shown(session, wave_id, store.id)

    return WaveOut.model_validate(
        once_at_store(session, who, key, ("wave-take-out", wave_id, body), carry_out)
    )


def _shown(session: Session, wave_id: UUID, location_id: UUID) -> dict[str, Any]:
    session.flush()
    wave = waves.shown(session, wave_id, location_id=location_id)
    return WaveOut.model_validate(wave).model_dump(mode="json")
