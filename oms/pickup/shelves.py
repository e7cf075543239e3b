"""The shelves of a store on which pickups wait: named by operations, found by scan."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms.audit.recording import record
from oms.errors import Conflict, Invalid, NotFound
from oms.locations.models import Location
from oms.pickup.staging_models import PickupPackage, StagingShelf, Temperature

MOST_SHELVES: Final = 500


def of_store(session: Session, location_id: UUID) -> Mapping[str, Temperature]:
    """The shelves of a store by code; none where shelves are named freely."""
    rows = session.exec(
        select(StagingShelf)
        .where(StagingShelf.location_id == location_id)
        .order_by(col(StagingShelf.code))
    ).all()
    return {row.code: row.temperature for row in rows}


def set_shelves(
    session: Session, store: Location, wanted: Mapping[str, Temperature], *, actor: str
) -> None:
    """Make these the shelves of a store; with none, they are named freely again.

    Raises `Conflict` when a shelf that is left out has something on it.
    """
    named = {code.strip().upper(): temperature for code, temperature in wanted.items()}
    if len(named) < len(wanted) or "" in named:
        raise Invalid(
            "two shelves have one code, or one has none",
            field="shelves",
            remedy="give each shelf its own code; small and capital letters are the same",
        )
    if len(named) > MOST_SHELVES:
        raise Invalid(
            f"{len(named)} shelves are more than {MOST_SHELVES}",
            field="shelves",
            remedy="name rows of shelves instead",
        )
    rows = session.exec(
        select(StagingShelf).where(StagingShelf.location_id == store.id).with_for_update()
    ).all()
    _refuse_in_use(session, store, [row.code for row in rows if named and row.code not in named])
    there = {row.code: row for row in rows}
    for code, temperature in named.items():
        row = there.pop(code, None)
        if row is None:
            session.add(StagingShelf(location_id=store.id, code=code, temperature=temperature))
        else:
            row.temperature = temperature
    for row in there.values():
        session.delete(row)
    session.flush()
    record(
        session,
        action="store.shelves_set",
        subject_type="location",
        subject_id=store.id,
        actor=actor,
        facts={"shelves": {code: kind.value for code, kind in named.items()}},
    )


def checked(session: Session, location_id: UUID, shown: str, *, needs: Temperature | None) -> str:
    """The shelf that was scanned or typed, if it is one of the store and cold enough.

    A store that has named no shelves takes any name. Raises `Invalid` for none, `NotFound` for an
    unknown one, and `Conflict` for goods that must lie colder, or less cold.
    """
    code = shown.strip()
    if not code:
        raise Invalid(
            "no shelf given", field="shelf", remedy="say where the goods lie, so anyone finds them"
        )
    known = of_store(session, location_id)
    if not known:
        return code
    kind = known.get(code.upper())
    if kind is None:
        raise NotFound(
            f"there is no shelf {code} here",
            field="shelf",
            remedy="scan the label of the shelf; operations names the shelves of a store",
        )
    if needs is not None and needs is not kind:
        raise Conflict(
            f"shelf {code.upper()} is {kind.value}, and the package must lie {needs.value}",
            field="shelf",
            remedy=f"put it on a shelf that is {needs.value}",
            facts={"shelves": [one for one, its in known.items() if its is needs][:10]},
        )
    return code.upper()


def _refuse_in_use(session: Session, store: Location, codes: Sequence[str]) -> None:
    used = session.exec(
        select(PickupPackage.shelf).where(
            PickupPackage.location_id == store.id,
            col(PickupPackage.gone).is_(False),
            col(PickupPackage.shelf).in_(codes),
        )
    ).first()
    if used is not None:
        raise Conflict(
            f"something lies on shelf {used}",
            field="shelves",
            remedy="hand it over or put it elsewhere first",
        )
