"""Who has a pickup in hand, and until when nobody else may finish it."""

from datetime import timedelta

from oms import clock
from oms.errors import Conflict
from oms.pickup.models import Pickup
from oms.settings import settings


class Claimed(Conflict):
    """Another associate picks it; it must be taken over first."""

    code = "claimed"


def claim(pickup: Pickup, *, actor: str) -> None:
    """Give the pickup into somebody's hands, from now on for the length of a lease."""
    pickup.claimed_by = actor
    pickup.claimed_until = clock.now() + timedelta(minutes=settings().pick_lease_minutes)


def require(pickup: Pickup, *, actor: str) -> None:
    """Two who pick one pickup fetch its goods twice: the second must know of the first."""
    if pickup.claimed_by in (None, actor) or pickup.claimed_until is None:
        return
    if pickup.claimed_until > clock.now():
        raise Claimed(
            "somebody else is picking this pickup",
            field="pickup_id",
            remedy="ask them, then take it over",
            facts={"until": pickup.claimed_until.isoformat()},
        )
