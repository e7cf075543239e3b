"""A notice is recorded, then sent, once."""

from oms import clock
from oms.notifications.models import Notice, NoticeStatus


def sent(notice: Notice) -> None:
    """The mail server has taken it."""
    notice.status = NoticeStatus.SENT
    notice.sent_at = clock.now()
