"""Keep where articles lie inside a location, and say in which order to walk there."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.errors import Invalid
from oms.inventory.bin_models import ArticleBin
from oms.upserting import Upserted, upsert

MOST_BINS: Final = 20
"""Of one article at one location."""

_KEY: Final = ("location_id", "sku", "zone", "aisle", "bin")
WalkKey = tuple[tuple[tuple[int, int | str], ...], ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """One place in a location."""

    zone: str
    aisle: str
    bin: str
    rank: int = 1

    @property
    def name(self) -> str:
        """As people read it."""
        return " · ".join(part for part in (self.zone, self.aisle, self.bin) if part)


def walk_key(place: Bin | None) -> WalkKey:
    """The order of a walk: zone, aisle, bin, with 2 before 10; what has no bin comes last."""
    if place is None:
        return (((2, 0),),)
    return tuple(_natural(part) for part in (place.zone, place.aisle, place.bin))


def of_articles(
    session: Session, *, location_id: UUID, skus: Collection[str]
) -> Mapping[str, tuple[Bin, ...]]:
    """Where each article lies: by rank, and within a rank in the order of the walk."""
    rows = session.exec(
        select(ArticleBin).where(
            ArticleBin.location_id == location_id, col(ArticleBin.sku).in_(set(skus))
        )
    ).all()
    found: dict[str, list[Bin]] = {}
    for row in rows:
        found.setdefault(row.sku, []).append(Bin(row.zone, row.aisle, row.bin, row.rank))
    return {
        sku: tuple(sorted(places, key=lambda one: (one.rank, walk_key(one))))
        for sku, places in found.items()
    }


def set_bins(
    session: Session, *, location_id: UUID, sku: str, places: Sequence[Bin], actor: str
) -> None:
    """Make these the bins of an article at a location; those left out are forgotten."""
    _refuse_wrong(places)
    rows = session.exec(
        select(ArticleBin)
        .where(ArticleBin.location_id == location_id, ArticleBin.sku == sku)
        .with_for_update()
    ).all()
    there = {(row.zone, row.aisle, row.bin): row for row in rows}
    for place in places:
        row = there.pop((place.zone, place.aisle, place.bin), None)
        if row is not None:
            row.rank = place.rank
            continue
        session.add(
            ArticleBin(
                location_id=location_id,
                sku=sku,
                zone=place.zone,
                aisle=place.aisle,
                bin=place.bin,
                rank=place.rank,
            )
        )
    for row in there.values():
        session.delete(row)
    session.flush()
    record(
        session,
        action="stock.bins_set",
        subject_type="location",
        subject_id=location_id,
        actor=actor,
        facts={"sku": sku, "bins": [place.name for place in places]},
    )


def enter(session: Session, rows: Sequence[Mapping[str, Any]]) -> Upserted:
    """Add bins or change their rank; rows name location_id, sku, zone, aisle, bin and rank."""
    return upsert(session, ArticleBin, rows, key=_KEY)


def forget(session: Session, rows: Collection[tuple[UUID, str, str, str, str]]) -> int:
    """Forget bins, each named by location, article, zone, aisle and bin; how many there were."""
    wanted = set(rows)
    found = session.exec(
        select(ArticleBin).where(col(ArticleBin.sku).in_({row[1] for row in wanted}))
    ).all()
    gone = [
        row for row in found if (row.location_id, row.sku, row.zone, row.aisle, row.bin) in wanted
    ]
    for row in gone:
        session.delete(row)
    session.flush()
    return len(gone)


def _refuse_wrong(places: Sequence[Bin]) -> None:
    if len({(one.zone, one.aisle, one.bin) for one in places}) < len(places):
        raise Invalid(
            "a bin is given twice", field="bins", remedy="name each bin of the article once"
        )
    if len(places) > MOST_BINS:
        raise Invalid(
            f"{len(places)} bins are more than the {MOST_BINS} an article may lie in",
            field="bins",
            remedy="leave out the bins that nobody picks from",
        )


def _natural(text: str) -> tuple[tuple[int, int | str], ...]:
    return tuple(
        (0, int(part)) if part.isdecimal() else (1, part)
        for part in re.split(r"(\d+)", text.casefold())
        if part
    )
