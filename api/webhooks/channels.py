"""Take a channel's events in: prove, keep, thank, apply."""

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from api.schemas.orders import MessageOut
from oms import clock
from oms.channels import inbox
from oms.channels.base import Channel, RawRequest
from oms.channels.registry import channel as channel_of
from oms.db import transaction

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


@router.post("/{channel}")
async def receive(channel: str, request: Request) -> MessageOut:
    """Store a signed event and acknowledge it after the commit.

    401 when the signature does not fit the raw bytes, 404 for a channel that is not
    configured, 413 for a body beyond the limit. A repeated event is acknowledged and not
    applied again. What cannot be applied is kept and shown as an exception.
    """
    adapter = channel_of(channel)
    raw = RawRequest(
        headers=tuple(
            (key.decode("latin-1").lower(), value.decode("latin-1"))
            for key, value in request.headers.raw
        ),
        body=await request.body(),
    )
    adapter.verify(raw, now=clock.now())
    receipt = await run_in_threadpool(_take, adapter, raw)
    return MessageOut(
        message_id=receipt.message_id, status=receipt.status.value, repeated=receipt.repeated
    )


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
