"""Take a new order in: customer, order, lines, holds, held stock, audit and outbox at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.catalogue import queries as catalogue
from oms.customers.matching import find_or_create
from oms.customers.models import Address
from oms.errors import Conflict, Invalid, NotFound
from oms.fulfilments import order_status
from oms.inventory import taking_over
from oms.inventory.taking_over import Wanted
from oms.locations.calendars import Calendar, calendars
from oms.locations.models import Location
from oms.ordering import pickup_stores, preordering, revisions
from oms.orders import queries as orders
from oms.orders.models import Delivery, Order, OrderHold, OrderLine, OrderStatus
from oms.orders.new_order import NewAddress, NewLine, NewOrder
from oms.settings import settings
from oms.sourcing import cut_offs, dating, holding, policies
from oms.sourcing.buckets import settle_buckets
from oms.sourcing.policy import Policy, release_at, service_of

MOST_LINES = 500
MOST_UNITS = 100_000


class UnknownSku(NotFound):
    """The channel sells something that is not in the catalogue; `facts["skus"]` lists it."""

    code = "unknown_sku"


class OutOfStock(Conflict):
    """The caller's policy is to refuse what cannot be filled; `facts["skus"]` lists it."""

    code = "out_of_stock"


def lock_reference(session: Session, *, channel: str, external_id: str) -> None:
    """Let one transaction at a time work on a channel's order, also before it exists."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": reference_lock(channel, external_id)},
    )


def reference_lock(channel: str, external_id: str) -> str:
    """The name of the lock behind `lock_reference`."""
    return f"order:{channel}:{external_id}"


def place(
    session: Session,
    new: NewOrder,
    *,
    actor: str,
    backorder: bool = True,
    message_id: UUID | None = None,
) -> Order:
    """Write a new order and hold its stock.

    The caller has locked the reference and found no such order. With `backorder` false the
    order is refused (`OutOfStock`) unless all of it can be filled now. Raises `UnknownSku`,
    `UnknownPickupStore` or `Invalid` for what cannot be served; nothing is kept then.

    An order that its channel had called off before we heard of it is written as cancelled,
    without the lines that we do not know: an older message must not bring it to life.
    """
    skus = _resolve(session, new)
    store = (
        pickup_stores.pickup_store(
            session,
            new.pickup_store,
            leaving=new.cancelled,
            sold=settings().channel(new.channel) is not None,
        )
        if new.delivery is Delivery.PICKUP
        else None
    )
    customer = find_or_create(
        session, name=new.customer_name, email=new.customer_email, phone=new.customer_phone
    )
    order = _write(session, new, customer_id=customer.id, store=store)
    lines = [line for line in new.lines if line.channel_sku in skus]
    add_lines(session, order, lines, skus=skus, cancelled=new.cancelled)
    _add_holds(session, order, new, actor=actor)
    preordering.hold_until_release(session, order, actor=actor)
    revisions.add(session, order, new, message_id=message_id, changes="placed")
    _audit(session, order, new, actor=actor)
    session.flush()
    # Last, because everybody who wants the same article waits from here until the commit.
    _hold_stock(session, order, checkout_hold_id=new.hold_id, actor=actor)
    if not backorder:
        _refuse_backorder(session, order)
    _wait(session, order, new)
    order_status.refresh(session, order.id, event="order.captured")
    return order


def _write(session: Session, new: NewOrder, *, customer_id: UUID, store: Location | None) -> Order:
    now = clock.now()
    promise_by = promise(session, placed_at=new.placed_at, deliver_by=new.deliver_by, store=store)
    order = Order(
        channel=new.channel,
        external_id=new.external_id,
        display_number=new.display_number,
        status=OrderStatus.CAPTURED,
        delivery=new.delivery,
        pickup_location_id=store.id if store else None,
        customer_id=customer_id,
        address_id=add_address(session, customer_id, new.address),
        currency=new.currency,
        total_minor=new.total_minor,
        shipping_minor=new.shipping_minor,
        tax_included=new.tax_included,
        placed_at=new.placed_at,
        external_updated_at=new.updated_at,
        promise_by=promise_by,
        locale=new.locale,
        captured_at=now,
    )
    session.add(order)
    session.flush()
    return order


def add_lines(
    session: Session,
    order: Order,
    lines: Sequence[NewLine],
    *,
    skus: Mapping[str, str],
    after: int = 0,
    cancelled: bool = False,
) -> None:
    """Write lines, numbered on from `after`; their units wait to be routed, or are cancelled."""
    session.add_all(
        OrderLine(
            order_id=order.id,
            position=position,
            external_id=line.external_id,
            sku=skus[line.channel_sku],
            title=line.title,
            quantity=line.quantity,
            unrouted=0 if cancelled else line.quantity,
            cancelled=line.quantity if cancelled else 0,
            unit_price_minor=line.unit_price_minor,
            tax_minor=line.tax_minor,
            discount_minor=line.discount_minor,
        )
        for position, line in enumerate(lines, start=after + 1)
    )
    session.flush()


def add_address(session: Session, customer_id: UUID, address: NewAddress | None) -> UUID | None:
    """Keep an address for its customer; None when the order has none."""
    if address is None:
        return None
    row = Address(
        customer_id=customer_id,
        name=address.name,
        company=address.company,
        street=address.street,
        street_2=address.street_2,
        city=address.city,
        region=address.region,
        postcode=address.postcode,
        country=address.country,
        phone=address.phone,
        latitude=address.latitude,
        longitude=address.longitude,
    )
    session.add(row)
    session.flush()
    return row.id


def resolve_skus(session: Session, *, channel: str, channel_skus: set[str]) -> Mapping[str, str]:
    """Our SKU for each of the channel's, or `UnknownSku` naming those without."""
    known = catalogue.skus_of_channel(session, channel=channel, channel_skus=channel_skus)
    unknown = sorted(channel_skus - set(known))
    if unknown:
        raise UnknownSku(
            f"not in the catalogue: {', '.join(unknown)}",
            field="lines.sku",
            remedy="add the product or its listing on this channel, then replay the order",
            facts={"skus": unknown},
        )
    return known


