"""A hand-over becomes final: only now is stock moved, the order fulfilled, and anybody told.

Until then its row says all there is, so a process that dies loses nothing, and undoing it leaves
no trace in stock or money. What is due is due by the row; who asks for it, and how often, does
not matter.
"""

import secrets
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.fulfilments import dividing, handing_over, order_status
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment
from oms.inventory.models import MovementKind
from oms.notifications import notices
from oms.pickup import calling_off, preparing, queries, showing, signing, states
from oms.pickup.models import Pickup, PickupStatus, Rest


def settle(session: Session, pickup_id: UUID) -> Pickup:
    """Make a hand-over final if its time has come. Repeating it, early or late, changes nothing."""
    pickup, fulfilment = queries.locked(session, pickup_id)
    if pickup.undo_until is None or pickup.undo_until > clock.now():
        return pickup
    assert pickup.handed_over_by is not None
    actor = pickup.handed_over_by
    if pickup.handing is None:
        _end_window(pickup)
        states.move(session, pickup, PickupStatus.COLLECTED, actor=actor)
        handing_over.goods_left(session, fulfilment, kind=MovementKind.COLLECT, actor=actor)
    else:
        _divide(session, pickup, fulfilment, actor=actor)
    order_status.refresh(session, pickup.order_id, event="order.collected")
    return pickup


def forget(pickup: Pickup) -> None:
    """Nobody has its goods, and nothing is being handed over. The caller moves the pickup on."""
    _end_window(pickup)
    pickup.proof = pickup.document = pickup.collected_at = pickup.collected_by = None
    pickup.handed_over_by = pickup.device_id = None


def _end_window(pickup: Pickup) -> None:
    pickup.undo_until = pickup.handing = pickup.rest = None


def _divide(session: Session, pickup: Pickup, fulfilment: Fulfilment, *, actor: str) -> None:
    """What was taken becomes a pickup of its own; the rest keeps its code, and waits or goes."""
    assert pickup.handing is not None
    taken = dividing.spread(fulfilments.lines(session, fulfilment.id), pickup.handing)
    part = dividing.part_left(session, fulfilment, taken, actor=actor)
    collected = _collected(session, pickup, part, actor=actor)
    signing.hand_on(session, pickup.id, to=collected.id)
    if pickup.rest is Rest.DECLINED:
        forget(pickup)
        calling_off.goods_stay(session, pickup, fulfilment, actor=actor, action="pickup.declined")
    else:
        _wait_on(session, pickup, actor=actor)


def _collected(session: Session, pickup: Pickup, part: Fulfilment, *, actor: str) -> Pickup:
    """The pickup of the part, with the proof that was shown for it."""
    made = Pickup(
        fulfilment_id=part.id,
        order_id=part.order_id,
        location_id=part.location_id,
        part_of=pickup.id,
        status=PickupStatus.HANDING_OVER,
        due_at=pickup.due_at,
        code=pickup.code,
        qr_token=secrets.token_urlsafe(24),
        shelf=pickup.shelf,
        ready_at=pickup.ready_at,
        pick_up_by=pickup.pick_up_by,
        undo_until=pickup.undo_until,
        proof=pickup.proof,
        document=pickup.document,
        collected_at=pickup.collected_at,
        collected_by=pickup.collected_by,
        handed_over_by=pickup.handed_over_by,
        device_id=pickup.device_id,
    )
    session.add(made)
    session.flush()
    states.created(session, made, actor=actor)
    _end_window(made)
    states.move(session, made, PickupStatus.COLLECTED, actor=actor)
    return made


def _wait_on(session: Session, pickup: Pickup, *, actor: str) -> None:
    """The rest waits as long as goods that have just become ready; the customer is told."""
    until = preparing.wait_until(session, pickup)
    forget(pickup)
    pickup.ready_at = clock.now()
    pickup.reminders_sent = 0
    pickup.pick_up_by = until
    states.move(session, pickup, PickupStatus.READY, actor=actor, action="pickup.part_collected")
    notices.pickup_rest(
        session,
        order_id=pickup.order_id,
        location_id=pickup.location_id,
        cause=f"pickup:{pickup.id}:rest:{pickup.version}",
        code=pickup.code,
        link=showing.link(pickup),
        pick_up_by=until,
    )
