"""Everything about one order, gathered for one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from sqlmodel import Session, col, select

from oms.access import people
from oms.audit import recording
from oms.audit.models import AuditRow
from oms.channels import messages, writebacks
from oms.channels.models import ChannelMessage, Writeback
from oms.customers import links
from oms.customers.models import Address, Customer
from oms.errors import NotFound
from oms.fulfilments import giving_back
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, FulfilmentLine, Parcel, ParcelScan, Rejection
from oms.locations.models import Location
from oms.notifications import notices, sending
from oms.notifications.models import Notice, NoticeSending
from oms.ordering import expecting, ship_to_store
from oms.orders import queries as orders
from oms.orders.models import Order, OrderHold, OrderLine
from oms.orders.states import CLOSED
from oms.payments import statements
from oms.payments.statements import Statement
from oms.pickup import queries as pickups
from oms.pickup.models import Pickup
from oms.returns import queries as returns
from oms.returns import receiving
from oms.returns.models import Return, ReturnedGoods, ReturnLine
from oms.settings import settings
from oms.sourcing import decisions, runs
from oms.sourcing.models import RoutingDecision
from oms.sourcing.run_models import RoutingPlan, RoutingRun
from oms.transfers import queries as transfers
from oms.transfers import showing
from oms.transfers.showing import Shown as ShownTransfer

_MOST_WISHES = 5


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A parcel and where it has been."""

    parcel: Parcel
    scans: Sequence[ParcelScan]


@dataclass(frozen=True, slots=True)
class PartView:
    """What one location does for the order."""

    fulfilment: Fulfilment
    place: Location
    lines: Sequence[FulfilmentLine]
    parcels: Sequence[ParcelView]
    pickup: Pickup | None
    workflow_url: str


@dataclass(frozen=True, slots=True)
class WritebackView:
    """What the channel is told, and the workflow that tells it."""

    writeback: Writeback
    workflow_url: str


@dataclass(frozen=True, slots=True)
class ReturnView:
    """Goods that come back, and what happened to them."""

    row: Return
    lines: Sequence[ReturnLine]
    goods: Sequence[ReturnedGoods]
    missing: Mapping[str, int]
    timeline: Sequence[AuditRow]
    workflow_url: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order with all that belongs to it."""

    order: Order
    customer: Customer
    address: Address | None
    store: Location | None
    lines: Sequence[OrderLine]
    titles: dict[UUID, str]
    """What each line is called, by its id."""
    expected: Mapping[UUID, datetime]
    """When the last backordered unit of a line is expected, by its id."""
    holds: Sequence[OrderHold]
    parts: Sequence[PartView]
    rejections: Sequence[Rejection]
    places: dict[UUID, Location]
    decisions: Sequence[RoutingDecision]
    notices: Sequence[tuple[Notice, Sequence[NoticeSending]]]
    customer_link: str
    writebacks: Sequence[WritebackView]
    messages: Sequence[ChannelMessage]
    timeline: Sequence[AuditRow]
    names: dict[str, str]
    workflow_url: str
    closed: bool
    transfers: Sequence[ShownTransfer]
    """Goods that are sent to its store for it, the newest first."""
    could_send: Sequence[Location]
    """Who could send its store what it waits for."""
    waits: bool
    """Whether it is held for joint routing."""
    wishes: Sequence[tuple[RoutingRun, RoutingPlan]]
    """What joint runs wished for it, the newest first."""
    money: Statement
    returns: Sequence[ReturnView]


def order_view(session: Session, order_id: UUID) -> OrderView:
    """Gather an order; `NotFound` when there is none."""
    order = _order(session, order_id)
    places = {row.id: row for row in session.exec(select(Location))}
    timeline = recording.of_order(session, order_id, since=order.captured_at)
    lines = orders.lines(session, order_id)
    return OrderView(
        order=order,
        customer=session.get_one(Customer, order.customer_id),
        address=session.get(Address, order.address_id) if order.address_id else None,
        store=places[order.pickup_location_id] if order.pickup_location_id else None,
        lines=lines,
        titles={line.id: line.title for line in lines},
        expected=expecting.dates(session, order_id),
        holds=_holds(session, order_id),
        parts=[
            _part(session, row, places[row.location_id])
            for row in fulfilments.of_order(session, order_id)
        ],
        rejections=giving_back.rejected_locations(session, order_id),
        places=places,
        decisions=decisions.of_order(session, order_id),
        notices=[
            (row, sending.of_notice(session, row.id)) for row in notices.of_order(session, order_id)
        ],
        customer_link=links.address_of(links.token_of(session, order_id)),
        writebacks=[
            WritebackView(
                row, _workflow_url(f"writeback:{row.channel}:{row.kind}:{row.subject_id}")
            )
            for row in writebacks.of_order(session, order_id)
        ],
        messages=messages.of_order(session, order_id),
        timeline=timeline,
        names=people.names(session, {row.actor for row in timeline}),
        workflow_url=_workflow_url(f"order:{order_id}"),
        closed=order.status in CLOSED,
        transfers=showing.shown(session, transfers.of_order(session, order_id)),
        could_send=ship_to_store.could_send(session, order_id),
        waits=orders.awaits_release(order) and order.status not in CLOSED,
        wishes=runs.of_order(session, order_id, limit=_MOST_WISHES),
        money=statements.of_order(session, order),
        returns=[
            return_view(session, row, timeline) for row in returns.of_order(session, order_id)
        ],
    )


def _order(session: Session, order_id: UUID) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound(
            f"there is no order {order_id}",
            field="order_id",
            remedy="search for its number in the list of orders",
        )
    return order


def _part(session: Session, row: Fulfilment, place: Location) -> PartView:
    return PartView(
        fulfilment=row,
        place=place,
        lines=fulfilments.lines(session, row.id),
        parcels=[
            ParcelView(parcel, fulfilments.scans(session, parcel.id))
            for parcel in fulfilments.parcels(session, row.id)
        ],
        pickup=pickups.of_fulfilment(session, row.id),
        workflow_url=_workflow_url(f"fulfilment:{row.id}"),
    )


def return_view(session: Session, row: Return, timeline: Sequence[AuditRow]) -> ReturnView:
    """A return, with what its order's timeline says of it."""
    return ReturnView(
        row=row,
        lines=returns.lines(session, row.id),
        goods=returns.goods(session, row.id),
        missing=receiving.missing(session, row) if row.location_id else {},
        timeline=[event for event in timeline if event.subject_id == row.id],
        workflow_url=_workflow_url(f"return:{row.id}"),
    )


def _holds(session: Session, order_id: UUID) -> Sequence[OrderHold]:
    """Every hold, settled or not, oldest first."""
    return session.exec(
        select(OrderHold)
        .where(OrderHold.order_id == order_id)
        .order_by(col(OrderHold.opened_at), col(OrderHold.id))
    ).all()


def _workflow_url(workflow_id: str) -> str:
    """The page of a workflow in Temporal's own interface."""
    base = settings().temporal_ui_url.rstrip("/")
    namespace = quote(settings().temporal_namespace, safe="")
    return f"{base}/namespaces/{namespace}/workflows/{quote(workflow_id, safe='')}"
