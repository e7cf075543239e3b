"""A customer comes by car: on the way, here, taken by an associate, or gone again.

Each command may be repeated: saying a thing twice changes nothing but what is said about it.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict, Invalid, NotFound
from oms.locations.models import Location
from oms.orders.queries import require_version
from oms.pickup import curbside, queries, states
from oms.pickup.curbside_models import Arrival, ArrivalStatus
from oms.pickup.models import Pickup

CUSTOMER = "customer"
MOST_MINUTES = 180
_LONGEST_TEXT = 60


@dataclass(frozen=True, slots=True)
class Car:
    """How to find the customer. The plate may be left out; it is erased when the visit is over."""

    bay: str = ""
    spot: str = ""
    vehicle: str = ""
    plate: str = ""


def on_my_way(session: Session, token: str, *, minutes: int, actor: str = CUSTOMER) -> Arrival:
    """The customer sets out and means to be there in so many minutes. Said again, it is moved."""
    if not 0 <= minutes <= MOST_MINUTES:
        raise Invalid(
            f"a way of {minutes} minutes cannot be planned with",
            field="minutes",
            remedy=f"give 0 to {MOST_MINUTES} minutes, or say it when you set out",
        )
    pickup = _by_token(session, token)
    arrival = open_visit(session, pickup.id)
    expected = clock.now() + timedelta(minutes=minutes)
    if arrival is None:
        arrival = Arrival(
            pickup_id=pickup.id,
            location_id=pickup.location_id,
            status=ArrivalStatus.ON_THE_WAY,
            expected_at=expected,
            created_at=clock.now(),
        )
        session.add(arrival)
    elif arrival.status is not ArrivalStatus.ON_THE_WAY:
        return arrival  # a message that was overtaken: they are here already
    arrival.expected_at = expected
    session.flush()
    states.arrival_changed(
        session, pickup, arrival, action="arrival.on_the_way", actor=actor, minutes=minutes
    )
    return arrival


def here(session: Session, token: str, car: Car, *, actor: str = CUSTOMER) -> Arrival:
    """The customer is at the store; from now on the clock runs. Said again, the car is corrected.

    Where the store has numbered bays the visit gets one; see `curbside.choose_bay`.
    """
    return _arrive(session, _by_token(session, token), car, actor=actor)


def here_by_staff(
    session: Session, pickup_id: UUID, car: Car, *, actor: str, location_id: UUID | None = None
) -> Arrival:
    """An associate enters it for a customer who called, or whom they see."""
    pickup, _ = queries.locked(session, pickup_id, location_id=location_id)
    _require_open(session, pickup)
    return _arrive(session, pickup, car, actor=actor)


def take(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Arrival:
    """Go to the car. The alarm ends for everybody; a second associate is told who was first."""
    pickup, arrival = _visit(session, pickup_id, location_id=location_id, version=version)
    if arrival.status is ArrivalStatus.HERE:
        arrival.taken_at, arrival.taken_by = clock.now(), actor
    states.move_arrival(session, pickup, arrival, ArrivalStatus.TAKEN, actor=actor)
    return arrival


def let_go(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Arrival:
    """Leave it to somebody else: the alarm starts again, and the clock has never stopped."""
    pickup, arrival = _visit(session, pickup_id, location_id=location_id, version=version)
    states.move_arrival(session, pickup, arrival, ArrivalStatus.HERE, actor=actor)
    arrival.taken_at = arrival.taken_by = None
    return arrival


def gone(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Arrival:
    """Nobody is there any more. The pickup waits on; the customer may come again."""
    pickup, arrival = _visit(session, pickup_id, location_id=location_id, version=version)
    states.move_arrival(session, pickup, arrival, ArrivalStatus.GONE, actor=actor)
    return arrival


def open_visit(session: Session, pickup_id: UUID, *, locked: bool = True) -> Arrival | None:
    """The visit of a pickup that is not over."""
    query = select(Arrival).where(Arrival.pickup_id == pickup_id, col(Arrival.closed_at).is_(None))
    if locked:
        query = query.with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def _arrive(session: Session, pickup: Pickup, car: Car, *, actor: str) -> Arrival:
    arrival = open_visit(session, pickup.id)
    fresh = arrival is None
    if arrival is None:
        arrival = Arrival(
            pickup_id=pickup.id,
            location_id=pickup.location_id,
            status=ArrivalStatus.HERE,
            here_at=clock.now(),
            created_at=clock.now(),
        )
        session.add(arrival)
        session.flush()
    corrected = _note_car(session, arrival, car)
    if arrival.status is ArrivalStatus.ON_THE_WAY:
        arrival.here_at = clock.now()
        states.move_arrival(session, pickup, arrival, ArrivalStatus.HERE, actor=actor)
    elif fresh or corrected:
        states.arrival_changed(session, pickup, arrival, action="arrival.here", actor=actor)
    return arrival


def _note_car(session: Session, arrival: Arrival, car: Car) -> bool:
    """Keep what is said of the car; whether any of it is new."""
    before = (arrival.bay_id, arrival.spot, arrival.vehicle, arrival.plate)
    bay = curbside.choose_bay(session, arrival.location_id, asked=car.bay.strip(), visit=arrival.id)
    arrival.bay_id = bay.id if bay is not None else None
    for name in ("spot", "vehicle", "plate"):
        said = str(getattr(car, name)).strip()
        if len(said) > _LONGEST_TEXT:
            raise Invalid(
                f"{name} is longer than {_LONGEST_TEXT} characters", field=name, remedy="shorten it"
            )
        if said:
            setattr(arrival, name, said)
    session.flush()
    return before != (arrival.bay_id, arrival.spot, arrival.vehicle, arrival.plate)


def _by_token(session: Session, token: str) -> Pickup:
    """The open pickup of a customer's link, locked."""
    found = session.exec(select(Pickup.id).where(Pickup.qr_token == token)).first()
    if found is None:
        raise NotFound(
            "this link belongs to no order that waits for you",
            field="token",
            remedy="it may have been collected; the shop's confirmation has its number",
        )
    pickup, _ = queries.locked(session, found)
    _require_open(session, pickup)
    return pickup


def _require_open(session: Session, pickup: Pickup) -> None:
    if pickup.status not in states.WAITING:
        raise NotFound(
            "this order does not wait any more",
            field="token",
            remedy="it was collected or called off; ask the store",
        )
    store = session.get_one(Location, pickup.location_id)
    if not store.can_curbside:
        raise Conflict(
            f"{store.name} hands over at the counter only",
            field="token",
            remedy="come to the counter and show the code",
        )


def _visit(
    session: Session, pickup_id: UUID, *, location_id: UUID | None, version: int | None
) -> tuple[Pickup, Arrival]:
    pickup, _ = queries.locked(session, pickup_id, location_id=location_id)
    arrival = open_visit(session, pickup.id)
    if arrival is None:
        raise Conflict(
            "no customer is at the car for this pickup",
            field="pickup_id",
            remedy="read the arrivals again; the visit is over",
        )
    require_version("this visit", have=arrival.version, seen=version)
    return pickup, arrival
