"""What is not there, what is packed, and on which shelf it lies."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from sqlmodel import Session

from api.deps import IdempotencyKey, ItemId, OperatorDep, SessionDep, StoreDep, StoreWorker
from api.schemas.base import In
from api.schemas.orders import Sku
from api.schemas.picking import (
    BinOut,
    NotOfferedOut,
    OptionOut,
    PackageIn,
    PackageOut,
    ShelfIn,
    ShelvesIn,
    ShelvesOut,
    ShortIn,
    WaysOutOut,
)
from api.schemas.stores import PickupOut, SeenIn
from api.storework import once_at_store
from api.web.package_labels import label_sheet
from oms.locations import queries as locations
from oms.ordering import short_picks, ways_out
from oms.ordering.ways_out import Option
from oms.pickup import queries, queue, shelves, staging

router = APIRouter(prefix="/v1/stores/{code}", tags=["packing and staging"])

Number = Annotated[int, Path(gt=0, le=1_000)]


class PickupWithPackages(PickupOut):
    """A pickup as its store sees it, and its packages."""

    packages: tuple[PackageOut, ...]


@router.get("/staging")
def read_shelves(session: SessionDep, store: StoreDep) -> ShelvesOut:
    """The shelves on which the store lays pickups; none where they are named freely."""
    return ShelvesOut(shelves=dict(shelves.of_store(session, store.id)))


@router.put("/staging")
def set_shelves(code: str, body: ShelvesIn, session: SessionDep, who: OperatorDep) -> ShelvesOut:
    """Make these the store's shelves; the same again changes nothing."""
    store = locations.by_code(session, code)
    shelves.set_shelves(session, store, body.shelves, actor=who.actor)
    return ShelvesOut(shelves=dict(shelves.of_store(session, store.id)))


@router.get("/pickups/{pickup_id}/ways-out")
def read_ways_out(
    pickup_id: ItemId,
    session: SessionDep,
    store: StoreDep,
    sku: Annotated[Sku, Query()],
    units: Annotated[int, Query(gt=0, le=100_000)] = 1,
) -> WaysOutOut:
    """What may be done about units that are not there, the best first, and what may not."""
    found = ways_out.ways_out(session, pickup_id, sku=sku, units=units, location_id=store.id)
    return WaysOutOut(
        sku=found.sku,
        units=found.units,
        currency=found.currency,
        options=tuple(_option(one) for one in found.options),
        not_offered=tuple(NotOfferedOut.model_validate(one) for one in found.not_offered),
    )


@router.post("/pickups/{pickup_id}/short")
def settle_short(
    pickup_id: ItemId,
    body: ShortIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupWithPackages:
    """Units are not there: do one of the ways out. The rest of the pickup goes on.

    What changes what was promised (`later`, `transfer`) needs `agreed`: somebody asked the
    customer. Goods that are not found leave the books, damaged ones are set apart.
    """

    def carry_out() -> dict[str, Any]:
        short_picks.settle(
            session,
            pickup_id,
            short_picks.Decision(**body.model_dump(exclude={"version"})),
            actor=who.actor,
            location_id=store.id,
            version=body.version,
        )
        return _shown(session, pickup_id, store.id)

    return _answer(once_at_store(session, who, key, ("short", pickup_id, body), carry_out))


@router.get("/pickups/{pickup_id}/packages")
def read_packages(pickup_id: ItemId, session: SessionDep, store: StoreDep) -> list[PackageOut]:
    """The packages of a pickup and where they lie."""
    pickup = queries.one(session, pickup_id, location_id=store.id)
    there = staging.packages(session, [pickup.id]).get(pickup.id, ())
    return [PackageOut.model_validate(one) for one in there]


@router.post("/pickups/{pickup_id}/packages")
def pack(
    pickup_id: ItemId,
    body: PackageIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupWithPackages:
    """Close one more package of a pickup that is being picked."""

    def carry_out() -> dict[str, Any]:
        staging.pack(
            session,
            pickup_id,
            code=body.code,
            temperature=body.temperature,
            actor=who.actor,
            location_id=store.id,
            version=body.version,
        )
        return _shown(session, pickup_id, store.id)

    return _answer(once_at_store(session, who, key, ("pack-pickup", pickup_id, body), carry_out))


@router.post("/pickups/{pickup_id}/packages/{number}/shelf")
def put(
    pickup_id: ItemId,
    number: Number,
    body: ShelfIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupWithPackages:
    """A package lies on this shelf; a ready pickup may be moved to another one as well."""

    def carry_out() -> dict[str, Any]:
        staging.put(
            session,
            pickup_id,
            number,
            shelf=body.shelf,
            actor=who.actor,
            location_id=store.id,
            version=body.version,
        )
        return _shown(session, pickup_id, store.id)

    request = (f"shelf-{number}", pickup_id, body)
    return _answer(once_at_store(session, who, key, request, carry_out))


@router.post("/pickups/{pickup_id}/packages/{number}/unpack")
def unpack(
    pickup_id: ItemId,
    number: Number,
    body: SeenIn,
    session: SessionDep,
    store: StoreDep,
    who: StoreWorker,
    key: IdempotencyKey,
) -> PickupWithPackages:
    """A package was opened again, or was never there."""

    def carry_out() -> dict[str, Any]:
        staging.unpack(
            session,
            pickup_id,
            number,
            actor=who.actor,
            location_id=store.id,
            version=body.version,
        )
        return _shown(session, pickup_id, store.id)

    request: tuple[str, UUID, In] = (f"unpack-{number}", pickup_id, body)
    return _answer(once_at_store(session, who, key, request, carry_out))


@router.get("/pickups/{pickup_id}/labels", response_class=Response)
def labels(pickup_id: ItemId, session: SessionDep, store: StoreDep) -> Response:
    """A sheet to print: for each package its code as a QR and in letters, without any name."""
    return label_sheet(session, pickup_id, store)


def _option(one: Option) -> OptionOut:
    return OptionOut(
        way=one.way,
        asks_customer=one.asks_customer,
        bin=BinOut.model_validate(one.bin) if one.bin else None,
        expected_at=one.expected_at,
        from_location=one.from_location.code if one.from_location else None,
        cost_minor=one.cost_minor,
        worth_minor=one.worth_minor,
    )


def _shown(session: Session, pickup_id: UUID, location_id: UUID) -> dict[str, Any]:
    session.flush()
    item = queue.item(session, pickup_id, location_id=location_id)
    there = staging.packages(session, [pickup_id]).get(pickup_id, ())
    return {
        **PickupOut.model_validate(item).model_dump(mode="json"),
        "packages": [PackageOut.model_validate(one).model_dump(mode="json") for one in there],
    }


def _answer(answer: dict[str, Any]) -> PickupWithPackages:
    return PickupWithPackages.model_validate(answer)
