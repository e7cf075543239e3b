"""Goods and customer meet: prove whose they are, and hand them over once."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import Invalid, Locked
from oms.fulfilments import handing_over, order_status
from oms.inventory.models import MovementKind
from oms.orders.queries import require_version
from oms.pickup import queries, states
from oms.pickup.models import Pickup, PickupStatus, Proof

MOST_WRONG_CODES = 5
LOCKED_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the person at the counter showed.

    `value` is the QR token or the six digits; for `Proof.IDENTITY` it is the *kind* of
    document that was checked, never its number.
    """

    proof: Proof
    value: str
    collected_by: str | None = None


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The proof did not fit. The attempt is kept; after the last one the pickup is locked."""

    attempts_left: int
    locked_until: datetime | None


def hand_over(
    session: Session,
    pickup_id: UUID,
    shown: Shown,
    *,
    actor: str,
    location_id: UUID | None = None,
    device_id: UUID | None = None,
    version: int | None = None,
) -> Pickup | WrongCode:
    """Hand everything over, or say that the proof is wrong.

    A wrong proof is a return value, not an error, because its count must be committed.
    Raises `Locked` while too many wrong codes are recent and `IllegalMove` unless the goods
    are ready: nothing can be handed over twice.
    """
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    _refuse_if_locked(pickup)
    if pickup.status in (PickupStatus.READY, PickupStatus.EXPIRED) and not _fits(pickup, shown):
        return _count_wrong(session, pickup, actor=actor)
    pickup.proof = shown.proof
    pickup.collected_at = clock.now()
    pickup.collected_by = (shown.collected_by or "").strip() or None
    pickup.handed_over_by = actor
    pickup.device_id = device_id
    pickup.wrong_codes = 0
    states.move(
        session,
        pickup,
        PickupStatus.COLLECTED,
        actor=actor,
        facts={"proof": shown.proof.value, "by_another": pickup.collected_by is not None},
    )
    handing_over.goods_left(session, fulfilment, kind=MovementKind.COLLECT, actor=actor)
    order_status.refresh(session, pickup.order_id, event="order.collected")
    return pickup


def _refuse_if_locked(pickup: Pickup) -> None:
    if pickup.locked_until is not None and pickup.locked_until > clock.now():
        wait = int((pickup.locked_until - clock.now()).total_seconds()) + 1
        raise Locked(
            f"too many wrong codes; this pickup is locked for {wait} more seconds",
            field="value",
            remedy="wait, or check the customer's identity document when the lock has ended",
            facts={"retry_after_s": wait},
        )


def _fits(pickup: Pickup, shown: Shown) -> bool:
    value = shown.value.strip()
    match shown.proof:
        case Proof.QR:
            return hmac.compare_digest(value.encode(), pickup.qr_token.encode())
        case Proof.CODE:
            return hmac.compare_digest(value.encode(), pickup.code.encode())
        case Proof.IDENTITY:
            return _kind_of_document(value)


def _kind_of_document(value: str) -> bool:
    if not value or any(character.isdigit() for character in value):
        raise Invalid(
            "name the kind of document that you checked, not its number",
            field="value",
            remedy="for example: passport, driving licence, identity card",
        )
    return True


def _count_wrong(session: Session, pickup: Pickup, *, actor: str) -> WrongCode:
    pickup.wrong_codes += 1
    if pickup.wrong_codes >= MOST_WRONG_CODES:
        pickup.locked_until = clock.now() + LOCKED_FOR
        pickup.wrong_codes = 0
    locked_until = pickup.locked_until if pickup.wrong_codes == 0 else None
    record(
        session,
        action="pickup.wrong_code",
        subject_type="pickup",
        subject_id=pickup.id,
        order_id=pickup.order_id,
        actor=actor,
        facts={"locked": locked_until is not None},
    )
    left = 0 if locked_until else MOST_WRONG_CODES - pickup.wrong_codes
    return WrongCode(attempts_left=left, locked_until=locked_until)
