"""Nobody came: reminders, the end of waiting, and the goods back on the shelf."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.fulfilments import giving_back, order_status, picking
from oms.fulfilments import queries as fulfilments
from oms.inventory.models import MovementKind
from oms.notifications import notices
from oms.orders.queries import require_version
from oms.pickup import arrivals, queries, showing, states
from oms.pickup.curbside_models import Arrival, ArrivalStatus
from oms.pickup.models import Pickup, PickupStatus
from oms.settings import settings


def next_deadline(pickup: Pickup, visit: Arrival | None = None) -> datetime | None:
    """When something is due for a waiting pickup: the next reminder, or its expiry.

    Nothing is while its customer is at the car: nobody who has come is told to come, or that it
    is too late.
    """
    if pickup.status is not PickupStatus.READY or (
        visit is not None and visit.status in (ArrivalStatus.HERE, ArrivalStatus.TAKEN)
    ):
        return None
    assert pickup.ready_at is not None
    assert pickup.pick_up_by is not None
    days = settings().pickup_reminder_days[pickup.reminders_sent :]
    reminders = [pickup.ready_at + timedelta(days=day) for day in days]
    return min([*reminders, pickup.pick_up_by])


def meet_deadline(
    session: Session, pickup_id: UUID, *, version: int, actor: str = "system"
) -> Pickup:
    """Do what is due now, if anything is: remind the customer, or end the waiting.

    `version` is what the caller saw; if the pickup has changed since, `StaleVersion` is raised
    and nothing happens, so a deadline that fires late cannot hit a changed pickup.
    """
    pickup, _ = queries.locked(session, pickup_id)
    require_version("this pickup", have=pickup.version, seen=version)
    due = next_deadline(pickup, arrivals.open_visit(session, pickup.id))
    if due is None or due > clock.now():
        return pickup
    assert pickup.pick_up_by is not None
    if pickup.pick_up_by <= clock.now():
        _expire(session, pickup, actor=actor)
    else:
        _remind(session, pickup, actor=actor)
    return pickup


def put_back(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    counted: Mapping[str, int] | None = None,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """The goods of a pickup that is over are on the sales shelf again; now they may be sold.

    With `counted`, units by SKU as they were scanned at the shelf, it must be all of them.
    """
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    if counted is not None:
        picking.require_all(fulfilments.lines(session, fulfilment.id), counted)
    called_off = pickup.status is PickupStatus.TO_PUT_BACK
    states.move(session, pickup, PickupStatus.PUT_BACK, actor=actor)
    if called_off:  # its order knows already, and its money was settled then
        giving_back.put_back(session, fulfilment, actor=actor)
        return pickup
    giving_back.cancel(session, fulfilment, actor=actor, kind=MovementKind.PUT_BACK)
    order_status.refresh(session, pickup.order_id, event="order.put_back")
    return pickup


def _remind(session: Session, pickup: Pickup, *, actor: str) -> None:
    assert pickup.ready_at is not None
    assert pickup.pick_up_by is not None
    # After an outage several reminders may be due; the customer gets one.
    pickup.reminders_sent = sum(
        pickup.ready_at + timedelta(days=day) <= clock.now()
        for day in settings().pickup_reminder_days
    )
    states.touched(
        session,
        pickup,
        action="pickup.reminded",
        actor=actor,
        facts={"reminder": pickup.reminders_sent},
    )
    notices.pickup_reminder(
        session,
        order_id=pickup.order_id,
        location_id=pickup.location_id,
        cause=f"pickup:{pickup.id}:reminder:{pickup.reminders_sent}",
        code=pickup.code,
        link=showing.link(pickup),
        pick_up_by=pickup.pick_up_by,
    )


def _expire(session: Session, pickup: Pickup, *, actor: str) -> None:
    states.move(session, pickup, PickupStatus.EXPIRED, actor=actor)
    notices.pickup_expired(
        session,
        order_id=pickup.order_id,
        location_id=pickup.location_id,
        cause=f"pickup:{pickup.id}:expired",
    )
    order_status.refresh(session, pickup.order_id, event="order.pickup_expired")
