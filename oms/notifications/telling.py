"""Which events a customer is told of: the relay asks here for every row it delivers."""

from sqlmodel import Session

from oms.fulfilments.models import Fulfilment, Parcel
from oms.notifications import notices
from oms.notifications.models import NoticeKind
from oms.orders.models import Delivery, Order, OrderStatus
from oms.outbox.models import OutboxRow


def tell_for(session: Session, row: OutboxRow) -> None:
    """Write down what this event means to the customer. Repeating it tells nothing twice."""
    if row.order_id is None:
        return
    match row.topic:
        case "order.captured":
            if session.get_one(Order, row.order_id).status is not OrderStatus.CANCELLED:
                _tell(session, row, NoticeKind.CONFIRMED, {})
        case "fulfilment.handed_over" | "fulfilment.delivered":
            if session.get_one(Fulfilment, row.subject_id).kind is Delivery.SHIP:
                left = row.topic == "fulfilment.handed_over"
                kind = NoticeKind.SHIPPED if left else NoticeKind.DELIVERED
                _tell(session, row, kind, {"fulfilment_id": str(row.subject_id)})
        case "parcel.out_for_delivery":
            parcel = session.get_one(Parcel, row.subject_id)
            facts = {"parcel_id": str(parcel.id), "fulfilment_id": str(parcel.fulfilment_id)}
            _tell(session, row, NoticeKind.OUT_FOR_DELIVERY, facts)
        case "repayment.paid":
            _tell(session, row, NoticeKind.REFUNDED, {"repayment_id": str(row.subject_id)})


def _tell(session: Session, row: OutboxRow, kind: NoticeKind, facts: dict[str, str]) -> None:
    assert row.order_id is not None
    cause = f"{row.subject_type}:{row.subject_id}:{kind.value}"
    notices.record(session, row.order_id, kind=kind, cause=cause, facts=dict(facts))
