"""Which events a channel must be told of: the relay asks here for every row it delivers."""

from sqlmodel import Session

from oms.channels import writebacks
from oms.channels.models import WritebackKind
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment
from oms.orders.models import Delivery, Order, OrderStatus
from oms.outbox.models import OutboxRow
from oms.payments.models import Payment, Provider, Repayment


def owe_for(session: Session, row: OutboxRow) -> None:
    """Owe the channel what this event means to it. Repeating it owes nothing twice."""
    if row.order_id is None:
        return
    match row.topic:
        case "fulfilment.handed_over":
            if session.get_one(Fulfilment, row.subject_id).kind is Delivery.SHIP:
                for parcel in fulfilments.live_parcels(session, row.subject_id):
                    writebacks.owe(
                        session,
                        order_id=row.order_id,
                        kind=WritebackKind.SHIPPED,
                        subject_id=parcel.id,
                    )
        case "pickup.ready" | "pickup.collected":
            kind = WritebackKind.READY if row.topic.endswith("ready") else WritebackKind.COLLECTED
            writebacks.owe(session, order_id=row.order_id, kind=kind, subject_id=row.subject_id)
        case "repayment.owed":
            repayment = session.get_one(Repayment, row.subject_id)
            payment = session.get_one(Payment, repayment.payment_id)
            if payment.provider is Provider.CHANNEL and repayment.credit_id is None:
                writebacks.owe(
                    session,
                    order_id=row.order_id,
                    kind=WritebackKind.REFUNDED,
                    subject_id=repayment.id,
                )
        case "order.cancelled_here" | "order.put_back":
            if session.get_one(Order, row.subject_id).status is OrderStatus.CANCELLED:
                writebacks.owe(
                    session,
                    order_id=row.order_id,
                    kind=WritebackKind.CANCELLED,
                    subject_id=row.subject_id,
                )
