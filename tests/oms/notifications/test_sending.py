"""Notices go out by e-mail once, when a mail server is there; until then they are kept."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlmodel import col, select

from oms import clock
from oms.customers.models import Customer
from oms.db import transaction
from oms.notifications import sending
from oms.notifications.models import Notice, NoticeStatus
from oms.orders.models import Order
from oms.settings import settings
from tests.builders import an_order
from tests.oms.shop import Shop, a_shop, fill, ready, routed


@dataclass(slots=True)
class Postman:
    """A mail server that keeps what it is given, or refuses all of it."""

    port: int = 0
    refuses: bool = False
    letters: list[str] = field(default_factory=list)


@pytest.fixture
def postman(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postman]:
    made = Postman()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        made.port = server.getsockname()[1]
        monkeypatch.setenv("TRIBUTARY_SMTP_URL", f"smtp://127.0.0.1:{made.port}")
        settings.cache_clear()
        stop = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, made, stop))
        thread.start()
        yield made
        stop.set()
        thread.join()


def _serve(server: socket.socket, postman: Postman, stop: threading.Event) -> None:
    """Speak as much SMTP (RFC 5321) as one letter needs."""
    while not stop.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        with connection, connection.makefile("rwb") as line:
            _converse(line, postman)


def _converse(line: object, postman: Postman) -> None:
    def say(text: str) -> None:
        line.write(f"{text}\r\n".encode())  # type: ignore[attr-defined]
        line.flush()  # type: ignore[attr-defined]

    say("220 postman")
    for raw in line:  # type: ignore[attr-defined]
        command = raw.decode().strip().upper()
        if command == "DATA":
            say("354 go on")
            letter = []
            for part in line:  # type: ignore[attr-defined]
                if part == b".\r\n":
                    break
                letter.append(part.decode())
            postman.letters.append("".join(letter))
            say("250 kept")
        elif command == "QUIT":
            say("221 bye")
            return
        elif command.startswith("RCPT") and postman.refuses:
            say("550 nobody here")
        else:
            say("250 ok")


@pytest.fixture
def shop(live_database: str) -> Shop:
    """A shop in which two pickups lie ready, so two notices wait."""
    with transaction() as session:
        made = a_shop(session)
        fill(session, made)
        for _ in range(2):
            [part] = routed(session, an_order(session, {"MUG": 1}, pickup_store="S01"))
            ready(session, part)
    return made


def statuses() -> list[NoticeStatus]:
    with transaction() as session:
        return [notice.status for notice in session.exec(select(Notice))]


@pytest.mark.usefixtures("shop")
def test_without_a_mail_server_notices_are_kept() -> None:
    assert sending.send_recorded() == 0
    assert statuses() == [NoticeStatus.RECORDED] * 2


@pytest.mark.usefixtures("shop")
def test_each_notice_goes_out_once(postman: Postman) -> None:
    assert sending.send_recorded() == 2
    assert sending.send_recorded() == 0
    assert statuses() == [NoticeStatus.SENT] * 2
    assert len(postman.letters) == 2
    letter = postman.letters[0]
    assert "To: ada@example.com" in letter
    assert "is ready at Store S01" in letter
    assert "@tributary>" in letter


@pytest.mark.usefixtures("shop")
def test_an_address_that_is_refused_is_not_tried_for_ever(postman: Postman) -> None:
    postman.refuses = True
    assert sending.send_recorded() == 0
    assert statuses() == [NoticeStatus.REFUSED] * 2
    postman.refuses = False
    assert sending.send_recorded() == 0


@pytest.mark.usefixtures("shop")
def test_customers_without_an_address_do_not_hold_up_the_others(
    postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_BATCH", 1)
    with transaction() as session:
        first = session.exec(select(Notice).order_by(col(Notice.created_at))).first()
        assert first is not None
        order = session.get_one(Order, first.order_id)
        nameless = Customer(name="Nobody", created_at=clock.now())
        session.add(nameless)
        session.flush()
        order.customer_id = nameless.id
    assert sending.send_recorded() == 1
    assert sorted(statuses()) == [NoticeStatus.RECORDED, NoticeStatus.SENT]


@pytest.mark.usefixtures("shop")
def test_a_mail_server_that_is_away_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("TRIBUTARY_SMTP_URL", f"smtp://127.0.0.1:{port}")
    settings.cache_clear()
    assert sending.send_recorded() == 0
    assert statuses() == [NoticeStatus.RECORDED] * 2
