"""Where an article lies inside a location."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from sqlmodel import Session

from api.deps import SessionDep, StoreDep, StoreWorker
from api.schemas.picking import BinOut, BinsIn
from api.stockwork import require_products
from oms.inventory import bins
from oms.inventory.bins import Bin

router = APIRouter(prefix="/v1/stores/{code}/bins", tags=["stock"])

Article = Annotated[str, Path(max_length=64)]


@router.get("/{sku}")
def read(sku: Article, session: SessionDep, store: StoreDep) -> list[BinOut]:
    """The bins of an article here: where to look first, first."""
    require_products(session, [sku])
    return _shown(session, store.id, sku)


@router.put("/{sku}")
def set_bins(
    sku: Article, body: BinsIn, session: SessionDep, store: StoreDep, who: StoreWorker
) -> list[BinOut]:
    """Make these the bins of an article here; the same again changes nothing."""
    require_products(session, [sku])
    places = [Bin(**one.model_dump()) for one in body.bins]
    bins.set_bins(session, location_id=store.id, sku=sku, places=places, actor=who.actor)
    return _shown(session, store.id, sku)


def _shown(session: Session, location_id: UUID, sku: str) -> list[BinOut]:
    there = bins.of_articles(session, location_id=location_id, skus=[sku]).get(sku, ())
    return [BinOut.model_validate(one) for one in there]
