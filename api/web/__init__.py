"""The pages of associates and operators, and the files that they load."""

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from api.web import errors, live
from api.web.pages import (
    acceptance,
    arrivals,
    boxes,
    channel_orders,
    channel_stock,
    collecting,
    counter_returns,
    customer,
    enrolment,
    exceptions,
    handovers,
    health,
    imports,
    managing,
    manifests,
    messages,
    no_receipt,
    notice_templates,
    order,
    order_money,
    orders,
    packing,
    pickups,
    policies,
    queue,
    returning,
    shipments,
    signing_in,
    staging,
    stock,
    transfers,
    waves,
)
from api.web.rendering import STATIC

__all__ = ["install", "live", "router"]

router = APIRouter(include_in_schema=False)
for _part in (
    signing_in,
    enrolment,
    queue,
    pickups,
    staging,
    waves,
    handovers,
    arrivals,
    shipments,
    packing,
    boxes,
    manifests,
    orders,
    order,
    order_money,
    exceptions,
    health,
    channel_orders,
    channel_stock,
    acceptance,
    collecting,
    customer,
    messages,
    notice_templates,
    returning,
    stock,
    transfers,
    no_receipt,
    counter_returns,
    imports,
    policies,
):
    router.include_router(_part.router)
# One page, where a manager and where operations look for it.
for _managing in (managing.listing, managing.of_manager, managing.of_operations):
    router.include_router(_managing)


def install(app: FastAPI) -> None:
    """Add the pages, their files and their error pages. Call it after `api.errors.install`."""
    app.include_router(router)
    # Only our own files are compressed: a page holds a secret token beside what a caller sent,
    # and the length of a compressed answer could betray it (BREACH).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), minimum_size=500))
    errors.install(app)
