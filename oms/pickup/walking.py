"""The walk of a wave: what to fetch where, over all of its pickups, in the order of the store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.fulfilments.models import FulfilmentLine
from oms.fulfilments.short_models import ShortPick, WayOut
from oms.inventory import bins
from oms.inventory.bins import Bin
from oms.pickup.models import Pickup


@dataclass(frozen=True, slots=True)
class Share:
    """Units of an article for one pickup of the wave."""

    pickup_id: UUID
    tote: int
    order_number: str
    quantity: int
    picked: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One article at one bin. `bin` is None where nobody has said where it lies."""

    sku: str
    name: str
    barcodes: tuple[str, ...]
    bin: Bin | None
    other_bins: tuple[Bin, ...]
    """Where else it lies, beyond the bins in which it was not found."""
    shares: tuple[Share, ...]

    @property
    def quantity(self) -> int:
        """Units over all pickups."""
        return sum(share.quantity for share in self.shares)

    @property
    def picked(self) -> int:
        """Of these, units that lie in their totes."""
        return sum(share.picked for share in self.shares)


@dataclass(frozen=True, slots=True)
class Tote:
    """One pickup of a wave, while it is collected."""

    pickup_id: UUID
    fulfilment_id: UUID
    tote: int
    order_number: str
    version: int
    """Of the pickup."""


def walk(session: Session, *, location_id: UUID, totes: Sequence[Tote]) -> tuple[Stop, ...]:
    """The stops for these pickups: by zone, aisle and bin, and by article where none is known."""
    by_fulfilment = {tote.fulfilment_id: tote for tote in totes}
    lines = session.exec(
        select(FulfilmentLine)
        .where(col(FulfilmentLine.fulfilment_id).in_(by_fulfilment))
        .order_by(col(FulfilmentLine.sku), col(FulfilmentLine.id))
        .execution_options(populate_existing=True)
    ).all()
    skus = {line.sku for line in lines}
    places = left(
        bins.of_articles(session, location_id=location_id, skus=skus),
        looked_into(session, by_fulfilment),
    )
    names = catalogue.products(session, list(skus))
    codes = catalogue.barcodes(session, list(skus))
    stops = [
        _stop(
            names[sku],
            codes.get(sku, ()),
            places.get(sku, ()),
            [(by_fulfilment[one.fulfilment_id], one) for one in lines if one.sku == sku],
        )
        for sku in sorted(skus)
    ]
    return tuple(sorted(stops, key=lambda stop: (bins.walk_key(stop.bin), stop.sku)))


def for_one(session: Session, pickup: Pickup, order_number: str) -> tuple[Stop, ...]:
    """The walk for a single pickup."""
    tote = Tote(pickup.id, pickup.fulfilment_id, 1, order_number, pickup.version)
    return walk(session, location_id=pickup.location_id, totes=[tote])


def looked_into(session: Session, fulfilment_ids: Collection[UUID]) -> Mapping[str, frozenset[str]]:
    """The names of the bins in which an article was not found for these fulfilments."""
    rows = session.exec(
        select(ShortPick.sku, ShortPick.bin).where(
            col(ShortPick.fulfilment_id).in_(fulfilment_ids), ShortPick.way == WayOut.OTHER_BIN
        )
    ).all()
    found: dict[str, set[str]] = {}
    for sku, name in rows:
        found.setdefault(sku, set()).add(name)
    return {sku: frozenset(names) for sku, names in found.items()}


def left(
    places: Mapping[str, tuple[Bin, ...]], empty: Mapping[str, frozenset[str]]
) -> Mapping[str, tuple[Bin, ...]]:
    """The bins that nobody has looked into in vain."""
    return {
        sku: tuple(one for one in there if one.name not in empty.get(sku, frozenset()))
        for sku, there in places.items()
    }


def _stop(
    product: Product,
    barcodes: tuple[str, ...],
    places: Sequence[Bin],
    lines: Sequence[tuple[Tote, FulfilmentLine]],
) -> Stop:
    shares: dict[int, Share] = {}
    for tote, line in lines:  # two lines of an order may want one article
        before = shares.get(tote.tote)
        shares[tote.tote] = Share(
            pickup_id=tote.pickup_id,
            tote=tote.tote,
            order_number=tote.order_number,
            quantity=line.quantity + (before.quantity if before else 0),
            picked=line.picked + (before.picked if before else 0),
        )
    return Stop(
        sku=product.sku,
        name=product.name,
        barcodes=barcodes,
        bin=places[0] if places else None,
        other_bins=tuple(places[1:]),
        shares=tuple(shares[number] for number in sorted(shares)),
    )
