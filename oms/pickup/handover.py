"""Goods and customer meet: prove whose they are, and hand them over once, all or a part of them.

Nothing is final for a minute, so that a hand-over can be undone; see `settling`.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.errors import IllegalMove, Invalid, Locked
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment
from oms.orders.queries import require_version
from oms.pickup import queries, settling, signing, states
from oms.pickup.models import Pickup, PickupStatus, Proof, Rest
from oms.settings import settings

MOST_WRONG_CODES = 5
LOCKED_FOR = timedelta(minutes=5)


class NotStaged(IllegalMove):
    """The goods are not on a shelf yet; `facts["missing"]` says which, in units by SKU."""

    code = "not_staged"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the person at the counter showed.

    `value` is the QR token or the six digits; for `Proof.IDENTITY` it is the *kind* of
    document that was checked, never its number.
    """

    proof: Proof
    value: str
    collected_by: str | None = None
    signature: str = ""
    """The strokes that they signed with, if they were asked to; see `signing`."""


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
    taken: Mapping[str, int] | None = None,
    rest: Rest = Rest.STAYS,
) -> Pickup | WrongCode:
    """Hand everything over, or say that the proof is wrong.

    With `taken`, units by SKU, only that; `rest` says what becomes of the others. A wrong proof
    is a return value, not an error, because its count must be committed. Raises `Locked` while
    too many wrong codes are recent, `NotStaged` while the goods are being picked, and
    `IllegalMove` unless they are ready: nothing can be handed over twice.
    """
    pickup, fulfilment = queries.locked(session, pickup_id, location_id=location_id)
    require_version("this pickup", have=pickup.version, seen=version)
    _refuse_if_locked(pickup)
    if pickup.status is PickupStatus.PREPARING:
        _refuse_unstaged(session, fulfilment)
    if pickup.status in states.STAGED and not _fits(pickup, shown):
        return _count_wrong(session, pickup, actor=actor)
    part = _part(session, fulfilment, taken) if taken is not None else None
    _note(session, pickup, shown, actor=actor, device_id=device_id)
    pickup.handing, pickup.rest = part, rest if part is not None else None
    pickup.undo_until = clock.now() + timedelta(seconds=settings().hand_over_undo_seconds)
    facts: dict[str, Any] = {
        "proof": shown.proof.value,
        "by_another": pickup.collected_by is not None,
    }
    if part is not None:
        facts |= {"units": sum(part.values()), "rest": rest.value}
    states.move(session, pickup, PickupStatus.HANDING_OVER, actor=actor, facts=facts)
    settling.settle(session, pickup_id)  # at once, where hand-overs cannot be undone
    return pickup


def _note(
    session: Session, pickup: Pickup, shown: Shown, *, actor: str, device_id: UUID | None
) -> None:
    """Keep who had what proof, and who handed over on which device."""
    pickup.proof = shown.proof
    pickup.document = shown.value.strip() if shown.proof is Proof.IDENTITY else None
    pickup.collected_at = clock.now()
    pickup.collected_by = (shown.collected_by or "").strip() or None
    pickup.handed_over_by = actor
    pickup.device_id = device_id
    pickup.wrong_codes = 0
    if shown.signature:
        signing.keep(session, pickup.id, shown.signature)


def _refuse_unstaged(session: Session, fulfilment: Fulfilment) -> None:
    missing: dict[str, int] = {}
    for line in fulfilments.lines(session, fulfilment.id):
        missing[line.sku] = missing.get(line.sku, 0) + line.quantity
    goods = ", ".join(f"{units} × {sku}" for sku, units in sorted(missing.items()))
    raise NotStaged(
        f"this pickup is {fulfilment.status.value}: {goods} not on a shelf yet",
        field="status",
        remedy="pick the goods and put them on a shelf first",
        facts={"status": fulfilment.status.value, "missing": missing},
    )


def _part(
    session: Session, fulfilment: Fulfilment, taken: Mapping[str, int]
) -> dict[str, int] | None:
    """What is taken, if it is not everything. Raises `Invalid`, naming each article."""
    there: dict[str, int] = {}
    for line in fulfilments.lines(session, fulfilment.id):
        there[line.sku] = there.get(line.sku, 0) + line.quantity
    wrong = [
        f"{units} × {sku} of {there.get(sku, 0)}"
        for sku, units in sorted(taken.items())
        if not 0 <= units <= there.get(sku, 0)
    ]
    if wrong:
        raise Invalid(
            "more than this pickup has: " + ", ".join(wrong),
            field="taken",
            remedy="count what the customer takes, at most what lies there",
            facts={"there": there},
        )
    part = {sku: units for sku, units in taken.items() if units}
    if not part:
        raise Invalid(
            "nothing is handed over",
            field="taken",
            remedy="count one article at least, or say that the customer does not want any",
        )
    return None if part == there else part


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
