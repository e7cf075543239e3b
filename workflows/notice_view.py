"""A notice as its workflow sees it."""

from uuid import UUID

from sqlmodel import Session

from oms.errors import NotFound
from oms.notifications import sending
from oms.notifications.models import Notice, SendingStatus
from oms.orders.models import Order
from workflows.messages import View
from workflows.views import attributes_of, link_to


def view(session: Session, notice_id: UUID) -> View:
    """A notice: worded first, then sent by each medium in which it is owed."""
    row = session.get(Notice, notice_id)
    if row is None:
        raise NotFound(f"there is no notice {notice_id}", field="notice_id")
    parent = session.get_one(Order, row.order_id)
    sendings = sending.of_notice(session, notice_id)
    media = {one.medium.value for one in sendings if one.status is SendingStatus.OWED}
    owed = [f"send_{medium}" for medium in sorted(media)] if sendings else ["word"]
    stage = "told" if row.closed_at else "sending" if sendings else "new"
    told = "".join(
        f"\n\n- {one.medium.value} {one.target}: {one.status.value}, {one.attempts} attempt(s)"
        + (f", {one.last_error}" if one.last_error else "")
        for one in sendings
    )
    return View(
        stage=stage,
        version=row.version,
        closed=row.closed_at is not None,
        details=f"**{row.kind.value}** of order {parent.display_number}{told}{link_to(parent)}",
        attributes=attributes_of(parent, kind="notice", stage=stage),
        owed=[] if row.closed_at else owed,
    )


def summary(session: Session, row: Notice) -> str:
    """One line that tells a notice from the others."""
    parent = session.get_one(Order, row.order_id)
    return f"Tell the customer: {parent.display_number} {row.kind.value}"
