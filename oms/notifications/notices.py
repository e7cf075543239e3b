"""Write down what customers are to be told, once per cause; wording and sending come later.

Nothing here is slow and nothing can fail for a reason of the sending: the row is written with the
change that it tells of, and `SendNotice` takes it from there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.ids import new_id
from oms.notifications import brands
from oms.notifications.models import Notice, NoticeKind
from oms.orders.models import Order
from oms.outbox.appending import append
from oms.settings import settings


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
    facts = _waiting(location_id, code=code, link=link, pick_up_by=pick_up_by)
    record(session, order_id, kind=NoticeKind.READY, cause=cause, facts=facts)


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
    facts = _waiting(location_id, code=code, link=link, pick_up_by=pick_up_by) | {"rest": True}
    record(session, order_id, kind=NoticeKind.READY, cause=cause, facts=facts)


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
    facts = _waiting(location_id, code=code, link=link, pick_up_by=pick_up_by)
    record(session, order_id, kind=NoticeKind.REMINDER, cause=cause, facts=facts)


def pickup_expired(session: Session, *, order_id: UUID, location_id: UUID, cause: str) -> None:
    """Tell the customer that the waiting is over."""
    facts = {"location_id": str(location_id)}
    record(session, order_id, kind=NoticeKind.EXPIRED, cause=cause, facts=facts)


def return_reminder(
    session: Session, *, order_id: UUID, cause: str, number: int, by_mail: bool, until: datetime
) -> None:
    """Remind the customer of goods that they wanted to send back."""
    facts = {"number": number, "by_mail": by_mail, "until": until.isoformat()}
    record(session, order_id, kind=NoticeKind.RETURN_REMINDER, cause=cause, facts=facts)


def delayed(
    session: Session, *, order_id: UUID, promised: datetime, expected: datetime | None, why: str
) -> bool:
    """Tell the customer that a date will not be kept, and the new one if it is known; once a date.

    `why` is `stock`, `carrier` or `work`. Returns whether it was news.
    """
    return record(
        session,
        order_id,
        kind=NoticeKind.DELAYED,
        cause=f"order:{order_id}:delayed:{promised.isoformat()}",
        facts={
            "promised": promised.isoformat(),
            "expected": expected.isoformat() if expected else None,
            "why": why,
        },
    )


def record(
    session: Session, order_id: UUID, *, kind: NoticeKind, cause: str, facts: dict[str, Any]
) -> bool:
    """Write a notice down and have it sent; whether this cause was new.

    A kind that the brand's shop sends itself is written and not sent.
    """
    _, brand = brands.of_channel(session.get_one(Order, order_id).channel)
    is_sent = is_sent_at_all() and kind.value not in brand.silent
    notice_id, now = new_id(), clock.now()
    made = session.execute(
        insert(Notice)
        .values(
            id=notice_id,
            order_id=order_id,
            kind=kind,
            cause=cause,
            facts=facts,
            version=1,
            created_at=now,
            closed_at=None if is_sent else now,
        )
        .on_conflict_do_nothing(index_elements=["cause"])
        .returning(col(Notice.id))
    ).first()
    if made is not None and is_sent:
        tell(session, notice_id, order_id=order_id, version=1, topic="notice.owed")
    return made is not None


def is_sent_at_all() -> bool:
    """Whether anything is set up by which customers could be told."""
    chosen = settings()
    return bool(chosen.smtp_url or chosen.sms or chosen.notice_webhooks)


def tell(session: Session, notice_id: UUID, *, order_id: UUID, version: int, topic: str) -> None:
    """Wake the workflow that sends a notice."""
    append(
        session,
        topic=topic,
        subject_type="notice",
        subject_id=notice_id,
        order_id=order_id,
        version=version,
    )


def of_order(session: Session, order_id: UUID) -> Sequence[Notice]:
    """Every notice of an order, oldest first."""
    return session.exec(
        select(Notice)
        .where(Notice.order_id == order_id)
        .order_by(col(Notice.created_at), col(Notice.id))
    ).all()


def _waiting(location_id: UUID, *, code: str, link: str, pick_up_by: datetime) -> dict[str, str]:
    return {
        "location_id": str(location_id),
        "code": code,
        "link": link,
        "pick_up_by": pick_up_by.isoformat(),
    }
