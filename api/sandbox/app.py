"""The sandbox as a web application and as a process."""

import asyncio
import logging
import random
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from api.carrier_sandbox import routes as carrier_routes
from api.carrier_sandbox.playing import play
from api.carrier_sandbox.pushing import push_forever
from api.sandbox import (
    amazon_api,
    amazon_queue,
    amazon_schema,
    control,
    mailbox,
    page,
    reference_api,
    shopify_api,
    woocommerce_api,
    woocommerce_stock,
    woocommerce_webhooks,
)
from api.sandbox.book import Book, read_book
from api.sandbox.config import SandboxConfig
from api.sandbox.delivering import deliver_forever
from api.sandbox.generator import order_forever
from api.sandbox.journal import Journal
from api.sandbox.shopify_schema import load_schema
from api.sandbox.state import State
from oms.errors import Conflict, Forbidden, Invalid, NotFound, OmsError

log = logging.getLogger(__name__)

_STATUS: dict[type[OmsError], int] = {Forbidden: 403, NotFound: 404, Conflict: 409, Invalid: 422}


@dataclass(frozen=True, slots=True)
class Options:
    """How the sandbox runs. Without a data folder it forgets everything at its end."""

    config: SandboxConfig
    port: int
    host: str = "127.0.0.1"
    data_dir: Path | None = None
    book: Path | None = None
    shopify_schema: Path | None = None
    carrier_schemas: Path | None = None
    """Folder of the carriers' official schemas, to hold requests against."""
    channel_schemas: Path | None = None
    """Folder of Amazon's official models, likewise."""
    orders_per_minute: float = 0.0
    seed: int | None = None


def state_for(options: Options) -> State:
    """The shops as they were left, or new ones. Raises `Invalid` for options that do not fit."""
    book = read_book(options.book) if options.book else Book()
    if options.channel_schemas is not None:
        amazon_schema.load(options.channel_schemas)
    if options.orders_per_minute > 0 and not (book.skus and book.addresses):
        raise Invalid(
            "--orders-per-minute needs a shop book with articles and addresses",
            field="--book",
            remedy="give one by --book",
        )
    return State(
        config=options.config,
        journal=Journal(options.data_dir),
        book=book,
        schema=load_schema(options.shopify_schema) if options.shopify_schema else None,
        carriers={
            code: play(
                code,
                carrier,
                specs=options.carrier_schemas,
                file=options.data_dir / f"carrier-{code}.jsonl" if options.data_dir else None,
            )
            for code, carrier in options.config.carriers.items()
        },
        channel_schemas=options.channel_schemas,
        orders_per_minute=options.orders_per_minute,
        chance=random.Random(options.seed),
    )


def app(state: State) -> FastAPI:
    """The shops, the control endpoints and the page."""
    letters = mailbox.Letters()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        if state.config.mail_port is not None:
            letters.open(state.config.mail_port)
        tasks = [asyncio.create_task(deliver_forever(state))]
        if state.orders_per_minute > 0:
            tasks.append(asyncio.create_task(order_forever(state)))
        if state.carriers and state.config.oms_url:
            pushing = push_forever(state.carriers, oms_url=state.config.oms_url)
            tasks.append(asyncio.create_task(pushing))
        try:
            yield
        finally:
            letters.close()
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    application = FastAPI(
        title="Channel sandbox", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    for routes in (
        control,
        page,
        shopify_api,
        woocommerce_api,
        woocommerce_stock,
        woocommerce_webhooks,
        reference_api,
        amazon_api,
        amazon_queue,
    ):
        application.include_router(routes.router(state))
    application.include_router(mailbox.router(letters))
    application.include_router(carrier_routes.router(state.carriers))
    application.add_exception_handler(OmsError, _answer)
    application.add_exception_handler(JSONDecodeError, _not_json)

    @application.get("/healthz")
    async def alive() -> dict[str, str]:
        """Whether the sandbox runs."""
        return {"status": "ok"}

    return application


def serve(options: Options, *, announce: Callable[[str], None]) -> None:
    """Run until told to stop. `announce` is given the address once it is ours.

    Raises `Conflict` if somebody else listens on the port; port 0 takes any that is free.
    """
    state = state_for(options)
    try:
        listener = socket.create_server((options.host, options.port))
    except OSError as error:
        raise Conflict(
            f"port {options.port} is taken: {error.strerror}",
            field="--port",
            remedy="choose another port",
        ) from error
    with listener:
        announce(f"http://{options.host}:{listener.getsockname()[1]}/")
        server = uvicorn.Server(
            uvicorn.Config(
                app(state), log_level="warning", access_log=False, timeout_graceful_shutdown=2
            )
        )
        server.run(sockets=[listener])


async def _answer(_: Request, error: Exception) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    body = {"error": str(error)}
    if isinstance(error, OmsError):
        body |= {"field": error.field or "", "remedy": error.remedy or ""}
    return JSONResponse(body, status)


async def _not_json(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"the body is not JSON: {error}"}, 400)
