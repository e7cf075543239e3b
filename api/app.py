"""The web application: JSON API, webhooks, pages and health."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import errors, health, reference, web
from api.admission import Admission
from api.bodies import WholeBody
from api.routes import (
    acceptance,
    bins,
    checkout_holds,
    crediting,
    curbside,
    exceptions,
    feeds,
    handovers,
    imports,
    managing,
    manifests,
    notices,
    orders,
    packing,
    payments,
    pickups,
    placing,
    promises,
    returns,
    routing,
    shipments,
    staging,
    stock,
    stock_rules,
    stock_states,
    supplies,
    tracking,
    transfers,
    waves,
)
from api.security import SecurityHeaders
from api.turning_away import TurningAway
from api.webhooks import cards, carriers, channels
from oms.capture.writer import Writer
from oms.settings import settings


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    writer: Writer = app.state.capture
    await web.live.start()
    writer.start()
    yield
    await writer.stop()
    await web.live.stop()


def create_app() -> FastAPI:
    """Make the application; it connects to the database at the first request."""
    app = FastAPI(
        title="Tributary",
        summary="Omnichannel order management and fulfilment routing",
        version="0.1.0",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    writer = app.state.capture = Writer()
    errors.install(app)
    for part in (
        reference,
        health,
        channels,
        cards,
        carriers,
        placing,
        orders,
        pickups,
        handovers,
        curbside,
        shipments,
        packing,
        manifests,
        exceptions,
        feeds,
        imports,
    ):
        app.include_router(part.router)
    for part in (waves, staging, bins):
        app.include_router(part.router)
    for part in (stock, stock_rules, stock_states, supplies, transfers, checkout_holds):
        app.include_router(part.router)
    for part in (promises, routing, acceptance, payments, crediting, returns):
        app.include_router(part.router)
    for part in (tracking, notices, managing):
        app.include_router(part.router)
    web.install(app)
    app.add_middleware(
        Admission,
        at_once=settings().database_pool,
        waiting=settings().most_waiting_requests,
    )
    app.add_middleware(WholeBody, most_bytes=settings().body_limit_bytes)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(TurningAway, room=writer.has_room)
    return app
