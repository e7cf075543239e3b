"""A notice is recorded, then sent or refused, once."""

from oms import clock
from oms.errors import IllegalMove
from oms.notifications.models import Notice, NoticeStatus


def sent(notice: Notice) -> None:
    """The mail server has taken it."""
    _end(notice, NoticeStatus.SENT)
    notice.sent_at = clock.now()


def refused(notice: Notice) -> None:
    """The mail server will not take it for this address; it stays readable with the order."""
    _end(notice, NoticeStatus.REFUSED)


def _end(notice: Notice, to: NoticeStatus) -> None:
    if notice.status is not NoticeStatus.RECORDED:
        raise IllegalMove(f"notice {notice.id} is {notice.status.value} already")
    notice.status = to
