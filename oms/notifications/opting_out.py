"""Who does not want which notices by which medium, and which are sent all the same."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import NotFound
from oms.notifications.models import Medium, Notice, NoticeKind, NoticeOptOut, NoticeSending
from oms.orders.models import Order

MUST_MAIL: Final = frozenset(
    {
        NoticeKind.CONFIRMED,
        NoticeKind.DELAYED,
        NoticeKind.READY,
        NoticeKind.EXPIRED,
        NoticeKind.REFUNDED,
    }
)
"""Part of the sale itself: by e-mail they are sent whatever the customer prefers."""
CUSTOMER: Final = "customer"


def may_refuse(kind: NoticeKind, medium: Medium) -> bool:
    """Whether a customer can do without this kind by this medium."""
    if medium is Medium.WEBHOOK:
        return False  # it is not the customer who is told
    return medium is Medium.SMS or kind not in MUST_MAIL


def refused(session: Session, customer_id: UUID, kind: NoticeKind) -> frozenset[Medium]:
    """The media by which the customer does not want this kind."""
    rows = session.exec(
        select(NoticeOptOut.medium).where(
            NoticeOptOut.customer_id == customer_id, NoticeOptOut.kind == kind
        )
    ).all()
    media = (Medium(medium) for medium in rows)
    return frozenset(medium for medium in media if may_refuse(kind, medium))


def of_customer(session: Session, customer_id: UUID) -> frozenset[tuple[Medium, NoticeKind]]:
    """All that the customer does not want."""
    rows = session.exec(
        select(NoticeOptOut.medium, NoticeOptOut.kind).where(
            NoticeOptOut.customer_id == customer_id
        )
    ).all()
    return frozenset((Medium(medium), NoticeKind(kind)) for medium, kind in rows)


def put(
    session: Session,
    customer_id: UUID,
    medium: Medium,
    unwanted: Collection[NoticeKind],
    *,
    actor: str,
) -> None:
    """Make these the kinds that the customer does not want by a medium; the same changes nothing.

    Kinds that are sent all the same are left out.
    """
    wished = {kind for kind in unwanted if may_refuse(kind, medium)}
    before = {kind for way, kind in of_customer(session, customer_id) if way is medium}
    if wished == before:
        return
    session.execute(
        delete(NoticeOptOut).where(
            col(NoticeOptOut.customer_id) == customer_id, col(NoticeOptOut.medium) == medium
        )
    )
    for kind in sorted(wished):
        session.execute(
            insert(NoticeOptOut)
            .values(customer_id=customer_id, medium=medium, kind=kind, at=clock.now(), by=actor)
            .on_conflict_do_nothing()
        )
    record(
        session,
        action="customer.notices_chosen",
        subject_type="customer",
        subject_id=customer_id,
        actor=actor,
        facts={"medium": medium.value, "unwanted": sorted(wished)},
    )


def of_token(session: Session, token: str) -> tuple[NoticeSending, UUID]:
    """The sending that a customer unsubscribes from, and who they are."""
    row = session.exec(
        select(NoticeSending, Order.customer_id)
        .join(Notice, col(Notice.id) == NoticeSending.notice_id)
        .join(Order, col(Order.id) == Notice.order_id)
        .where(NoticeSending.token == token, NoticeSending.medium != Medium.WEBHOOK)
    ).first()
    if row is None:
        raise NotFound(
            "this link belongs to no message of ours",
            remedy="open the link of the newest message that you had",
        )
    return row[0], row[1]


def unsubscribe(session: Session, token: str) -> None:
    """No more by this medium of anything that need not be sent: one click, as RFC 8058 has it."""
    sending, customer_id = of_token(session, token)
    everything = [kind for kind in NoticeKind if may_refuse(kind, sending.medium)]
    put(session, customer_id, sending.medium, everything, actor=CUSTOMER)
