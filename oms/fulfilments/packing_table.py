"""The packing table as a person sees it: parcels, what is in each, what is still to be packed."""

from dataclasses import dataclass

from sqlmodel import Session

from oms.catalogue import queries as catalogue
from oms.fulfilments import boxes, open_parcels, packing, worklist
from oms.fulfilments.box_models import BoxType
from oms.fulfilments.fitting import percent_full
from oms.fulfilments.models import Fulfilment


@dataclass(frozen=True, slots=True)
class PackedArticle:
    """Units of an article: in a parcel, or not yet in any."""

    sku: str
    name: str
    units: int
    wanted: int
    barcodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilledParcel:
    """A parcel that is being filled. `full_percent` is of the room that its articles take."""

    number: int
    box: str | None
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    weighed: bool
    """Whether the scales said so; else it is reckoned."""
    max_weight_g: int | None
    tracking_number: str | None
    closed: bool
    full_percent: int
    articles: tuple[PackedArticle, ...]


@dataclass(frozen=True, slots=True)
class PackingTable:
    """Everything on the table. `proposal` says in words which boxes were proposed and why."""

    proposal: str
    parcels: tuple[FilledParcel, ...]
    left: tuple[PackedArticle, ...]
    done: int
    units: int
    boxes: tuple[BoxType, ...]

    @property
    def ready(self) -> bool:
        """Whether every unit is in a parcel, and no parcel is empty."""
        return (
            bool(self.parcels)
            and self.done == self.units
            and all(parcel.articles for parcel in self.parcels)
        )


def table(session: Session, fulfilment: Fulfilment) -> PackingTable:
    """The packing table of a shipment, whether or not a parcel is open already."""
    wanted = open_parcels.wanted(session, fulfilment)
    products = catalogue.products(session, list(wanted))
    lines = {line.sku: line for line in worklist.lines_of(session, [fulfilment.id])[fulfilment.id]}
    parcels = open_parcels.of_shipment(session, fulfilment.id)
    contents = open_parcels.contents(session, parcels)
    left = open_parcels.left(session, fulfilment)

    def article(sku: str, units: int) -> PackedArticle:
        return PackedArticle(sku, lines[sku].name, units, wanted[sku], lines[sku].barcodes)

    return PackingTable(
        proposal=packing.proposal(session, fulfilment).words,
        parcels=tuple(
            FilledParcel(
                number=parcel.number,
                box=parcel.box_code,
                length_mm=parcel.length_mm,
                width_mm=parcel.width_mm,
                height_mm=parcel.height_mm,
                weight_g=parcel.weight_g
                or open_parcels.weight_of(parcel, contents[parcel.number], products),
                weighed=parcel.weight_g is not None,
                max_weight_g=parcel.max_weight_g,
                tracking_number=parcel.tracking_number,
                closed=parcel.closed,
                full_percent=percent_full(
                    boxes.goods_of(contents[parcel.number], products),
                    parcel.length_mm * parcel.width_mm * parcel.height_mm,
                ),
                articles=tuple(
                    article(sku, units) for sku, units in contents[parcel.number].items()
                ),
            )
            for parcel in parcels
        ),
        left=tuple(article(sku, units) for sku, units in left.items() if units),
        done=sum(wanted.values()) - sum(left.values()),
        units=sum(wanted.values()),
        boxes=tuple(boxes.of_location(session, fulfilment.location_id)),
    )
