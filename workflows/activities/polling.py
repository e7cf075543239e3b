"""Ask channels for what changed, and listen to their queues."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from oms.channels import listening, polling
from oms.channels.amazon import notifications, queue
from oms.channels.amazon.queue import Message
from oms.channels.base import (
    Channel,
    ChannelRefused,
    ChannelUnavailable,
    Found,
    Malformed,
    Page,
    Poller,
)
from oms.channels.polling import Place, Taken
from oms.channels.registry import channel
from oms.connections import QueueSettings
from oms.db import transaction
from oms.errors import OmsError
from oms.settings import settings
from workflows.activities.work import unit_of_work
from workflows.messages import Polled, Subject

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_MOST_PAGES: Final = 200
"""Of one activity; the next one goes on."""
_LISTEN_S: Final = 50.0
_LONG_POLL_S: Final = 10


@activity.defn
def polled_channels() -> list[str]:
    """The channels that are asked for their orders."""
    return sorted(
        code
        for code, each in settings().channels.items()
        if each.poll and channel(code).poller is not None
    )


@activity.defn
def listened_channels() -> list[str]:
    """The channels that have a queue."""
    return sorted(code for code in settings().channels if queue_of(code) is not None)


@activity.defn
def poll_channel(subject: Subject) -> Polled:
    """Look at a channel's window page by page. It may be interrupted and repeated anywhere."""
    adapter = channel(subject.id)
    poller = adapter.poller
    if poller is None:
        return Polled(adapter.code, 0, 0, done=True)
    expected = adapter.caps.push or queue_of(adapter.code) is not None
    seen = repaired = 0
    with _channel_errors(adapter):
        for _ in range(_MOST_PAGES):
            activity.heartbeat()
            with unit_of_work() as session:
                place = polling.begin(session, adapter, lag=poller.lag)
            page = _page(adapter, poller, place)
            taken = [_take_in(adapter, found, expected=expected) for found in page.found]
            seen += len(taken)
            repaired += taken.count(Taken.REPAIRED)
            with unit_of_work() as session:
                onward = polling.turn_page(
                    session, adapter, place, token=page.token, seen=len(taken)
                )
            if not onward:
                _mend(adapter)
                return Polled(adapter.code, seen, repaired, done=True)
    return Polled(adapter.code, seen, repaired, done=False)


@activity.defn
def listen(subject: Subject) -> int:
    """Take the notifications of a channel's queue in, for most of a minute; return how many."""
    adapter = channel(subject.id)
    wanted, poller = queue_of(subject.id), adapter.poller
    if wanted is None or poller is None:
        return 0
    until = time.monotonic() + _LISTEN_S
    count = 0
    with _channel_errors(adapter):
        while time.monotonic() < until and not activity.is_cancelled():
            activity.heartbeat()
            count += listen_once(adapter, poller, wanted, wait_s=_LONG_POLL_S)
    return count


def listen_once(adapter: Channel, poller: Poller, wanted: QueueSettings, *, wait_s: int) -> int:
    """Receive once and take each message in; one that fails stays on the queue."""
    messages = queue.receive(adapter.code, wanted, wait_s=wait_s)
    with unit_of_work() as session:
        polling.heard(session, adapter)
    for message in messages:
        _hear(adapter, poller, message)
        queue.take_off(adapter.code, wanted, message.receipt)
    return len(messages)


def queue_of(code: str) -> QueueSettings | None:
    """A channel's queue, if it has one."""
    found = settings().channel(code)
    return found.selling_partner.queue if found and found.selling_partner else None


def _hear(adapter: Channel, poller: Poller, message: Message) -> None:
    try:
        heard = notifications.read(message.body)
    except Malformed as error:
        with unit_of_work() as session:
            listening.park(session, adapter, message.body, error)
        return
    with unit_of_work() as session:
        if listening.known(session, adapter, heard):
            return
    found = _fetched(poller, heard.reference) if heard.reference else None
    with unit_of_work() as session:
        message_id = listening.keep(session, adapter, heard, message.body, found)
    if found is not None and message_id is not None:
        _apply(adapter, found, message_id, expected=False)


def _fetched(poller: Poller, reference: str) -> Found | None:
    """The order that a notification names; None if the channel has none such for us."""
    try:
        return poller.fetch(reference)
    except ChannelRefused as error:
        if error.facts.get("missing"):
            return None
        raise


def _page(adapter: Channel, poller: Poller, place: Place) -> Page:
    """A page; one whose token the channel has forgotten lets the window begin anew."""
    try:
        return poller.page(place.window, place.token)
    except ChannelRefused:
        if place.token:
            with unit_of_work() as session:
                polling.start_over(session, adapter)
        raise


def _take_in(adapter: Channel, found: Found, *, expected: bool) -> Taken:
    """Keep one document, then apply it; a poisonous one must not hold up the rest."""
    with unit_of_work() as session:
        message_id = polling.keep(session, adapter, found)
    if message_id is None:
        return Taken.KNOWN
    return _apply(adapter, found, message_id, expected=expected)


def _mend(adapter: Channel) -> None:
    """See that the channel sends its webhooks; the window just looked at has filled the gap."""
    if not adapter.settings.subscribe or adapter.subscriptions is None:
        return
    url = f"{settings().public_url.rstrip('/')}/v1/webhooks/{adapter.code}"
    if what := adapter.subscriptions.mend(url):
        log.warning("subscriptions_mended", channel=adapter.code, count=len(what))
        with unit_of_work() as session:
            polling.mended(session, adapter, what=what)


def _apply(adapter: Channel, found: Found, message_id: UUID, *, expected: bool) -> Taken:
    try:
        with transaction() as session:
            return polling.apply(session, adapter, found, message_id=message_id, expected=expected)
    except Exception:
        # It is kept: the relay takes it up again, and parks it when that does not help.
        log.exception("message_not_applied", message_id=str(message_id))
        return Taken.FRESH


@contextmanager
def _channel_errors(adapter: Channel) -> Generator[None]:
    """Keep why the channel could not be asked, and say whether another attempt makes sense."""
    try:
        yield
    except OmsError as error:
        with unit_of_work() as session:
            polling.failed(session, adapter, error=error.message)
        wait = error.facts.get("retry_after_s")
        raise ApplicationError(
            error.message if not error.remedy else f"{error.message}; {error.remedy}",
            type=error.code,
            non_retryable=not isinstance(error, ChannelUnavailable),
            next_retry_delay=timedelta(seconds=float(wait)) if wait else None,
        ) from error
