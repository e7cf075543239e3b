"""A web process that captures through the ORM alone: `python -m bench.orm_web PORT`."""

import sys

import uvicorn

from api.app import create_app
from oms.capture.writer import Writer


class _NoWriter(Writer):
    def start(self) -> None:
        """Never: a writer that does not run leaves every order to the ordinary way."""


if __name__ == "__main__":
    app = create_app()
    app.state.capture = _NoWriter()
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_config=None)
