"""Hand an e-mail to the mail server: text and HTML in one message, with its one-click opt-out.

The message's id is the sending's own, so a letter that a server was given twice because its answer
was lost is one letter to whoever files them by id.
"""

import smtplib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from oms import clock
from oms.notifications.media import Letter, Misconfigured, NotTaken, Undeliverable
from oms.settings import settings

_TIMEOUT_S: Final = 8
_PERMANENT: Final = 500


def send(letter: Letter) -> str:
    """Hand it over; the message's id. Raises `NotTaken`, `Undeliverable` or `Misconfigured`."""
    message = compose(letter)
    try:
        with _server() as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        [(code, said)] = list(error.recipients.values())[:1]
        why = f"the mail server refuses the address ({code}): {_text(said)}"
        raise (Undeliverable(why) if code >= _PERMANENT else NotTaken(why)) from error
    except smtplib.SMTPAuthenticationError as error:
        raise _settings_at_fault(error, "does not let us in") from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        if error.smtp_code >= _PERMANENT:
            raise _settings_at_fault(error, "will not take our mail") from error
        raise NotTaken(f"the mail server asks to wait ({error.smtp_code})") from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(f"the mail server does not answer: {type(error).__name__}") from error
    return str(message["Message-ID"])


def compose(letter: Letter) -> EmailMessage:
    """The message: multipart/alternative, the plain text first (RFC 2046, 5.1.4)."""
    message = EmailMessage()
    name, address = parseaddr(letter.sender)
    message["From"] = formataddr((name or letter.shop, address))
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.id}@{address.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    if letter.unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(letter.body)
    message.add_alternative(letter.html, subtype="html")
    message["Content-Language"] = letter.language  # last: setting the content clears its headers
    return message


@contextmanager
def _server() -> Generator[smtplib.SMTP]:
    url = settings().smtp_url
    if url is None:
        raise Misconfigured("no mail server is set", field="smtp_url", remedy="set it")
    parts = urlsplit(url.get_secret_value())
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    server = kind(parts.hostname or "localhost", parts.port or 0, timeout=_TIMEOUT_S)
    try:
        if "starttls" in parse_qs(parts.query):
            server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
        # What was taken is taken, whatever happens to the good-bye.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _settings_at_fault(error: smtplib.SMTPResponseException, what: str) -> Misconfigured:
    return Misconfigured(
        f"the mail server {what} ({error.smtp_code}): {_text(error.smtp_error)}",
        field="smtp_url",
        remedy="mend smtp_url or mail_from, then send the notice again",
    )


def _text(said: bytes | str) -> str:
    return (said.decode("utf-8", "replace") if isinstance(said, bytes) else said)[:200]
