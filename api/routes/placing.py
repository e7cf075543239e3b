"""Orders from tills, phones and kiosks: most are written many at once, the others one by one."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from sqlmodel import Session

from api import deps
from api.admission import Admission
from api.commanding import once
from api.deps import IdempotencyKey, OrderWriter, SessionDep
from api.schemas.orders import OrderIn, PlacedOut
from oms import clock
from oms.access import commands, secrets
from oms.access.models import CommandKind
from oms.audit.recording import REQUEST_ID
from oms.capture import arrivals
from oms.capture.arrivals import Answered, Arrival, Fate, Outcome
from oms.capture.writer import Writer
from oms.errors import Conflict
from oms.inventory import checkout_holds
from oms.ordering import expecting, placing
from oms.orders import queries as orders
from oms.orders.models import Order
from oms.orders.new_order import NewAddress, NewLine, NewOrder
from oms.pickup import slots

PATH = "/v1/orders"
_LONG_BYTES = 65_536
"""Reading more than this would hold up the process's other requests."""


class Captured(APIRoute):
    """A door before the endpoint: plain orders go to the writer, the rest to the endpoint.

    What is wrong with a request, whoever sent it, is for the endpoint to say.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The endpoint's handler behind the writer."""
        ordinary = super().get_route_handler()

        async def handle(request: Request) -> Response:
            writer: Writer = request.app.state.capture
            arrival = _arrival(request, await request.body())
            if arrival is not None:
                answer = _answer(await writer.capture(arrival))
                if answer is not None:
                    return answer
            admission: Admission = request.state.admission
            async with admission.place():
                return await ordinary(request)

        return handle


router = APIRouter(prefix=PATH, tags=["orders"], route_class=Captured)


@router.post("", status_code=201)
def place(body: OrderIn, session: SessionDep, who: OrderWriter, key: IdempotencyKey) -> PlacedOut:
    """Take an order in, once per idempotency key.

    Stock is held before the answer. With `when_out_of_stock: refuse` the answer is 409
    `out_of_stock` unless all of it can be filled, and nothing is written; with `slot_starts_at`
    it is 409 `slot_full`, with the next free ones, when nobody else can come then. 503 with
    `Retry-After` when too many orders wait already.
    """

    def carry_out() -> dict[str, Any]:
        new = _new_order(body, reference=body.reference or key)
        placing.lock_reference(session, channel=new.channel, external_id=new.external_id)
        known = orders.by_reference(session, channel=new.channel, external_id=new.external_id)
        if known is not None:
            raise Conflict(
                f"{new.channel} order {new.external_id} exists already",
                field="reference",
                remedy="use another reference, or leave it out",
                facts={"order_id": str(known.id)},
            )
        _require_hold(session, new)
        order = placing.place(
            session, new, actor=who.actor, backorder=body.when_out_of_stock == "backorder"
        )
        if body.slot_starts_at is not None:
            slots.reserve(session, order.id, starts_at=body.slot_starts_at, actor=who.actor)
        return _placed(session, order).model_dump(mode="json")

    answer = once(session, CommandKind.PLACE_ORDER, who, key, body.asked(), carry_out)
    return PlacedOut.model_validate(answer)


def _arrival(request: Request, raw: bytes) -> Arrival | None:
    """The order in a request, if it may be written with others; else the endpoint takes it."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    key = request.headers.get("Idempotency-Key", "")
    if (
        (scheme.lower(), kind) != ("bearer", "application/json")
        or not deps.is_key(key)
        or len(raw) > _LONG_BYTES
    ):
        return None
    try:
        body = OrderIn.model_validate_json(raw)
    except ValidationError:
        return None
    return arrival(body, secret=secret.strip(), key=key)


def arrival(body: OrderIn, *, secret: str, key: str) -> Arrival | None:
    """A request as the writer takes it; None if it is not plain."""
    new = _new_order(body, reference=body.reference or key)
    if body.slot_starts_at is not None or not arrivals.is_plain(new):
        return None
    by = arrivals.Request(
        key_hash=secrets.token_hash(secret),
        once=key,
        digest=commands.digest_of(body.asked()),
        backorder=body.when_out_of_stock == "backorder",
        shape=_shape,
    )
    return Arrival(new, by, at=new.placed_at, request_id=REQUEST_ID.get())


def _shape(made: Answered) -> dict[str, Any]:
    """The answer to a captured order. Nothing that it waits for is announced; its number comes."""
    return PlacedOut(
        order_id=made.order_id,
        number=0,
        status=made.status,
        promise_by=made.promise_by,
        backordered=dict(made.backordered),
        expected={},
    ).model_dump(mode="json")


def _answer(outcome: Outcome) -> Response | None:
    """The answer to what the writer settled; None if it has left the order to the endpoint."""
    if outcome.fate is Fate.REFUSED:
        raise placing.out_of_stock(outcome.missing)
    if outcome.answer is None:
        return None
    placed = PlacedOut.model_validate(outcome.answer)
    return Response(placed.model_dump_json(), status_code=201, media_type="application/json")


def _new_order(body: OrderIn, *, reference: str) -> NewOrder:
    now = clock.now()
    lines = tuple(
        NewLine(
            external_id=str(number),
            channel_sku=line.sku,
            title=line.title or line.sku,
            quantity=line.quantity,
            unit_price_minor=line.unit_price_minor,
            tax_minor=line.tax_minor,
        )
        for number, line in enumerate(body.lines, start=1)
    )
    return NewOrder(
        channel=body.source,
        external_id=reference,
        display_number=reference,
        placed_at=now,
        updated_at=now,
        currency=body.currency,
        total_minor=body.total_minor,
        shipping_minor=body.shipping_minor,
        lines=lines,
        customer_name=body.customer_name,
        customer_email=body.customer_email,
        customer_phone=body.customer_phone,
        delivery=body.delivery,
        pickup_store=body.pickup_store,
        address=NewAddress(**body.address.model_dump()) if body.address else None,
        deliver_by=body.deliver_by,
        locale=body.customer_locale or "",
        hold_id=body.hold_id,
    )


def _require_hold(session: Session, new: NewOrder) -> None:
    """Refuse a hold that is none, is another source's, or has become another order.

    One that has expired or was released is no reason to refuse the order: it is filled from what
    is there, or refused as out of stock.
    """
    if new.hold_id is None:
        return
    hold = checkout_holds.read(session, new.hold_id)
    if hold.channel != new.channel or hold.order_id is not None:
        what = f"was made for {hold.channel}" if hold.order_id is None else "has become an order"
        raise Conflict(
            f"the checkout hold {what}",
            field="hold_id",
            remedy="leave it out, and the order is filled from what is there",
            facts={"order_id": str(hold.order_id) if hold.order_id else None},
        )


def _placed(session: Session, order: Order) -> PlacedOut:
    assert order.number is not None
    return PlacedOut(
        order_id=order.id,
        number=order.number,
        status=order.status,
        promise_by=order.promise_by,
        backordered=orders.backordered(session, order.id),
        expected=_expected(session, order.id),
    )


def _expected(session: Session, order_id: UUID) -> dict[str, datetime]:
    """When the last backordered unit of each article is expected, where supply is announced."""
    dates = expecting.dates(session, order_id)
    found: dict[str, datetime] = {}
    unknown: set[str] = set()
    for line in orders.lines(session, order_id):
        if line.id in dates:
            found[line.sku] = max(dates[line.id], found.get(line.sku, dates[line.id]))
        elif line.backordered:
            unknown.add(line.sku)
    return {sku: when for sku, when in found.items() if sku not in unknown}
