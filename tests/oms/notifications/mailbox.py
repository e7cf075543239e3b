"""A real mail server on loopback that keeps what it is given, or refuses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from api.stack.ports import free_port


@dataclass(slots=True)
class Mailbox:
    """What came in. `refuses` is the answer to every recipient, if it is to be refused."""

    port: int = 0
    refuses: str = ""
    tried: int = 0
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.tried += 1
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - likewise
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 kept"


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """A mail server for the length of a test."""
    made = Mailbox(port=free_port())
    controller = Controller(made, hostname="127.0.0.1", port=made.port)
    controller.start()
    yield made
    controller.stop()
