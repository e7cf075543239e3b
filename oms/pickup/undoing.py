"""Take a hand-over back within its minute: the goods are on their shelf again, and that is all."""

from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.errors import Conflict
from oms.orders.queries import require_version
from oms.pickup import queries, settling, signing, states
from oms.pickup.models import Pickup, PickupStatus
from oms.settings import settings


class TooLateToUndo(Conflict):
    """The hand-over is final."""

    code = "too_late_to_undo"


def undo(
    session: Session,
    pickup_id: UUID,
    *,
    actor: str,
    location_id: UUID | None = None,
    version: int | None = None,
) -> Pickup:
    """The goods were given to the wrong person, or not at all: the pickup is what it was.

    Nothing was moved, captured or told yet, so nothing is reversed. Raises `TooLateToUndo` when
    the time is over, whether or not the hand-over has been settled meanwhile.
    """
    pickup, _ = queries.locked(session, pickup_id, location_id=location_id)
    _refuse_if_late(pickup)
    require_version("this pickup", have=pickup.version, seen=version)
    assert pickup.pick_up_by is not None
    before = pickup.handed_over_by
    signing.forget(session, pickup.id)
    settling.forget(pickup)
    waits = pickup.pick_up_by > clock.now()
    states.move(
        session,
        pickup,
        PickupStatus.READY if waits else PickupStatus.EXPIRED,
        actor=actor,
        action="pickup.hand_over_undone",
        facts={"handed_over_by": before},
    )
    return pickup


def _refuse_if_late(pickup: Pickup) -> None:
    under_way = pickup.status is PickupStatus.HANDING_OVER
    if under_way and pickup.undo_until is not None and pickup.undo_until > clock.now():
        return
    handed = under_way or pickup.status is PickupStatus.COLLECTED
    raise TooLateToUndo(
        f"this hand-over can no longer be undone; it could for {settings().hand_over_undo_seconds}"
        " seconds"
        if handed
        else "nothing of this pickup was handed over just now",
        field="status",
        remedy="take the goods back as a return" if handed else "look at it again",
        facts={"status": pickup.status.value, "version": pickup.version},
    )
