"""Send recorded notices by e-mail, when a mail server is set."""

import smtplib
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from sqlmodel import col, select

from oms.customers.models import Customer
from oms.db import transaction
from oms.notifications import notices, states
from oms.notifications.models import Notice, NoticeStatus
from oms.orders.models import Order
from oms.settings import settings

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_BATCH = 20
_TIMEOUT_S = 10


def send_recorded() -> int:
    """Send what waits, a batch at a time; return how many went out.

    Without a mail server notices stay recorded and are shown with the order. A server that
    does not answer is tried again at the next call; an address that it refuses is not.
    """
    if settings().smtp_url is None:
        return 0
    sent = 0
    for notice_id in _waiting():
        try:
            sent += _send(notice_id)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("notice_not_sent", notice_id=str(notice_id), error=type(error).__name__)
            break
    return sent


def _waiting() -> list[UUID]:
    with transaction() as session:
        return list(
            session.exec(
                select(Notice.id)
                .join(Order, col(Order.id) == Notice.order_id)
                .join(Customer, col(Customer.id) == Order.customer_id)
                .where(Notice.status == NoticeStatus.RECORDED, Customer.email != "")
                .order_by(col(Notice.created_at))
                .limit(_BATCH)
            ).all()
        )


def _send(notice_id: UUID) -> int:
    """Send one notice. The row is locked while it is sent, so that two workers send it once."""
    with transaction() as session:
        found = notices.to_send(session, notice_id)
        if found is None:
            return 0
        notice, address = found
        message = EmailMessage()
        message["From"] = settings().mail_from
        message["To"] = address
        message["Subject"] = notice.subject
        message["Message-ID"] = f"<{notice.id}@tributary>"
        message.set_content(notice.body)
        with _server() as server:
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused:
                log.warning("notice_refused", notice_id=str(notice_id))
                states.refused(notice)
                return 0
        states.sent(notice)
    return 1


def _server() -> smtplib.SMTP:
    url = settings().smtp_url
    assert url is not None
    parts = urlsplit(url.get_secret_value())
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    server = kind(parts.hostname or "localhost", parts.port or 0, timeout=_TIMEOUT_S)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
