"""Take tracking that carriers push in: prove, keep, thank, apply."""

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from api.admission import Admission
from api.schemas.orders import MessageOut
from carriers.base import RawRequest
from carriers.registry import UnknownCarrier
from oms.channels.base import BadSignature
from oms.channels.inbox import Receipt
from oms.db import transaction
from oms.errors import NotFound
from workflows import carrier_news
from workflows.carriage import registry

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/webhooks/carriers", tags=["webhooks"])


@router.post("/{carrier}")
async def receive(carrier: str, request: Request) -> MessageOut:
    """Store a proven push and acknowledge it after the commit.

    401 when it does not prove where it comes from, 404 for a carrier that is not configured, 413
    for a body beyond the limit. A repeated push is acknowledged and not applied again. What
    cannot be read is kept and shown as an exception.
    """
    raw = RawRequest(
        method="POST",
        path=request.url.path,
        headers=tuple(
            (key.decode("latin-1").lower(), value.decode("latin-1"))
            for key, value in request.headers.raw
        ),
        body=await request.body(),
    )
    admission: Admission = request.state.admission
    async with admission.place():
        receipt = await run_in_threadpool(_take, carrier, raw)
    return MessageOut(
        message_id=receipt.message_id, status=str(receipt.status), repeated=receipt.repeated
    )


def _take(carrier: str, raw: RawRequest) -> Receipt:
    """Keep the push, then apply it; once it is kept, nothing can lose it."""
    _prove(carrier, raw)
    with transaction() as session:
        receipt = carrier_news.keep(session, carrier, raw)
    if receipt.repeated:
        return receipt
    try:
        with transaction() as session:
            status = carrier_news.apply_stored(session, receipt.message_id)
    except Exception:
        log.exception("message_not_applied", message_id=str(receipt.message_id))
        return receipt
    return Receipt(receipt.message_id, status, repeated=False)


def _prove(carrier: str, raw: RawRequest) -> None:
    try:
        verdict = registry().get(carrier).verify(raw)
    except UnknownCarrier as error:
        raise NotFound(
            f"there is no carrier {carrier!r} here",
            field="carrier",
            remedy="use the code that the carrier has in the settings",
        ) from error
    if not verdict.ok:
        raise BadSignature(
            f"this does not come from {carrier}: {verdict.reason}",
            field="headers",
            remedy=f"sign it with one of carriers.{carrier}.webhook_secrets",
        )
