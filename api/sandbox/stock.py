"""The shops' own stock figures: set by the order desk, lowered by each sale, wrong on demand."""

import zlib
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from api.sandbox.orders import ShopOrder, StockFigure
from api.sandbox.state import State

ONLINE: Final = "Online warehouse"
"""Where a Shopify shop keeps what no store has."""
_FIRST_LOCATION: Final = 100
_ID_SPACE: Final = 2**31


class WantedFigure(BaseModel):
    """A figure to set by hand, right or wrong; an article that the shop lacked is added."""

    model_config = ConfigDict(extra="forbid")

    channel: str
    sku: str = Field(min_length=1)
    place: str = ""
    quantity: int = Field(ge=0, le=1_000_000_000)
    parent: int = Field(0, ge=0)


def places(state: State, channel: str) -> dict[str, str]:
    """The places of a shop, by id, with their names. WooCommerce has one without a name."""
    match state.kind(channel):
        case "woocommerce":
            return {"": ""}
        case "shopify":
            stores = [s.channel_locations.get(channel, s.name) for s in state.book.stores]
            return {
                f"gid://shopify/Location/{_FIRST_LOCATION + number}": name
                for number, name in enumerate([ONLINE, *stores])
            }
        case _:
            return {store.code: store.name for store in state.book.stores}


def skus(state: State, channel: str) -> list[str]:
    """What the shop sells, by its own SKU."""
    own = {article.on(channel) for article in state.book.skus}
    return sorted(own | {sku for code, sku in state.journal.figures if code == channel})


def item_id(channel: str, sku: str) -> int:
    """A number for an article, the same at every start."""
    return 1 + zlib.crc32(f"{channel} {sku}".encode()) % _ID_SPACE


def sku_of(state: State, channel: str, number: int) -> str | None:
    """The article of a number."""
    return next((sku for sku in skus(state, channel) if item_id(channel, sku) == number), None)


def figures(state: State, channel: str, sku: str) -> dict[str, StockFigure]:
    """The shop's figures for an article, by place."""
    return state.journal.figures.get((channel, sku), {})


def figure(state: State, channel: str, sku: str, place: str = "") -> int | None:
    """The shop's figure, if it keeps one there."""
    found = figures(state, channel, sku).get(place)
    return found.quantity if found else None


def total(state: State, channel: str, sku: str) -> int | None:
    """What the shop shows its customers: the sum over its places."""
    found = figures(state, channel, sku).values()
    return sum(each.quantity for each in found) if found else None


def put(
    state: State,
    channel: str,
    sku: str,
    quantity: int,
    *,
    place: str = "",
    as_of: datetime | None = None,
    parent: int | None = None,
) -> StockFigure:
    """Set a figure. One that was true before the figure that is there is left aside."""
    before = figures(state, channel, sku).get(place)
    if before and as_of and before.as_of and as_of < before.as_of:
        return before
    kept_parent = before.parent if before else 0
    fresh = StockFigure(
        channel=channel,
        sku=sku,
        place=place,
        quantity=quantity,
        parent=kept_parent if parent is None else parent,
        as_of=as_of or (before.as_of if before else None),
    )
    state.journal.keep(fresh)
    return fresh


def sold(state: State, order: ShopOrder) -> None:
    """The shop lowers its figures by what an order takes, as shops do before they tell anybody."""
    for line in order.lines:
        _move(state, order, line.sku, -line.quantity)


def put_back(state: State, order: ShopOrder) -> None:
    """The shop raises its figures again by what a cancelled order had not received."""
    for line in order.lines:
        if line.left() > 0:
            _move(state, order, line.sku, line.left())


def _move(state: State, order: ShopOrder, sku: str, units: int) -> None:
    mine = figures(state, order.channel, sku)
    if not mine:
        return
    names = places(state, order.channel)
    here = [place for place in mine if order.store and order.store in (place, names.get(place))]
    chosen = here[0] if here else max(mine, key=lambda place: mine[place].quantity)
    put(state, order.channel, sku, max(mine[chosen].quantity + units, 0), place=chosen)
