"""The mailbox of the demo's customers: a real SMTP server, and a page that shows what came in."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller
from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from oms.errors import NotFound

_HOST: Final = "127.0.0.1"
_MOST_KEPT: Final = 500
_PAGES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it arrived."""

    number: int
    at: datetime
    message: EmailMessage

    def part(self, kind: str) -> str:
        """Its text or its HTML."""
        found = self.message.get_body((kind,))
        return str(found.get_content()) if isinstance(found, EmailMessage) else ""


class Letters:
    """What came in, the newest last, as long as the sandbox runs."""

    def __init__(self) -> None:
        self._kept: deque[Letter] = deque(maxlen=_MOST_KEPT)
        self._count = 0
        self._server: Controller | None = None

    def open(self, port: int) -> None:
        """Take mail in on this port."""
        self._server = Controller(self, hostname=_HOST, port=port)
        self._server.start()

    def close(self) -> None:
        """Take no more."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        """Keep one letter."""
        message = message_from_bytes(bytes(envelope.content), policy=default)
        assert isinstance(message, EmailMessage)
        self._count += 1
        self._kept.append(Letter(self._count, datetime.now(UTC), message))
        return "250 kept"

    def newest_first(self) -> Sequence[Letter]:
        """All that is kept."""
        return tuple(reversed(self._kept))

    def one(self, number: int) -> Letter:
        """A letter by its number."""
        for letter in self._kept:
            if letter.number == number:
                return letter
        raise NotFound(f"there is no letter {number}", field="number", remedy="see /mailbox")


def router(letters: Letters) -> APIRouter:
    """The pages."""
    routes = APIRouter()

    @routes.get("/mailbox", response_class=HTMLResponse)
    async def listed() -> Response:
        """Every letter, the newest first."""
        page = _PAGES.get_template("mailbox.html").render(letters=letters.newest_first())
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    @routes.get("/mailbox/{number}", response_class=HTMLResponse)
    async def html(number: int) -> Response:
        """A letter as a mail program shows it."""
        shown = letters.one(number).part("html")
        return HTMLResponse(shown, headers={"Content-Security-Policy": _POLICY})

    @routes.get("/mailbox/{number}/source", response_class=PlainTextResponse)
    async def source(number: int) -> Response:
        """A letter as it came, headers and all."""
        return PlainTextResponse(letters.one(number).message.as_string())

    return routes
