"""Serve an application on a free port of this machine for as long as a block lasts."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

from oms.errors import Conflict

_PATIENCE_S: Final = 15.0


@contextmanager
def serving(application: FastAPI) -> Generator[str]:
    """The application's address; it is served in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(
                application,
                log_config=None,  # the process's own logs stay as they are
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            _until_started(server)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _until_started(server: uvicorn.Server) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not server.started:
        if time.monotonic() > end:
            raise Conflict("the sandbox does not start within 15 seconds")
        time.sleep(0.01)
