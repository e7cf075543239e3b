"""The pages of associates and operators, and the files that they load."""

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api.web import errors, live
from api.web.pages import (
    acceptance,
    arrivals,
    channel_stock,
    collecting,
    counter_returns,
    enrolment,
    exceptions,
    health,
    imports,
    no_receipt,
    order,
    order_money,
    orders,
    pickups,
    policies,
    queue,
    returning,
    shipments,
    signing_in,
    stock,
    transfers,
)
from api.web.rendering import STATIC

__all__ = ["install", "live", "router"]

router = APIRouter(include_in_schema=False)
for _part in (
    signing_in,
    enrolment,
    queue,
    pickups,
    arrivals,
    shipments,
    orders,
    order,
    order_money,
    exceptions,
    health,
    channel_stock,
    acceptance,
    collecting,
    returning,
    stock,
    transfers,
    no_receipt,
    counter_returns,
    imports,
    policies,
):
    router.include_router(_part.router)


def install(app: FastAPI) -> None:
    """Add the pages, their files and their error pages. Call it after `api.errors.install`."""
    app.include_router(router)
    # Only our own files are compressed: a page holds a secret token beside what a caller sent,
    # and the length of a compressed answer could betray it (BREACH).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), minimum_size=500))
    errors.install(app)
