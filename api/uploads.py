"""Take a large file from a request onto the disk, from somebody who may send it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from api.deps import caller
from oms.access import signing_in
from oms.access.models import Scope
from oms.access.signing_in import Caller
from oms.channels.base import TooLarge
from oms.db import transaction
from oms.errors import Conflict, Invalid
from oms.settings import settings

_AT_ONCE = 2
_LONGEST_S = 900.0
_PLACES = asyncio.Semaphore(_AT_ONCE)


class TooManyUploads(Conflict):
    """Other files are being taken in at this moment."""

    code = "too_many_uploads"


async def authorized(request: Request, scope: Scope) -> Caller:
    """Who sends the file, known before any of it is read; no database connection is kept."""

    def look() -> Caller:
        with transaction() as unit:
            who = caller(
                request,
                unit,
                authorization=request.headers.get("authorization"),
                x_csrf_token=request.headers.get("x-csrf-token"),
            )
        signing_in.require(who, scope.value)
        return who

    return await run_in_threadpool(look)


@asynccontextmanager
async def on_disk(request: Request) -> AsyncIterator[Path]:
    """The request's body in a file that is removed after the block."""
    if _PLACES.locked():
        raise TooManyUploads(
            f"{_AT_ONCE} files are being uploaded already",
            remedy="send the file again when they are through",
        )
    async with _PLACES:
        with tempfile.NamedTemporaryFile(prefix="tributary-upload-") as file:
            most = settings().import_limit_bytes
            size = 0
            try:
                async with asyncio.timeout(_LONGEST_S):
                    async for chunk in request.stream():
                        size += len(chunk)
                        if size > most:
                            raise TooLarge(
                                f"the file is larger than {most} bytes",
                                field="body",
                                remedy="split it, or import it with `oms import`",
                            )
                        await run_in_threadpool(file.write, chunk)
            except TimeoutError as error:
                raise Invalid(
                    f"the file did not come in {_LONGEST_S:.0f} seconds",
                    field="body",
                    remedy="send it over a faster line, or import it with `oms import`",
                ) from error
            file.flush()
            yield Path(file.name)
