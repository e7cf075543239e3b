"""What the customer signs with: strokes on a small field, drawn again by us and erased in time.

Only digits come in, so nothing that a browser could run is kept or shown.
"""

import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Invalid
from oms.orders.models import Order
from oms.pickup.models import Pickup, Signature
from oms.settings import settings

WIDTH, HEIGHT = 1_000, 400
LONGEST: Final = 8_000
_POINT = r"\d{1,4},\d{1,4}"
_STROKES: Final = re.compile(rf"{_POINT}( {_POINT})*(;{_POINT}( {_POINT})*)*")


def keep(session: Session, pickup_id: UUID, strokes: str) -> None:
    """Keep what was drawn, in place of what was drawn before. Raises `Invalid`."""
    drawn = strokes.strip()
    if len(drawn) > LONGEST:
        raise Invalid(
            f"the signature has more than {LONGEST:,} characters of strokes",
            field="signature",
            remedy="clear it and sign with fewer strokes",
        )
    if not _STROKES.fullmatch(drawn):
        raise Invalid(
            "the signature is not made of strokes such as '10,20 30,40;50,60 70,80'",
            field="signature",
            remedy="send the points of each stroke, or leave the signature out",
        )
    forget(session, pickup_id)
    session.add(Signature(pickup_id=pickup_id, strokes=drawn, at=clock.now()))
    session.flush()


def strokes_of(session: Session, pickup_id: UUID) -> list[str]:
    """The points of each stroke, for a `polyline`; empty if nobody signed or it was erased."""
    row = session.get(Signature, pickup_id)
    return row.strokes.split(";") if row is not None else []


def hand_on(session: Session, pickup_id: UUID, *, to: UUID) -> None:
    """The signature is for the part that was collected."""
    session.execute(
        update(Signature).where(col(Signature.pickup_id) == pickup_id).values(pickup_id=to)
    )


def forget(session: Session, pickup_id: UUID) -> None:
    """Erase one signature."""
    session.execute(delete(Signature).where(col(Signature.pickup_id) == pickup_id))


def erase_of_customer(session: Session, customer_id: UUID) -> int:
    """Erase what a customer signed with and who collected for them; how many signatures it was."""
    theirs = select(Pickup.id).join(Order, col(Order.id) == Pickup.order_id)
    ids = session.exec(theirs.where(Order.customer_id == customer_id)).all()
    session.execute(
        update(Pickup)
        .where(col(Pickup.id).in_(ids), col(Pickup.collected_by).is_not(None))
        .values(collected_by="erased")
    )
    gone = session.execute(
        delete(Signature).where(col(Signature.pickup_id).in_(ids)).returning(col(Signature.at))
    ).all()
    return len(gone)


def erase_old(session: Session) -> int:
    """Erase signatures that nobody will ask for any more; how many."""
    before = clock.now() - timedelta(days=settings().signatures_kept_days)
    gone = session.execute(
        delete(Signature).where(col(Signature.at) < before).returning(col(Signature.pickup_id))
    ).all()
    return len(gone)
