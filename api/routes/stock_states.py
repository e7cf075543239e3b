"""Stock that cannot be sold: set apart, restored, written off; and which counts are wanted."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session

from api.commanding import once
from api.deps import IdempotencyKey, SessionDep, StockWriter, StoreDep
from api.schemas.stock import CountWantedOut, ReleaseIn, ReleaseOut, SetApartIn, WriteOffIn
from api.stockwork import require_products
from oms.access.models import CommandKind
from oms.access.signing_in import Caller
from oms.catalogue import queries as catalogue
from oms.inventory import availability, condition, counts_wanted
from oms.locations import queries as locations
from oms.ordering import preordering

router = APIRouter(prefix="/v1", tags=["stock"])


@router.post("/stock/set-apart", status_code=201)
def set_apart(
    body: SetApartIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Keep damaged units on hand and off sale, once per idempotency key."""
    return _change(session, who, key, body, name="set apart", change=condition.set_apart)


@router.post("/stock/restorations", status_code=201)
def restore(
    body: SetApartIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Sell units again that were set apart, once per idempotency key."""
    return _change(session, who, key, body, name="restore", change=condition.restore)


@router.post("/stock/write-offs", status_code=201)
def write_off(
    body: WriteOffIn, session: SessionDep, who: StockWriter, key: IdempotencyKey
) -> dict[str, Any]:
    """Take units off the books for good, once per idempotency key."""

    def change(unit: Session, **given: Any) -> None:
        condition.write_off(unit, damaged=body.damaged, **given)

    return _change(session, who, key, body, name="write off", change=change)


@router.post("/products/{sku}/release", status_code=200)
def set_release(sku: str, body: ReleaseIn, session: SessionDep, who: StockWriter) -> ReleaseOut:
    """Say from when an article is sent; orders before that are preorders and wait."""
    product = preordering.set_release(session, sku, body.releases_at, actor=who.actor)
    return ReleaseOut.model_validate(product)


@router.get("/stores/{code}/counts-wanted", tags=["pickup queue"])
def read_counts_wanted(session: SessionDep, store: StoreDep) -> list[CountWantedOut]:
    """The articles that this store is asked to count, the oldest request first."""
    rows = counts_wanted.of_location(session, store.id)
    skus = {row.sku for row in rows}
    products = catalogue.products(session, skus)
    on_hand = {
        row.sku: row.on_hand
        for row in availability.of(session, skus)
        if row.location_id == store.id
    }
    return [
        CountWantedOut(
            sku=row.sku,
            name=products[row.sku].name,
            on_hand=on_hand.get(row.sku, 0),
            reason=row.reason,
            asked_at=row.asked_at,
        )
        for row in rows
    ]


def _change(
    session: Session,
    who: Caller,
    key: str,
    body: SetApartIn,
    *,
    name: str,
    change: Callable[..., None],
) -> dict[str, Any]:
    """Change one balance once, and answer with what it is then."""

    def carry_out() -> dict[str, Any]:
        place = locations.by_code(session, body.location)
        require_products(session, [body.sku])
        change(
            session,
            sku=body.sku,
            location_id=place.id,
            units=body.units,
            reason=body.reason,
            actor=who.actor,
        )
        [row] = [row for row in availability.of(session, [body.sku]) if row.location_id == place.id]
        return {
            "sku": body.sku,
            "location": body.location,
            "on_hand": row.on_hand,
            "damaged": row.damaged,
            "promisable": row.promisable,
        }

    return once(session, CommandKind.STOCK, who, key, {"do": name, **body.model_dump()}, carry_out)