def require_lines(quantities: Sequence[int]) -> None:
    """Raise `Invalid` unless there are lines, not too many, each with a quantity to be had."""
    if not quantities:
        raise Invalid(
            "the order has no lines to fulfil",
            field="lines",
            remedy="send at least one line with a quantity above zero",
        )
    if len(quantities) > MOST_LINES:
        raise Invalid(
            f"the order has {len(quantities)} lines, more than {MOST_LINES}",
            field="lines",
            remedy="send it as several orders",
        )
    for index, quantity in enumerate(quantities):
        if not 0 < quantity <= MOST_UNITS:
            raise Invalid(
                f"quantity {quantity} is not between 1 and {MOST_UNITS}",
                field=f"lines[{index}].quantity",
                remedy="send a whole number of units above zero",
            )


def _resolve(session: Session, new: NewOrder) -> Mapping[str, str]:
    channel_skus = {line.channel_sku for line in new.lines}
    if new.cancelled:
        return catalogue.skus_of_channel(session, channel=new.channel, channel_skus=channel_skus)
    require_lines([line.quantity for line in new.lines])
    return resolve_skus(session, channel=new.channel, channel_skus=channel_skus)


def promise(
    session: Session, *, placed_at: datetime, deliver_by: datetime | None, store: Location | None
) -> datetime:
    """When the goods are promised: by the channel, by opening hours, or by the standing rule."""
    calendar = calendars(session, [store])[store.code] if store else None
    return promised_by(placed_at=placed_at, deliver_by=deliver_by, calendar=calendar)


def promised_by(
    *, placed_at: datetime, deliver_by: datetime | None, calendar: Calendar | None
) -> datetime:
    """The same for a known calendar: the store's at which they are collected, None for delivery."""
    if deliver_by is not None:
        return deliver_by
    if calendar is None:
        return placed_at + timedelta(days=settings().ship_promise_days)
    return dating.ready_by(calendar, placed_at=placed_at)


def wait_until(
    policy: Policy,
    new: NewOrder,
    *,
    captured_at: datetime,
    promise_by: datetime,
    ends: Collection[datetime] = (),
) -> datetime | None:
    """Until when a new order waits to be routed jointly with others, as the policy says.

    `ends` are the cut-offs of the locations that hold its goods.
    """
    return release_at(
        policy,
        channel=new.channel,
        service=service_of(
            policy, delivery=new.delivery, placed_at=new.placed_at, promise_by=promise_by
        ),
        captured_at=captured_at,
        promise_by=promise_by,
        cut_offs=ends,
    )


def _wait(session: Session, order: Order, new: NewOrder) -> None:
    """Say until when an order waits whose goods are held."""
    policy = policies.current(session).policy
    if new.cancelled or not policy.holds:
        return
    order.release_at = wait_until(
        policy,
        new,
        captured_at=order.captured_at,
        promise_by=order.promise_by,
        ends=cut_offs.of_order(session, order.id),
    )


def _hold_stock(
    session: Session, order: Order, *, checkout_hold_id: UUID | None, actor: str
) -> None:
    """Take over what a checkout hold keeps for the order, and reserve the rest."""
    open_lines = {line.id: line for line in orders.lines(session, order.id) if line.unrouted}
    taken: frozenset[UUID] = frozenset()
    if checkout_hold_id is not None and open_lines:
        taken = taking_over.take_over(
            session,
            checkout_hold_id,
            [Wanted(line.id, line.sku, line.quantity) for line in open_lines.values()],
            order_id=order.id,
            channel=order.channel,
            actor=actor,
        )
        settle_buckets(
            [open_lines[line_id] for line_id in taken],
            held={line_id: open_lines[line_id].quantity for line_id in taken},
        )
        session.flush()
    if rest := set(open_lines) - taken:
        holding.hold(session, order, only=rest)


def _add_holds(session: Session, order: Order, new: NewOrder, *, actor: str) -> None:
    session.add_all(
        OrderHold(
            order_id=order.id,
            kind=one.kind,
            reason=one.reason,
            opened_at=clock.now(),
            opened_by=actor,
        )
        for one in new.holds
    )
    session.flush()


def _refuse_backorder(session: Session, order: Order) -> None:
    missing = orders.backordered(session, order.id)
    if missing:
        raise out_of_stock(missing)


def out_of_stock(missing: Mapping[str, int]) -> OutOfStock:
    """The refusal of an order for which there are so many units too few, by SKU."""
    return OutOfStock(
        "not enough stock for " + ", ".join(f"{sku} ({n})" for sku, n in missing.items()),
        field="lines.quantity",
        remedy="order less, choose delivery instead of pickup, or allow backorders",
        facts={"skus": dict(missing)},
    )


def _audit(session: Session, order: Order, new: NewOrder, *, actor: str) -> None:
    record(
        session,
        action="order.captured",
        subject_type="order",
        subject_id=order.id,
        order_id=order.id,
        actor=actor,
        facts=audit_facts(new),
    )


def audit_facts(new: NewOrder) -> dict[str, Any]:
    """What the audit trail says of a captured order; no personal data."""
    return {
        "channel": new.channel,
        "external_id": new.external_id,
        "lines": len(new.lines),
        "delivery": new.delivery.value,
        "holds": [one.kind.value for one in new.holds],
    }
