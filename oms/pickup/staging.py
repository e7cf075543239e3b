"""Pack a pickup into packages and put each on a shelf, by scan.

A package bears a label that we print, or is a tote that has a code already; a code stands for one
package at a time. A pickup is ready when each of its packages lies on a shelf.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict, Invalid, NotFound
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.orders.queries import require_version
from oms.pickup import claiming, queries, shelves, states
from oms.pickup.models import Pickup
from oms.pickup.staging_models import PickupPackage, Temperature

MOST_PACKAGES: Final = 50


def packages(
    session: Session, pickup_ids: Collection[UUID]
) -> Mapping[UUID, tuple[PickupPackage, ...]]:
    """The packages of some pickups, by number."""
    rows = session.exec(
        select(PickupPackage)
        .where(col(PickupPackage.pickup_id).in_(pickup_ids))
        .order_by(col(PickupPackage.number))
        .execution_options(populate_existing=True)
    ).all()
    found: dict[UUID, tuple[PickupPackage, ...]] = {}
    for row in rows:
        found[row.pickup_id] = (*found.get(row.pickup_id, ()), row)
    return found


def pack(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    code: str = "",
    temperature: Temperature = Temperature.AMBIENT,
    location_id: UUID | None = None,
    version: int | None = None,
) -> PickupPackage:
    """Close a package. `code` is what its tote says; without one its label gets a code of its own.

    Raises `Conflict` when another package here bears the code.
    """
    pickup, fulfilment = _in_hand(
        session, pickup_id, actor=actor, location_id=location_id, version=version
    )
    there = packages(session, [pickup.id]).get(pickup.id, ())
    if len(there) >= MOST_PACKAGES:
        raise Conflict(
            f"this pickup has {MOST_PACKAGES} packages already",
            field="pickup_id",
            remedy="put more into each package",
        )
    package = _add(session, pickup, fulfilment, there, code, temperature, actor=actor)
    _tell(session, pickup, package, action="pickup.packed", actor=actor)
    return package


def unpack(
    session: Session,
    pickup_id: UUID,
    number: int,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> None:
    """A package was opened again, or was never there."""
    pickup, _ = _in_hand(session, pickup_id, actor=actor, location_id=location_id, version=version)
    package = _one(session, pickup, number)
    _tell(session, pickup, package, action="pickup.unpacked", actor=actor)
    session.delete(package)
    session.flush()


def put(
    session: Session,
    pickup_id: UUID,
    number: int,
    *,
    shelf: str,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> PickupPackage:
    """A package lies on the shelf that was scanned; putting it elsewhere later is the same.

    A pickup that is ready already may be moved as well: its shelves are brought up to date.
    """
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    if fulfilment.status is not FulfilmentStatus.PACKED:
        _require_picking(fulfilment)
        claiming.require(pickup, actor=actor)
    package = _one(session, pickup, number)
    _stage(session, package, shelf, actor=actor)
    if fulfilment.status is FulfilmentStatus.PACKED:
        pickup.shelf = ", ".join(_shelves(packages(session, [pickup.id])[pickup.id]))
    _tell(session, pickup, package, action="pickup.staged", actor=actor)
    return package


def put_the_rest(session: Session, pickup: Pickup, *, shelf: str, actor: str) -> None:
    """Whatever of a pickup is not on a shelf yet lies on this one; one package if there is none.

    The caller has locked the pickup and tells of it.
    """
    there = packages(session, [pickup.id]).get(pickup.id, ())
    if not there:
        fulfilment = session.get_one(Fulfilment, pickup.fulfilment_id)
        there = (_add(session, pickup, fulfilment, (), "", None, actor=actor, on=shelf),)
    for package in there:
        if not package.shelf:
            _stage(session, package, shelf, actor=actor)


def require_staged(session: Session, pickup: Pickup) -> Sequence[str]:
    """The shelves on which a pickup lies; `Invalid` unless every package is on one."""
    there = packages(session, [pickup.id]).get(pickup.id, ())
    if not there:
        raise Invalid("nothing is packed", field="shelf", remedy="say on which shelf the goods lie")
    lacking = [package.code for package in there if not package.shelf]
    if lacking:
        raise Invalid(
            f"not on a shelf yet: {', '.join(lacking)}",
            field="shelf",
            remedy="scan the package, then its shelf; or take out what does not exist",
        )
    return _shelves(there)


def _in_hand(
    session: Session, pickup_id: UUID, *, actor: str, location_id: UUID | None, version: int | None
) -> tuple[Pickup, Fulfilment]:
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    _require_picking(fulfilment)
    claiming.require(pickup, actor=actor)
    return pickup, fulfilment


def _require_picking(fulfilment: Fulfilment) -> None:
    if fulfilment.status is not FulfilmentStatus.PICKING:
        raise Conflict(
            "this pickup is not being picked",
            field="status",
            remedy="start picking it, or look at it again: it may be finished",
            facts={"status": fulfilment.status.value},
        )


def _add(
    session: Session,
    pickup: Pickup,
    fulfilment: Fulfilment,
    there: Sequence[PickupPackage],
    code: str,
    temperature: Temperature | None,
    *,
    actor: str,
    on: str = "",
) -> PickupPackage:
    number = max((one.number for one in there), default=0) + 1
    if temperature is None:  # whatever the shelf is that the goods were put on
        known = shelves.of_store(session, pickup.location_id)
        temperature = known.get(on.strip().upper(), Temperature.AMBIENT)
    plain = code.strip().upper() or f"P{fulfilment.number}-{number}"
    _refuse_used(session, pickup, plain)
    package = PickupPackage(
        pickup_id=pickup.id,
        location_id=pickup.location_id,
        number=number,
        code=plain,
        temperature=temperature,
        packed_at=clock.now(),
        packed_by=actor,
    )
    session.add(package)
    session.flush()
    return package


def _refuse_used(session: Session, pickup: Pickup, code: str) -> None:
    other = session.exec(
        select(PickupPackage).where(
            PickupPackage.location_id == pickup.location_id,
            PickupPackage.code == code,
            col(PickupPackage.gone).is_(False),
        )
    ).first()
    if other is not None:
        mine = other.pickup_id == pickup.id
        raise Conflict(
            f"{code} is package {other.number} of {'this' if mine else 'another'} pickup",
            field="code",
            remedy="take another tote, or leave the code out and print a label",
        )


def _stage(session: Session, package: PickupPackage, shelf: str, *, actor: str) -> None:
    package.shelf = shelves.checked(session, package.location_id, shelf, needs=package.temperature)
    package.staged_at = clock.now()
    package.staged_by = actor
    session.flush()


def _one(session: Session, pickup: Pickup, number: int) -> PickupPackage:
    found = next(
        (one for one in packages(session, [pickup.id]).get(pickup.id, ()) if one.number == number),
        None,
    )
    if found is None:
        raise NotFound(
            f"this pickup has no package {number}",
            field="number",
            remedy="read it again; the package may have been taken out",
        )
    return found


def _shelves(there: Sequence[PickupPackage]) -> list[str]:
    return list(dict.fromkeys(package.shelf for package in there if package.shelf))


def _tell(
    session: Session, pickup: Pickup, package: PickupPackage, *, action: str, actor: str
) -> None:
    states.touched(
        session,
        pickup,
        action=action,
        actor=actor,
        facts={"package": package.code, "shelf": package.shelf},
    )
