"""What whoever looks after a store wants to see of it: what is late, what is full, what is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from oms import clock
from oms.exceptions.models import OpenException
from oms.fulfilments.models import Fulfilment, FulfilmentStatus
from oms.inventory import counts_wanted
from oms.inventory.rule_models import CountWanted
from oms.locations.models import Location
from oms.orders.models import Delivery, Order
from oms.pickup.models import Pickup, PickupStatus
from oms.sourcing import stating

_WORK = (FulfilmentStatus.ALLOCATED, FulfilmentStatus.PICKING)
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Health:
    """Work of one kind that is not done yet: how much, the oldest promise, and what is at risk."""

    open: int
    oldest_due_at: datetime | None
    late: int
    within_15_min: int
    within_60_min: int
    """Due within the hour and not late, those within a quarter of it among them."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """Goods that are to go back to where they are sold."""

    pickup_id: UUID
    order_number: str
    shelf: str
    since: datetime
    declined: bool
    """Called off when they lay ready; the others nobody fetched."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A store as it stands now."""

    pickups: Health
    shipments: Health
    given_today: int
    """Parcels and pickups in the last 24 hours."""
    capacity: int | None
    put_backs: tuple[PutBack, ...]
    counts: Sequence[CountWanted]
    cases: Sequence[OpenException]


def overview(session: Session, store: Location) -> Overview:
    """Everything at once, by queries that look at open work only."""
    return Overview(
        pickups=_health(session, store, Delivery.PICKUP),
        shipments=_health(session, store, Delivery.SHIP),
        given_today=stating.work_given_today(session).get(store.id, 0),
        capacity=store.capacity_parcels,
        put_backs=_put_backs(session, store),
        counts=counts_wanted.of_location(session, store.id),
        cases=_cases(session, store),
    )


def _health(session: Session, store: Location, kind: Delivery) -> Health:
    now = clock.now()
    due = col(Fulfilment.due_at)
    row: Any = session.execute(
        columns(
            func.count(),
            func.min(due),
            func.count(case((due < now, 1))),
            func.count(case((due.between(now, now + timedelta(minutes=15)), 1))),
            func.count(case((due.between(now, now + timedelta(minutes=60)), 1))),
        ).where(
            col(Fulfilment.location_id) == store.id,
            col(Fulfilment.kind) == kind,
            col(Fulfilment.status).in_(_WORK),
        )
    ).one()
    return Health(*row)


def _put_backs(session: Session, store: Location) -> tuple[PutBack, ...]:
    rows = session.execute(
        columns(Pickup, col(Order.display_number), col(Fulfilment.closed_at))
        .join(Order, col(Order.id) == Pickup.order_id)
        .join(Fulfilment, col(Fulfilment.id) == Pickup.fulfilment_id)
        .where(
            col(Pickup.location_id) == store.id,
            col(Pickup.status).in_((PickupStatus.EXPIRED, PickupStatus.TO_PUT_BACK)),
        )
        .order_by(col(Pickup.pick_up_by))
        .limit(_MOST_SHOWN)
    ).all()
    return tuple(
        PutBack(
            pickup_id=pickup.id,
            order_number=number,
            shelf=pickup.shelf,
            since=closed_at or pickup.pick_up_by,
            declined=pickup.status is PickupStatus.TO_PUT_BACK,
        )
        for pickup, number, closed_at in rows
    )


def _cases(session: Session, store: Location) -> Sequence[OpenException]:
    """Open cases of orders that the store works on, or that are collected there."""
    works_on = exists().where(
        col(Fulfilment.order_id) == col(OpenException.order_id),
        col(Fulfilment.location_id) == store.id,
    )
    collected_here = exists().where(
        col(Order.id) == col(OpenException.order_id), col(Order.pickup_location_id) == store.id
    )
    return session.exec(
        select(OpenException)
        .where(col(OpenException.resolved_at).is_(None), or_(works_on, collected_here))
        .order_by(col(OpenException.opened_at))
        .limit(_MOST_SHOWN)
    ).all()
