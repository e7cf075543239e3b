"""Promises: by when a basket is there, and where it is ready when."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import SessionDep, StockReader
from api.schemas.promises import PromiseOut, promise_out
from api.schemas.stock import Channel
from oms.promises import baskets, promising
from oms.promises.baskets import MOST_LINES, Basket
from oms.promises.promising import MOST_STORES

router = APIRouter(prefix="/v1", tags=["promises"])

SkuQuery = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]+$")]
Units = Annotated[int, Field(gt=0, le=100_000)]


@router.get("/promise")
def promise(
    session: SessionDep,
    _who: StockReader,
    sku: Annotated[
        list[SkuQuery],
        Query(max_length=MOST_LINES, description="Once for each article.", examples=[["MUG"]]),
    ],
    qty: Annotated[
        list[Units],
        Query(description="Units of each `sku`, in the same sequence; without it one of each."),
    ] = [],  # noqa: B006 - FastAPI copies it
    country: Annotated[
        str | None,
        Query(
            pattern="^[A-Z]{2}$",
            description="Of the postcode; needed if the network spans several.",
            examples=["US"],
        ),
    ] = None,
    postcode: Annotated[
        str | None, Query(max_length=20, pattern=r"^[^\x00]+$", examples=["10002"])
    ] = None,
    latitude: Annotated[float | None, Query(ge=-90, le=90)] = None,
    longitude: Annotated[float | None, Query(ge=-180, le=180)] = None,
    channel: Annotated[
        Channel | None,
        Query(description="Its SKUs are understood, and its stock rules count."),
    ] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    stores: Annotated[
        int, Query(ge=0, le=MOST_STORES, description="How many stores are named at most.")
    ] = 5,
) -> PromiseOut:
    """When this basket would arrive or be ready, by the routing that its order will meet.

    `shipping.options` begin with the earliest date that can be kept; each later one costs the shop
    less. Sent as `deliver_by` of the order, `promise_by` is what it is routed for. If there is
    none, `shipping.lacking` says of each article why. A postcode that is not on the map is placed
    by those that begin like it, else in the middle of the network; `assumptions` says so.
    """
    basket = Basket(
        lines=baskets.lines(sku, qty),
        channel=channel,
        country=country,
        postcode=postcode,
        latitude=latitude,
        longitude=longitude,
        currency=currency,
    )
    return promise_out(promising.promise(session, basket, stores=stores))
