"""A notice is recorded, then sent, once."""

from oms import clock
from oms.errors import IllegalMove
from oms.notifications.models import Notice, NoticeStatus


def sent(notice: Notice) -> None:
    """The mail server has taken it."""
    if notice.status is not NoticeStatus.RECORDED:
        raise IllegalMove(f"notice {notice.id} is {notice.status.value} already")
    notice.status = NoticeStatus.SENT
    notice.sent_at = clock.now()
