"""Customers order, change their minds, and call it off."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.sandbox import stock
from api.sandbox.orders import IDS_PER_ORDER, Happened, Person, Place, ShopLine, ShopOrder, Webhook
from api.sandbox.state import State
from oms import clock
from oms.errors import Conflict, Invalid, NotFound

_SHIPPING_MINOR: Final = 595


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Where a kind of shop starts to count."""

    first_id: int
    first_line_id: int
    first_number: int


_NUMBERS: Final = {
    "shopify": _Numbers(5_600_000_000_000, 14_000_000_000_000, 1001),
    "woocommerce": _Numbers(100_000, 10_000_000, 701),
    "reference": _Numbers(0, 0, 1),
    "amazon": _Numbers(0, 40_000_000_000, 1),
}


class WantedLine(BaseModel):
    """An article by the channel's SKU; title and price come from the shop book if left out."""

    model_config = ConfigDict(extra="forbid")

    sku: str = Field(min_length=1)
    quantity: int = Field(1, ge=1, le=1_000)
    title: str = ""
    price_minor: int | None = Field(None, ge=0)


class WantedOrder(BaseModel):
    """What a customer orders. `store` is the order desk's location code."""

    model_config = ConfigDict(extra="forbid")

    channel: str
    lines: list[WantedLine] = Field(min_length=1, max_length=150)
    delivery: Literal["ship", "pickup"] = "ship"
    store: str = ""
    customer: Person = Field(default_factory=Person)
    address: Place | None = Field(default_factory=Place)
    shipping_minor: int | None = Field(None, ge=0)
    paid: bool = True
    test: bool = False
    by_marketplace: bool = False
    minutes_ago: float = Field(0, ge=0)
    """How long ago it was placed."""
    send: bool = True
    """Without it the webhook is made but held until it is sent by hand."""
    copies: int = Field(1, ge=1, le=10)
    """How often the very same webhook is sent."""


class Change(BaseModel):
    """What a customer or the shop changes; `lines` gives new quantities by line id."""

    model_config = ConfigDict(extra="forbid")

    lines: dict[str, int] = Field(default_factory=dict)
    paid: bool | None = None
    address: Place | None = None
    cancel_reason: str | None = None
    """Amazon: the buyer asks to call it off."""
    minutes_ago: float = Field(0, ge=0)
    send: bool = True


def place(state: State, wanted: WantedOrder) -> tuple[ShopOrder, Webhook]:
    """Place an order and tell of it."""
    kind = state.kind(wanted.channel)
    if wanted.delivery == "pickup" and not wanted.store:
        raise Invalid("store: a pickup order needs a store", field="store")
    count = sum(1 for channel, _ in state.journal.orders if channel == wanted.channel)
    numbers = _NUMBERS[kind]
    number = numbers.first_number + count
    order_id = str(numbers.first_id + IDS_PER_ORDER * number)
    now = clock.now()
    order = ShopOrder(
        channel=wanted.channel,
        id=_id(kind, number) or order_id,
        number={"shopify": f"#{number}"}.get(kind) or _id(kind, number) or str(number),
        placed_at=now,
        updated_at=now,
        currency=state.config.shops[wanted.channel].currency,
        lines=[
            _line(state, wanted.channel, line, number=index, first=numbers.first_line_id + number)
            for index, line in enumerate(wanted.lines, start=1)
        ],
        customer=wanted.customer,
        address=wanted.address,
        delivery=wanted.delivery,
        store=_store(state, kind, wanted) if wanted.delivery == "pickup" else "",
        shipping_minor=_shipping(wanted),
        paid=wanted.paid,
        test=wanted.test,
        by_marketplace=wanted.by_marketplace,
    )
    stock.sold(state, order)
    webhook = state.touched(order, Happened.CREATED, send=wanted.send)
    for _ in range(wanted.copies - 1):
        state.repeat(webhook)
    return order, webhook


def change(state: State, channel: str, order_id: str, wanted: Change) -> Webhook:
    """Change quantities, payment or address, and tell of it."""
    order = found(state, channel, order_id)
    if order.status in ("cancelled", "deleted"):
        raise Conflict(f"order {order_id} is {order.status}")
    for line_id, quantity in wanted.lines.items():
        line = order.line(line_id)
        if line is None:
            raise NotFound(f"order {order_id} has no line {line_id}", field=f"lines.{line_id}")
        if quantity < line.sent or quantity > line.quantity:
            raise Invalid(
                f"lines.{line_id}: from {line.sent} (sent) to {line.quantity} (ordered)",
                field=f"lines.{line_id}",
            )
        line.removed = line.quantity - quantity
    if wanted.paid is not None:
        order.paid = wanted.paid
    if wanted.address is not None:
        order.address = wanted.address
    if wanted.cancel_reason is not None:
        order.cancel_reason = wanted.cancel_reason
    return state.touched(order, Happened.UPDATED, send=wanted.send)


def cancel(
    state: State, channel: str, order_id: str, *, deleted: bool = False, send: bool = True
) -> Webhook:
    """Call an order off, or delete it, and tell of it."""
    order = found(state, channel, order_id)
    if order.status not in ("cancelled", "deleted"):
        stock.put_back(state, order)
    order.status = "deleted" if deleted else "cancelled"
    happened = Happened.DELETED if deleted else Happened.CANCELLED
    return state.touched(order, happened, send=send)


def found(state: State, channel: str, order_id: str) -> ShopOrder:
    """The order of this id. Raises `NotFound`."""
    state.kind(channel)
    order = state.order(channel, order_id)
    if order is None:
        raise NotFound(f"the shop {channel} has no order {order_id}", field="order_id")
    return order


def _id(kind: str, number: int) -> str:
    """The id of an order in shops that number them in a way of their own."""
    match kind:
        case "reference":
            return f"WEB-{number:05d}"
        case "amazon":
            return f"111-{number:07d}-{7 * number % 10_000_000:07d}"
        case _:
            return ""


def _line(state: State, channel: str, wanted: WantedLine, *, number: int, first: int) -> ShopLine:
    article = state.book.article(channel, wanted.sku)
    price = wanted.price_minor
    if price is None:
        price = article.price_minor if article else 1_000
    return ShopLine(
        id=str(1_000 * first + number),
        sku=wanted.sku,
        title=wanted.title or (article.title if article else wanted.sku),
        quantity=wanted.quantity,
        price_minor=price,
    )


def _store(state: State, kind: str, wanted: WantedOrder) -> str:
    """What the channel calls the store."""
    store = state.book.store(wanted.store)
    if store is None:
        return wanted.store
    own = store.code if kind == "reference" else store.name
    return store.channel_locations.get(wanted.channel, own)


def _shipping(wanted: WantedOrder) -> int:
    if wanted.shipping_minor is not None:
        return wanted.shipping_minor
    return _SHIPPING_MINOR if wanted.delivery == "ship" else 0
