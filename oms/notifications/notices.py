"""Write notices to customers, once per cause; sending is the worker's business."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.customers.models import Customer
from oms.ids import new_id
from oms.locations.models import Location
from oms.notifications.models import Notice, NoticeKind, NoticeStatus
from oms.orders.models import Order


def pickup_ready(
    session: Session,
    *,
    order_id: UUID,
    location_id: UUID,
    cause: str,
    code: str,
    link: str,
    pick_up_by: datetime,
) -> None:
    """Tell the customer that the goods wait, where, until when, and what to bring."""
    order, store = _facts(session, order_id, location_id)
    _record(
        session,
        order,
        kind=NoticeKind.READY,
        cause=cause,
        subject=f"Your order {order.display_number} is ready at {store.name}",
        body=(
            f"Your order {order.display_number} is ready.\n\n"
            f"Where: {store.name}, {store.street}, {store.city}\n"
            f"Until: {_local(pick_up_by, store)}\n"
            f"Show at the counter: {link}\n"
            f"or say the code {code}.\n" + _at_the_car(store)
        ),
    )


def pickup_rest(
    session: Session,
    *,
    order_id: UUID,
    location_id: UUID,
    cause: str,
    code: str,
    link: str,
    pick_up_by: datetime,
) -> None:
    """Tell the customer, who took a part, until when the rest waits."""
    order, store = _facts(session, order_id, location_id)
    _record(
        session,
        order,
        kind=NoticeKind.READY,
        cause=cause,
        subject=f"The rest of your order {order.display_number} waits at {store.name}",
        body=(
            f"You have collected a part of your order {order.display_number}. The rest waits for"
            f" you at {store.name}, {store.street}, {store.city}, until"
            f" {_local(pick_up_by, store)}.\n"
            f"Show at the counter: {link}\nor say the code {code}.\n" + _at_the_car(store)
        ),
    )


def pickup_reminder(
    session: Session,
    *,
    order_id: UUID,
    location_id: UUID,
    cause: str,
    code: str,
    link: str,
    pick_up_by: datetime,
) -> None:
    """Remind the customer of goods that wait."""
    order, store = _facts(session, order_id, location_id)
    _record(
        session,
        order,
        kind=NoticeKind.REMINDER,
        cause=cause,
        subject=f"Your order {order.display_number} still waits at {store.name}",
        body=(
            f"Your order {order.display_number} waits for you at {store.name}, {store.street},"
            f" {store.city}, until {_local(pick_up_by, store)}.\n"
            f"Show at the counter: {link}\nor say the code {code}.\n" + _at_the_car(store)
        ),
    )


def pickup_expired(session: Session, *, order_id: UUID, location_id: UUID, cause: str) -> None:
    """Tell the customer that the waiting is over."""
    order, store = _facts(session, order_id, location_id)
    _record(
        session,
        order,
        kind=NoticeKind.EXPIRED,
        cause=cause,
        subject=f"Your order {order.display_number} was not picked up",
        body=(
            f"Your order {order.display_number} was not picked up at {store.name} in time, so"
            " the goods go back on sale. The shop will settle what you have paid.\n"
        ),
    )


def return_reminder(
    session: Session, *, order_id: UUID, cause: str, number: int, by_mail: bool, until: datetime
) -> None:
    """Remind the customer of goods that they wanted to send back."""
    order = session.get_one(Order, order_id)
    how = "Send the parcel" if by_mail else "Bring the goods to one of our stores"
    _record(
        session,
        order,
        kind=NoticeKind.RETURN_REMINDER,
        cause=cause,
        subject=f"Your return {number} of order {order.display_number}",
        body=(
            f"We have not received your return {number} of order {order.display_number} yet.\n\n"
            f"{how} by {until:%A %d %B}; afterwards the return is closed and you keep the"
            " goods.\n"
        ),
    )


def of_order(session: Session, order_id: UUID) -> list[Notice]:
    """Every notice of an order, oldest first."""
    return list(
        session.exec(
            select(Notice).where(Notice.order_id == order_id).order_by(col(Notice.created_at))
        ).all()
    )


def to_send(session: Session, notice_id: UUID) -> tuple[Notice, str] | None:
    """A notice that has not gone out, and its customer's e-mail address."""
    found = session.exec(
        select(Notice, Customer.email)
        .join(Order, col(Order.id) == Notice.order_id)
        .join(Customer, col(Customer.id) == Order.customer_id)
        .where(Notice.id == notice_id, Notice.status == NoticeStatus.RECORDED)
        .with_for_update(of=Notice, skip_locked=True)
    ).first()
    return (found[0], found[1]) if found and found[1] else None


def _facts(session: Session, order_id: UUID, location_id: UUID) -> tuple[Order, Location]:
    return session.get_one(Order, order_id), session.get_one(Location, location_id)


def _at_the_car(store: Location) -> str:
    """What a customer with a car may do instead of coming in."""
    if not store.can_curbside:
        return ""
    return "By car? Say there that you are on your way, and we bring it out to you.\n"


def _local(moment: datetime, store: Location) -> str:
    """A moment in the store's own time, for its customers."""
    return f"{moment.astimezone(ZoneInfo(store.time_zone)):%A %d %B, %H:%M}"


def _record(
    session: Session, order: Order, *, kind: NoticeKind, cause: str, subject: str, body: str
) -> None:
    session.execute(
        insert(Notice)
        .values(
            id=new_id(),
            order_id=order.id,
            kind=kind,
            cause=cause,
            subject=subject,
            body=body,
            status=NoticeStatus.RECORDED,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["cause"])
    )
