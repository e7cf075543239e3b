"""What the customer of an order may see and do about its returns, by the unguessable link."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from oms.customers.models import Address
from oms.errors import NotFound
from oms.locations.models import Location
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.returns import asking, labels, links, queries, showing
from oms.returns.asking import Wanted
from oms.returns.models import Return, ReturnLabel, ReturnLine, Way
from oms.returns.showing import Returnable
from oms.returns.states import AWAITED

CUSTOMER = "customer"
_MOST_STORES = 5


@dataclass(frozen=True, slots=True)
class ShownReturn:
    """One return as its customer sees it."""

    row: Return
    lines: Sequence[ReturnLine]
    label: ReturnLabel | None
    awaited: bool


@dataclass(frozen=True, slots=True)
class Portal:
    """Articles, and neither name nor address, in case the link got about."""

    order_id: UUID
    order_number: str
    lines: Sequence[Returnable]
    returns: Sequence[ShownReturn]
    names: dict[str, str]
    stores: Sequence[Location]
    """Where goods may be brought, the nearest first."""
    can_mail: bool
    """Whether there is an address that a label could be for."""


def shown(session: Session, token: str) -> Portal:
    """The page of a link. Raises `NotFound` for a link that is none."""
    order = _order(session, token)
    lines = showing.returnable(session, order)
    address = session.get(Address, order.address_id) if order.address_id else None
    stores = [one for one in labels.nearest(session, address) if one.kind == "store"]
    return Portal(
        order_id=order.id,
        order_number=order.display_number,
        lines=lines,
        returns=[
            ShownReturn(
                row=row,
                lines=queries.lines(session, row.id),
                label=labels.of_return(session, row.id),
                awaited=row.status in AWAITED,
            )
            for row in queries.of_order(session, order.id)
        ],
        names={one.line.sku: one.name for one in lines},
        stores=stores[:_MOST_STORES],
        can_mail=address is not None,
    )


def ask(session: Session, token: str, wanted: Sequence[Wanted], *, way: Way) -> Return:
    """The customer asks; what goes by mail gets our label."""
    order = _order(session, token)
    return asking.ask(session, order.id, wanted, way=way, actor=CUSTOMER, label=way is Way.MAIL)


def cancel(session: Session, token: str, return_id: UUID) -> Return:
    """The customer keeps the goods."""
    return asking.cancel(session, _own(session, token, return_id), actor=CUSTOMER)


def sent(session: Session, token: str, return_id: UUID) -> Return:
    """The customer has given the parcel with our label to its carrier."""
    label = labels.of_return(session, _own(session, token, return_id))
    if label is None:
        raise NotFound(
            "this return has no label yet",
            field="return_id",
            remedy="print the label first; it comes within a minute",
        )
    return asking.sent(
        session,
        return_id,
        carrier=label.carrier,
        tracking_number=label.tracking_number,
        actor=CUSTOMER,
    )


def document(session: Session, token: str, return_id: UUID) -> bytes:
    """The label as PDF."""
    return labels.document(session, _own(session, token, return_id))


def _order(session: Session, token: str) -> Order:
    order_id = links.order_of(session, token)
    if order_id is None:
        raise NotFound(
            "this link belongs to no order",
            remedy="use the whole link of the shop's message, or ask the shop",
        )
    return orders.named(session, str(order_id))


def _own(session: Session, token: str, return_id: UUID) -> UUID:
    """The return, if it is of the link's order."""
    order = _order(session, token)
    if queries.read(session, return_id).order_id != order.id:
        raise NotFound(
            f"this order has no return {return_id}",
            field="return_id",
            remedy="reload the page",
        )
    return return_id
