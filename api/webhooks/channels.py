"""Take a channel's events in: prove, keep, thank, apply."""

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from api.admission import Admission
from api.schemas.orders import MessageOut
from oms import clock
from oms.audit.recording import REQUEST_ID
from oms.capture.arrivals import Arrival, Fate, Message, is_plain
from oms.capture.writer import Writer
from oms.channels import inbox
from oms.channels.base import Channel, Malformed, RawRequest
from oms.channels.registry import channel as channel_of
from oms.db import transaction

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

_LONG_BYTES = 65_536
"""Reading more than this would hold up the process's other requests."""


@router.post("/{channel}")
async def receive(channel: str, request: Request) -> MessageOut:
    """Store a signed event and acknowledge it after the commit.

    401 when the signature does not fit the raw bytes, 404 for a channel that is not
    configured, 413 for a body beyond the limit, 503 with `Retry-After` when too much waits. A
    repeated event is acknowledged and not applied again. What cannot be applied is kept and
    shown as an exception.
    """
    adapter = channel_of(channel)
    writer: Writer = request.app.state.capture
    raw = RawRequest(
        headers=tuple(
            (key.decode("latin-1").lower(), value.decode("latin-1"))
            for key, value in request.headers.raw
        ),
        body=await request.body(),
    )
    adapter.verify(raw, now=clock.now())
    arrival = _plain_order(adapter, raw)
    if arrival is not None:
        outcome = await writer.capture(arrival)
        if outcome.fate is not Fate.LEFT and outcome.message_id is not None:
            return MessageOut(
                message_id=outcome.message_id,
                status=outcome.status,
                repeated=outcome.fate is Fate.REPEATED,
            )
    admission: Admission = request.state.admission
    async with admission.place():
        receipt = await run_in_threadpool(_take, adapter, raw)
    return MessageOut(
        message_id=receipt.message_id, status=str(receipt.status), repeated=receipt.repeated
    )


def _plain_order(adapter: Channel, raw: RawRequest) -> Arrival | None:
    """The order in a message, if it may be written with others; else the ordinary way takes it."""
    hint = adapter.hint(raw)
    if len(raw.body) > _LONG_BYTES or not adapter.wants(hint.topic):
        return None
    try:
        new = adapter.to_order(raw.body, topic=hint.topic)
    except Malformed:
        return None
    if not is_plain(new):
        return None
    return Arrival(new, Message(hint, raw.body), at=clock.now(), request_id=REQUEST_ID.get())


def _take(adapter: Channel, raw: RawRequest) -> inbox.Receipt:
    """Keep the message, then apply it; once it is kept, nothing can lose it."""
    with transaction() as session:
        receipt = inbox.store(session, adapter, raw)
    if receipt.repeated:
        return receipt
    try:
        with transaction() as session:
            status = inbox.apply_stored(session, receipt.message_id)
    except Exception:
        log.exception("message_not_applied", message_id=str(receipt.message_id))
        return receipt
    return inbox.Receipt(receipt.message_id, status, repeated=False)
