"""What notices are sent by: a mail server, and doors that answer as they are told."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from oms.notifications import sms
from oms.settings import settings
from tests.oms.notifications.mailbox import Mailbox, open_mailbox


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """The mail server of the settings."""
    with open_mailbox() as made:
        monkeypatch.setenv("TRIBUTARY_SMTP_URL", f"smtp://127.0.0.1:{made.port}")
        settings.cache_clear()
        yield made


@dataclass(slots=True)
class Asked:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Door:
    """An HTTP server that keeps what it is asked and answers what it is told to, in turn."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answers: list[tuple[int, dict[str, object]]] = field(default_factory=list)
    hangs_up: bool = False


@pytest.fixture
def door() -> Iterator[Door]:
    """Somebody's HTTP door."""
    made = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.asked.append(Asked(self.path, headers, body))
            if made.hangs_up:
                self.connection.close()
                return
            status, said = made.answers.pop(0) if made.answers else (201, {"sid": "SM1"})
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def texting(door: Door, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Twilio's double, as the settings' provider."""
    monkeypatch.setenv(
        "TRIBUTARY_SMS",
        json.dumps({"base_url": door.url, "account": "AC1", "token": "t", "sender": "+15550001"}),
    )
    settings.cache_clear()
    sms.provider.cache_clear()
    yield door
    sms.provider.cache_clear()
