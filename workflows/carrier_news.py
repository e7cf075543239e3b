"""Tracking that carriers push: kept like a channel's message, then added to the parcels' scans.

Such a message stands among the channels' under `carrier:` and the carrier's code, so that it is
shown, replayed and archived with them. What is read here may concern either.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session

from carriers.base import CarrierError, MalformedScans, RawRequest, Scan
from oms.channels import inbox, states
from oms.channels.base import Hint, Malformed
from oms.channels.inbox import Receipt
from oms.channels.models import ChannelMessage, MessageStatus
from oms.errors import Conflict
from oms.exceptions.cases import resolve_cause
from oms.fulfilments import queries, scanning
from oms.fulfilments.models import Fulfilment, Parcel
from oms.fulfilments.scanning import CarrierScan
from oms.returns import labels
from oms.returns import queries as returns
from workflows.carriage import registry

_PREFIX: Final = "carrier:"
_TOPIC: Final = "tracking"


def keep(session: Session, carrier: str, request: RawRequest) -> Receipt:
    """Keep a proven push as it came; a repeat of the same bytes is recognised."""
    hint = Hint(
        dedupe_key=hashlib.sha256(request.body).hexdigest(),
        topic=_TOPIC,
        reference="",
        occurred_at=None,
        kept_headers={},
    )
    return inbox.keep(session, f"{_PREFIX}{carrier}", hint=hint, body=request.body)


def apply_stored(session: Session, message_id: UUID) -> MessageStatus:
    """Apply a stored message, of a carrier or of a channel, unless somebody has done so already."""
    message = inbox.locked(session, message_id)
    if not _is_news(message):
        return inbox.apply_stored(session, message_id)
    if message.status is not MessageStatus.RECEIVED:
        return message.status
    return _apply(session, message)


def replay(session: Session, message_id: UUID, *, actor: str) -> ChannelMessage:
    """Apply a parked message again, of a carrier or of a channel, after its cause was mended."""
    message = inbox.locked(session, message_id)
    if not _is_news(message):
        return inbox.replay(session, message_id, actor=actor)
    if message.status is not MessageStatus.PARKED:
        raise Conflict(
            f"message {message_id} is {message.status.value}, not parked",
            field="message_id",
            remedy="only parked messages can be replayed",
        )
    if _apply(session, message) is not MessageStatus.PARKED:
        message.outcome = f"{message.outcome}; replayed by {actor}"
    return message


def _apply(session: Session, message: ChannelMessage) -> MessageStatus:
    carrier = message.channel.removeprefix(_PREFIX)
    request = RawRequest(method="POST", path="", headers=(), body=message.body)
    try:
        scans = registry().get(carrier).scans(request)
    except CarrierError as error:
        field = error.field if isinstance(error, MalformedScans) else None
        unread = Malformed(str(error), field=field or "body")
        inbox.park(session, message, unread, speaks_of="parcel")
        return message.status
    ours = _of_ours(session, carrier, scans)
    new, order_id = _add_to_returns(session, carrier, scans)
    known = order_id is not None or bool(ours)
    for parcel_id, found in ours.items():
        new += scanning.add_scans(session, parcel_id, found, actor=message.channel)
        parcel = session.get_one(Parcel, parcel_id)
        order_id = session.get_one(Fulfilment, parcel.fulfilment_id).order_id
    message.reference = scans[0].tracking_number[:120] if scans else ""
    if known:
        states.settle(
            message, MessageStatus.APPLIED, outcome=f"{new} new scan(s)", order_id=order_id
        )
    else:
        outcome = "no parcel of ours" if scans else "it carries no scans"
        states.settle(message, MessageStatus.IGNORED, outcome=outcome)
    resolve_cause(
        session,
        cause_type="message",
        cause_id=message.id,
        actor="system",
        resolution="applied",
    )
    return message.status


def _add_to_returns(
    session: Session, carrier: str, scans: Sequence[Scan]
) -> tuple[int, UUID | None]:
    """Tell the returns whose parcels these are; how much was new, and one order concerned."""
    found: dict[UUID, list[tuple[str, datetime]]] = {}
    for scan in scans:
        return_id = labels.by_number(session, carrier=carrier, tracking_number=scan.tracking_number)
        if return_id is not None:
            found.setdefault(return_id, []).append((scan.code.value, scan.at))
    new, order_id = 0, None
    for return_id, events in sorted(found.items()):
        new += labels.scanned(session, return_id, events, actor=f"{_PREFIX}{carrier}")
        order_id = returns.read(session, return_id).order_id
    return new, order_id


def _of_ours(
    session: Session, carrier: str, scans: Sequence[Scan]
) -> dict[UUID, list[CarrierScan]]:
    """The scans by parcel, in the order in which all who lock several parcels take them."""
    ours: dict[UUID, list[CarrierScan]] = {}
    for scan in scans:
        parcel_id = queries.parcel_of_number(
            session, carrier=carrier, tracking_number=scan.tracking_number
        )
        if parcel_id is not None:
            told = CarrierScan(scan.id, scan.code.value, scan.at, scan.place, scan.text)
            ours.setdefault(parcel_id, []).append(told)
    return dict(sorted(ours.items()))


def _is_news(message: ChannelMessage) -> bool:
    return message.channel.startswith(_PREFIX)
