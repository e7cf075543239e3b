"""Whom an outbox row concerns: which workflows must look at their rows again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session
from temporalio.common import TypedSearchAttributes

from oms.channels.models import Writeback, WritebackStatus
from oms.fulfilments import states as fulfilments
from oms.fulfilments.manifest_models import Filing, Manifest
from oms.fulfilments.models import Fulfilment
from oms.imports.models import Import, ImportStatus
from oms.locations.models import Location
from oms.notifications.models import Notice
from oms.orders import states as order_states
from oms.orders.models import Delivery, Order
from oms.outbox.models import OutboxRow
from oms.payments.card_models import CardIntent
from oms.payments.models import Repayment
from oms.pickup.models import Pickup
from oms.returns import states as returns
from oms.returns.models import Return
from oms.transfers import queries as transfers
from workflows import (
    card_views,
    manifest_view,
    notice_view,
    return_views,
    transfer_view,
    views,
)
from workflows.card_payment import CardPayment
from workflows.filing import FileManifest
from workflows.following import initial_attributes
from workflows.importing import ImportFile
from workflows.notice import SendNotice
from workflows.order import OrderWorkflow
from workflows.pickup import PickupFulfilment
from workflows.returning import ReturnWorkflow
from workflows.ship import ShipFulfilment
from workflows.transfer import TransferFulfilment
from workflows.writeback import TrackingWriteback

_Workflow = type[
    OrderWorkflow
    | ShipFulfilment
    | PickupFulfilment
    | TransferFulfilment
    | ReturnWorkflow
    | CardPayment
    | TrackingWriteback
    | SendNotice
    | ImportFile
    | FileManifest
]


@dataclass(frozen=True, slots=True)
class Target:
    """One workflow to be told. When its row is closed it is told, but not started for it."""

    workflow_id: str
    subject_id: str
    kind: _Workflow
    start: bool
    summary: str
    attributes: TypedSearchAttributes


def targets(session: Session, row: OutboxRow) -> Iterator[Target]:
    """The workflows that a row concerns."""
    if (find := _FINDERS.get(row.subject_type)) is not None:
        yield find(session, row.subject_id)
    elif row.subject_type in ("payment", "repayment"):
        yield from _cards(session, row)


def of_order(session: Session, order_id: UUID) -> Target:
    """The workflow that follows an order."""
    row = session.get_one(Order, order_id)
    return Target(
        workflow_id=f"order:{order_id}",
        subject_id=str(order_id),
        kind=OrderWorkflow,
        start=row.status not in order_states.CLOSED,
        summary=views.summary_of_order(row),
        attributes=initial_attributes(views.order(session, order_id)),
    )


def of_fulfilment(session: Session, fulfilment_id: UUID) -> Target:
    """The workflow that follows a fulfilment, be it a shipment or a pickup."""
    row = session.get_one(Fulfilment, fulfilment_id)
    pickup = row.kind is Delivery.PICKUP
    view = (
        views.pickup(session, fulfilment_id) if pickup else views.shipment(session, fulfilment_id)
    )
    return Target(
        workflow_id=f"fulfilment:{fulfilment_id}",
        subject_id=str(fulfilment_id),
        kind=PickupFulfilment if pickup else ShipFulfilment,
        start=not view.closed or not fulfilments.is_closed(row),
        summary=views.summary_of_fulfilment(row, session.get_one(Location, row.location_id)),
        attributes=initial_attributes(view),
    )


def of_return(session: Session, return_id: UUID) -> Target:
    """The workflow that follows a return; a reopened one is started anew."""
    row = session.get_one(Return, return_id)
    return Target(
        workflow_id=f"return:{return_id}",
        subject_id=str(return_id),
        kind=ReturnWorkflow,
        start=row.status not in returns.OVER,
        summary=return_views.summary(row, session.get_one(Order, row.order_id)),
        attributes=initial_attributes(return_views.view(session, return_id)),
    )


def _cards(session: Session, row: OutboxRow) -> Iterator[Target]:
    """The card payment that a row is of, or that a refund goes back by."""
    payment_id = row.subject_id
    if row.subject_type == "repayment":
        repayment = session.get_one(Repayment, row.subject_id)
        if repayment.credit_id is not None:
            return
        payment_id = repayment.payment_id
    if session.get(CardIntent, payment_id) is not None:
        yield of_card(session, payment_id)


def of_card(session: Session, payment_id: UUID) -> Target:
    """The workflow that carries a card payment out; a refund starts it anew."""
    row = session.get_one(CardIntent, payment_id)
    order = session.get_one(Order, row.order_id)
    view = card_views.view(session, payment_id)
    return Target(
        workflow_id=f"payment:{payment_id}",
        subject_id=str(payment_id),
        kind=CardPayment,
        start=not view.closed,
        summary=card_views.summary(row, order),
        attributes=initial_attributes(view),
    )


def of_writeback(session: Session, writeback_id: UUID) -> Target:
    """The workflow that tells a channel one fact."""
    row = session.get_one(Writeback, writeback_id)
    order = session.get_one(Order, row.order_id)
    return Target(
        workflow_id=f"writeback:{row.channel}:{row.kind.value}:{row.subject_id}",
        subject_id=str(writeback_id),
        kind=TrackingWriteback,
        start=row.status is WritebackStatus.OWED,
        summary=f"Tell {row.channel}: {order.display_number} {row.kind.value}",
        attributes=initial_attributes(views.writeback(session, writeback_id)),
    )


def of_notice(session: Session, notice_id: UUID) -> Target:
    """The workflow that tells a customer one thing."""
    row = session.get_one(Notice, notice_id)
    return Target(
        workflow_id=f"notice:{notice_id}",
        subject_id=str(notice_id),
        kind=SendNotice,
        start=row.closed_at is None,
        summary=notice_view.summary(session, row),
        attributes=initial_attributes(notice_view.view(session, notice_id)),
    )


def of_transfer(session: Session, transfer_id: UUID) -> Target:
    """The workflow that follows a transfer."""
    row = transfers.one(session, transfer_id)
    view = transfer_view.transfer(session, transfer_id)
    return Target(
        workflow_id=f"transfer:{transfer_id}",
        subject_id=str(transfer_id),
        kind=TransferFulfilment,
        start=not view.closed,
        summary=transfer_view.summary(session, row),
        attributes=initial_attributes(view),
    )


def of_manifest(session: Session, manifest_id: UUID) -> Target:
    """The workflow that files a manifest."""
    row = session.get_one(Manifest, manifest_id)
    return Target(
        workflow_id=f"manifest:{manifest_id}",
        subject_id=str(manifest_id),
        kind=FileManifest,
        start=row.filing is Filing.OWED,
        summary=manifest_view.summary(session, row),
        attributes=initial_attributes(manifest_view.manifest(session, manifest_id)),
    )


def of_import(session: Session, import_id: UUID) -> Target:
    """The workflow that imports an uploaded file."""
    row = session.get_one(Import, import_id)
    return Target(
        workflow_id=f"import:{import_id}",
        subject_id=str(import_id),
        kind=ImportFile,
        start=row.status is not ImportStatus.DONE,
        summary=f"Import {row.kind.value}: {row.file_name}",
        attributes=TypedSearchAttributes([]),
    )


def _of_pickup(session: Session, pickup_id: UUID) -> Target:
    return of_fulfilment(session, session.get_one(Pickup, pickup_id).fulfilment_id)


_FINDERS: Final[Mapping[str, Callable[[Session, UUID], Target]]] = {
    "order": of_order,
    "fulfilment": of_fulfilment,
    "pickup": _of_pickup,
    "return": of_return,
    "writeback": of_writeback,
    "notice": of_notice,
    "transfer": of_transfer,
    "manifest": of_manifest,
    "import": of_import,
}
"""The one workflow that a subject of each kind has."""
