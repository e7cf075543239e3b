"""How the tables that grow without end stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from oms import clock
from oms.storage import spans
from oms.storage.kept import KEPT, Kept
from oms.storage.models import Archive
from oms.storage.partitions import SCHEMA, Partition, partitions
from oms.storage.spans import Span

_MAINTAIN: Final = "run `oms storage maintain`, and see that a worker runs"


@dataclass(frozen=True, slots=True)
class Standing:
    """One table: its partitions, and what is wrong with them."""

    table: str
    partitions: Sequence[Partition]
    made_until: datetime | None
    """Rows up to this moment have a partition."""
    in_default: int
    """Rows in the default partition: still needed though old, or of a time that has none."""
    archived: int
    """Stretches that are in files."""
    set_aside: int
    """Stretches that were taken out and wait for `oms storage archive` to write them."""
    concerns: tuple[str, ...]


def look(session: Session, *, span: Span) -> Sequence[Standing]:
    """How every table stands, with what somebody should do about it."""
    return [_standing(session, kept, span) for kept in KEPT]


def _standing(session: Session, kept: Kept, span: Span) -> Standing:
    present = partitions(session, kept)
    until = present[-1].upper if present else None
    dropped = func.count(col(Archive.dropped_at))
    everything, archived = session.exec(
        select(func.count(), dropped).where(Archive.table_name == kept.table)
    ).one()
    default = f"{SCHEMA}.{kept.default}"
    in_default: int = session.execute(text(f"SELECT count(*) FROM {default}")).scalar_one()  # noqa: S608 - our names
    concerns = []
    if until is None or until < spans.end(span, spans.end(span, clock.now())):
        concerns.append(f"the next partition is missing: {_MAINTAIN}")
    if present and (strays := _strays(session, kept, present[0])):
        concerns.append(f"{strays} rows have no partition of their own: {_MAINTAIN}")
    if everything > archived:
        concerns.append(f"{everything - archived} set aside: `oms storage archive` writes them")
    return Standing(
        table=kept.table,
        partitions=present,
        made_until=until,
        in_default=in_default,
        archived=archived,
        set_aside=everything - archived,
        concerns=tuple(concerns),
    )


def _strays(session: Session, kept: Kept, oldest: Partition) -> int:
    """Rows in the default partition that are younger than those which may have been left there."""
    since = oldest.lower or oldest.upper
    count: int = session.execute(
        text(
            f"SELECT count(*) FROM {SCHEMA}.{kept.default}"  # noqa: S608 - our names
            f" WHERE {kept.column} >= {kept.bound(since)}"
        )
    ).scalar_one()
    return count
