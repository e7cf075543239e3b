"""What an associate does next with a pickup or a shipment: pure, and the same at every look.

Everything that looks like chance follows from the thing's own id, so an associate who was
interrupted decides the same again and repeats the very same command.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from api.schemas.stores import PickupOut, QueueLineOut, ShipmentLineOut, ShipmentOut
from oms.fulfilments.models import FulfilmentStatus, RejectReason
from oms.pickup.models import Proof

T = TypeVar("T")

_REASONS: Final = (*3 * (RejectReason.NOT_FOUND,), RejectReason.DAMAGED, RejectReason.TOO_BUSY)
_DOCUMENTS: Final = ("driving licence", "passport", "identity card")


@dataclass(frozen=True, slots=True)
class Pace:
    """How people work. Seconds from one look at a thing to the next step with it, and shares."""

    step_s: float = 4.0
    """Walking, picking, packing."""
    collect_s: float = 30.0
    """Until the customer comes for what is ready."""
    busy_s: float = 2.0
    """Between two looks at a queue with work in it."""
    idle_s: float = 10.0
    """Between two looks at an empty queue, in the end."""
    away_s: float = 5.0
    """Before a service that did not answer is asked again."""
    refused_s: float = 15.0
    """Before a step that was refused is tried again, if it still seems to be the next."""
    rejected_pickups: float = 0.01
    """A pickup that is given back has nowhere else to go, so few are."""
    rejected_shipments: float = 0.04


@dataclass(frozen=True, slots=True)
class Step:
    """One command, relative to the location's address, and how long it takes to get to it."""

    path: str
    body: dict[str, Any]
    after_s: float

    @property
    def key(self) -> str:
        """The idempotency key: one for each step with each state of the thing."""
        return f"{self.path}-{self.body['version']}"


def with_pickup(item: PickupOut, pace: Pace) -> Step | None:
    """The next step with a pickup; None while there is nothing to do."""
    chance = _Chance(item.pickup_id)
    what, body, after_s = "", {}, pace.step_s
    match item.step:
        case "new":
            what = "start"
        case "picking" if chance.share("rejected") < pace.rejected_pickups:
            what, body = "reject", _rejection(chance, [line.sku for line in item.lines])
        case "picking":
            what, body = "ready", {"picked": _picked(item.lines), "shelf": _shelf(chance)}
        case "ready" if item.locked_until is None:
            what, after_s = "hand-over", pace.collect_s * (0.5 + chance.share("patience"))
            body = {"proof": Proof.IDENTITY.value, "value": chance.one_of("document", _DOCUMENTS)}
        case "expired" | "to_put_back":
            what = "put-back"
    if not what:
        return None
    return Step(f"pickups/{item.pickup_id}/{what}", body | {"version": item.version}, after_s)


def with_shipment(item: ShipmentOut, pace: Pace) -> Step | None:
    """The next step with a shipment; None while its labels are on their way."""
    chance = _Chance(item.fulfilment_id)
    what, body = "", {}
    match item.status:
        case FulfilmentStatus.ALLOCATED:
            what = "start"
        case FulfilmentStatus.PICKING if chance.share("rejected") < pace.rejected_shipments:
            what, body = "reject", _rejection(chance, [line.sku for line in item.lines])
        case FulfilmentStatus.PICKING:
            what, body = "pack", {"picked": _picked(item.lines)}
        case FulfilmentStatus.PACKED if all(one.tracking_number for one in item.parcels):
            what = "hand-over"
    if not what:
        return None
    return Step(
        f"shipments/{item.fulfilment_id}/{what}", body | {"version": item.version}, pace.step_s
    )


class _Chance:
    """What falls to one thing by chance, and always the same to the same thing."""

    def __init__(self, thing: UUID) -> None:
        self._thing = thing

    def share(self, question: str) -> float:
        """A number from 0 to below 1."""
        digest = hashlib.sha256(f"{self._thing} {question}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48

    def one_of(self, question: str, answers: Sequence[T]) -> T:
        """One of the answers, each as likely as the others."""
        return answers[int(self.share(question) * len(answers))]


def _rejection(chance: _Chance, skus: list[str]) -> dict[str, Any]:
    """Why a location gives work back; goods that are missing or broken are named."""
    reason = chance.one_of("reason", _REASONS)
    gone = reason is not RejectReason.TOO_BUSY
    return {"reason": reason.value, "skus": [min(skus)] if gone else []}


def _picked(lines: Iterable[QueueLineOut | ShipmentLineOut]) -> dict[str, int]:
    """All that is asked for, by SKU."""
    picked: dict[str, int] = {}
    for line in lines:
        picked[line.sku] = picked.get(line.sku, 0) + line.quantity
    return picked


def _shelf(chance: _Chance) -> str:
    return f"{'ABCDE'[int(chance.share('row') * 5)]}{1 + int(chance.share('place') * 9)}"
