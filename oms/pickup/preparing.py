"""From a new pickup to goods that wait on a shelf with the customer told."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Conflict
from oms.fulfilments import giving_back, order_status, picking
from oms.fulfilments import states as fulfilment_states
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, RejectReason
from oms.locations.calendars import calendars
from oms.locations.models import Location
from oms.notifications import notices
from oms.orders.queries import require_version
from oms.pickup import claiming, queries, showing, staging, states
from oms.pickup.models import Pickup, PickupStatus
from oms.settings import settings


def create(session: Session, fulfilment: Fulfilment, *, actor: str) -> Pickup:
    """Open the pickup of a new fulfilment, with the secrets that its customer will show."""
    pickup = Pickup(
        fulfilment_id=fulfilment.id,
        order_id=fulfilment.order_id,
        location_id=fulfilment.location_id,
        due_at=fulfilment.due_at,
        code=f"{secrets.randbelow(1_000_000):06}",
        qr_token=secrets.token_urlsafe(24),
    )
    session.add(pickup)
    session.flush()
    states.created(session, pickup, actor=actor)
    return pickup


def start(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """Take the pickup in hand. A second associate is told who was first."""
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    fulfilment_states.move(session, fulfilment, FulfilmentStatus.PICKING, actor=actor)
    claiming.claim(pickup, actor=actor)
    states.touched(session, pickup, action="pickup.picking", actor=actor, facts={})
    order_status.refresh(session, pickup.order_id, event="order.picking")
    return pickup


def take_over(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """Pick on in place of whoever began, who is told when they try to finish. Renews one's own."""
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    if fulfilment.status is not FulfilmentStatus.PICKING:
        raise Conflict(
            "nobody is picking this pickup",
            field="status",
            remedy="look at it again; it may be finished, or not begun",
        )
    before = pickup.claimed_by
    claiming.claim(pickup, actor=actor)
    states.touched(
        session,
        pickup,
        action="pickup.picking",
        actor=actor,
        facts={"taken_over_from": before} if before not in (None, actor) else {},
    )
    return pickup


def mark_ready(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    picked: Mapping[str, int] | None = None,
    shelf: str | None = None,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """Everything is picked or settled and lies on a shelf; tell the customer until when it waits.

    `picked` is units by SKU and must be all that is still wanted; without it the units count that
    were scanned into their totes. With a `shelf` whatever is not on one yet lies there, in one
    package if none was made; without it every package must be on its shelf.
    """
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    claiming.require(pickup, actor=actor)
    if shelf is not None:
        staging.put_the_rest(session, pickup, shelf=shelf, actor=actor)
    on = staging.require_staged(session, pickup)
    fulfilment_states.move(session, fulfilment, FulfilmentStatus.PACKED, actor=actor)
    picking.record_picked(session, fulfilment, picked)
    pickup.shelf = ", ".join(on)
    pickup.ready_at = clock.now()
    pickup.pick_up_by = wait_until(session, pickup)
    states.move(session, pickup, PickupStatus.READY, actor=actor, facts={"shelf": pickup.shelf})
    notices.pickup_ready(
        session,
        order_id=pickup.order_id,
        location_id=pickup.location_id,
        cause=f"pickup:{pickup.id}:ready",
        code=pickup.code,
        link=showing.link(pickup),
        pick_up_by=pickup.pick_up_by,
    )
    order_status.refresh(session, pickup.order_id, event="order.ready")
    return pickup


def reject(
    session: Session,
    pickup_id: UUID,
    *,
    reason: RejectReason,
    actor: str,
    skus: Sequence[str] = (),
    note: str = "",
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """The store cannot prepare it. The order goes back to routing, the customer is not forgotten.

    A pickup is never turned into a delivery here: who decides that is the customer.
    """
    pickup, _ = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    giving_back.reject(
        session, pickup.fulfilment_id, reason=reason, skus=skus, note=note, actor=actor
    )
    states.move(
        session, pickup, PickupStatus.CANCELLED, actor=actor, facts={"rejected": reason.value}
    )
    return pickup


def cancel(session: Session, pickup: Pickup, *, actor: str) -> None:
    """The order was called off before its goods were staged; see `calling_off` for after that."""
    states.move(session, pickup, PickupStatus.CANCELLED, actor=actor)


def lessened(session: Session, pickup: Pickup, *, units: int, actor: str) -> None:
    """The customer wants less of it; whoever picks it is shown so."""
    states.touched(session, pickup, action="pickup.lessened", actor=actor, facts={"units": units})


def wait_until(session: Session, pickup: Pickup) -> datetime:
    """Closing time of the store's last open day within the waiting period."""
    location = session.get_one(Location, pickup.location_id)
    calendar = calendars(session, [location])[location.code]
    latest = clock.now() + timedelta(days=settings().pickup_days)
    closing = calendar.last_closing(latest.astimezone(calendar.zone).date())
    return closing if closing is not None and closing > clock.now() else latest
