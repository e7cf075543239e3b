"""Compare what is open in the database with what runs in Temporal, and mend both."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select
from temporalio import activity

from oms import clock
from oms.channels.models import Writeback, WritebackStatus
from oms.db import transaction
from oms.fulfilments.manifest_models import Filing, Manifest
from oms.fulfilments.models import Fulfilment
from oms.notifications.models import Notice
from oms.orders.models import Order
from oms.outbox.appending import append
from oms.outbox.models import OutboxRow
from oms.payments.card_models import CardIntent, IntentStatus
from oms.returns.models import Return
from oms.transfers.models import Transfer
from workflows.client import connect
from workflows.messages import Mended

_SETTLING = timedelta(seconds=30)
_MOST = 5_000
_HELD = (IntentStatus.ASKED, IntentStatus.OPEN)
_RUNNING = (
    "ExecutionStatus = 'Running' AND WorkflowType IN"
    " ('OrderWorkflow', 'ShipFulfilment', 'PickupFulfilment', 'TransferFulfilment',"
    " 'ReturnWorkflow', 'CardPayment', 'FileManifest',"
    " 'TrackingWriteback', 'SendNotice')"
)


@activity.defn
async def reconcile() -> Mended:
    """Tell the relay of every open row without a workflow and of every workflow to be closed.

    Rows younger than half a minute are left to the relay, which may be about to start them.
    """
    client = await connect()
    running = frozenset([found.id async for found in client.list_workflows(_RUNNING)])
    return await asyncio.to_thread(_mend, running)


def _mend(running: frozenset[str]) -> Mended:
    with transaction() as session:
        waiting = frozenset(
            session.exec(
                select(OutboxRow.subject_id).where(col(OutboxRow.delivered_at).is_(None))
            ).all()
        )
        open_rows = _open_rows(session)
        missing = [
            row for key, row in open_rows.items() if key not in running and row[1] not in waiting
        ]
        stale = [key for key in running if key not in open_rows]
        for kind, subject_id in missing:
            _tell(session, kind, subject_id)
        told = sum(_tell_closed(session, key) for key in stale)
    return Mended(started=len(missing), told=told)


def _open_rows(session: Session) -> dict[str, tuple[str, UUID]]:
    """Open rows older than a moment, by the id of the workflow that should follow them."""
    before = clock.now() - _SETTLING
    found = {
        f"{kind}:{row}": (kind, row)
        for kind, subject, is_open, since in _open_kinds()
        for row in session.exec(select(subject).where(is_open, since < before).limit(_MOST))
    }
    writebacks = session.exec(
        select(Writeback)
        .where(Writeback.status == WritebackStatus.OWED, Writeback.created_at < before)
        .limit(_MOST)
    )
    return found | {
        f"writeback:{row.channel}:{row.kind.value}:{row.subject_id}": ("writeback", row.id)
        for row in writebacks
    }


def _open_kinds() -> Iterator[tuple[str, Any, Any, Any]]:
    """Kind, id, when it is open, since when; of what is followed under its own id."""
    for kind, table, since in (
        ("order", Order, Order.captured_at),
        ("fulfilment", Fulfilment, Fulfilment.created_at),
        ("transfer", Transfer, Transfer.requested_at),
        ("return", Return, Return.asked_at),
        ("notice", Notice, Notice.created_at),
    ):
        yield kind, table.id, col(table.closed_at).is_(None), since
    yield "manifest", Manifest.id, Manifest.filing == Filing.OWED, Manifest.closed_at
    held = col(CardIntent.status).in_(_HELD)
    yield "payment", CardIntent.payment_id, held, CardIntent.asked_at


def _tell(session: Session, kind: str, subject_id: UUID) -> None:
    append(
        session,
        topic="reconciled",
        subject_type=kind,
        subject_id=subject_id,
        version=0,
    )


def _tell_closed(session: Session, workflow_id: str) -> int:
    """Tell a workflow whose row is closed, or not open long enough to be listed, to look."""
    kind, _, rest = workflow_id.partition(":")
    if kind == "manifest":
        manifest = session.get(Manifest, UUID(rest))
        if manifest is None or manifest.filing is Filing.OWED:
            return 0
        _tell(session, kind, manifest.id)
        return 1
    row: Order | Fulfilment | Transfer | Return | Notice | None = None
    if kind == "order":
        row = session.get(Order, UUID(rest))
    elif kind == "fulfilment":
        row = session.get(Fulfilment, UUID(rest))
    elif kind == "transfer":
        row = session.get(Transfer, UUID(rest))
    elif kind == "return":
        row = session.get(Return, UUID(rest))
    elif kind == "notice":
        row = session.get(Notice, UUID(rest))
    if row is None or row.closed_at is None:
        return 0
    _tell(session, kind, row.id)
    return 1
