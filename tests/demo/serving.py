"""The real web application under uvicorn, for as long as a test wants it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from api.web import live


@contextmanager
def web(port: int = 0) -> Iterator[str]:
    """Serve on a port of the loopback interface; yields the address."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(), host="127.0.0.1", port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the web server did not start"
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        live.end_streams()
        server.should_exit = True
        thread.join()
