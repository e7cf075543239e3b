"""Ask a channel for what changed, so that nothing it failed to tell us is lost.

Windows overlap: each begins a while before the end of the last, because channels show changes late
and in no order. What we know already is left aside without a trace; what is new goes into the inbox
and is applied as if the channel had sent it, so polling and webhooks may race.

The cursor moves only when a window was looked at to its end. A poll that is interrupted, or that
the channel's rate limit stops, goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.channels import inbox
from oms.channels.base import Channel, Found, Malformed, UnknownStore, Window
from oms.channels.models import ChannelMessage, MessageStatus
from oms.channels.poll_models import ChannelPoll, ChannelRepair, RepairKind
from oms.ordering import revisions
from oms.orders import queries as orders

OVERLAP: Final = timedelta(minutes=15)
"""How far a window reaches back into the one before it."""
GRACE: Final = timedelta(minutes=2)
"""What is younger may still be on its way to us by itself."""


class Taken(StrEnum):
    """What became of a document that polling brought."""

    KNOWN = "known"
    FRESH = "fresh"
    REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a poll goes on: the window and the page in it."""

    window: Window
    token: str


def begin(session: Session, adapter: Channel, *, lag: timedelta) -> Place:
    """Where the poll of a channel goes on; a new window, if the last was looked at to its end."""
    row = _locked(session, adapter)
    if row.window_since is not None and row.window_until is not None:
        return Place(Window(row.window_since, row.window_until), row.page_token)
    window = Window(row.known_until - OVERLAP, max(clock.now() - lag, row.known_until))
    row.window_since, row.window_until, row.page_token = window.since, window.until, ""
    return Place(window, "")


def turn_page(session: Session, adapter: Channel, place: Place, *, token: str, seen: int) -> bool:
    """A page was looked at: remember where to go on. False if another poll was here before us."""
    row = _locked(session, adapter)
    if (row.window_until, row.page_token) != (place.window.until, place.token):
        return False
    row.seen += seen
    row.page_token = token
    if not token:
        row.known_until = max(row.known_until, place.window.until)
        row.window_since = row.window_until = None
        row.polled_at = clock.now()
    row.last_error = row.last_error_at = None
    return bool(token)


def start_over(session: Session, adapter: Channel) -> None:
    """The channel does not know the page any more: look at the window from its beginning."""
    _locked(session, adapter).page_token = ""


def failed(session: Session, adapter: Channel, *, error: str) -> None:
    """Note why the channel could not be asked."""
    row = _locked(session, adapter)
    row.last_error = error[:500]
    row.last_error_at = clock.now()


def heard(session: Session, adapter: Channel) -> None:
    """Note that the channel's queue was listened to."""
    _locked(session, adapter).heard_at = clock.now()


def keep(session: Session, adapter: Channel, found: Found) -> UUID | None:
    """Keep a document as a message, unless we know its state; None if we do.

    Once that is committed it cannot be lost: applying it is a transaction of its own, and what an
    error leaves behind the worker takes up, as it does with messages that were sent.
    """
    if _known(session, adapter, found):
        return None
    receipt = inbox.keep(session, adapter.code, hint=found.hint, body=found.body)
    return None if receipt.repeated else receipt.message_id


def apply(
    session: Session, adapter: Channel, found: Found, *, message_id: UUID, expected: bool
) -> Taken:
    """Apply a kept document. `expected`: the channel should have told us of it by itself.

    What cannot be read is parked as if it had been sent.
    """
    known = orders.by_reference(session, channel=adapter.code, external_id=found.hint.reference)
    status = inbox.apply_stored(session, message_id)
    if not expected or status is MessageStatus.IGNORED or clock.now() - found.changed_at < GRACE:
        return Taken.FRESH
    kind = RepairKind.MISSED_ORDER if known is None else RepairKind.MISSED_CHANGE
    _repair(session, adapter, found, message_id=message_id, kind=kind)
    return Taken.REPAIRED


def mended(session: Session, adapter: Channel, *, what: Sequence[str]) -> None:
    """Note what was mended of the channel's webhooks."""
    row = _locked(session, adapter)
    row.mended = "; ".join(what)[:500]
    row.mended_at = clock.now()


def _known(session: Session, adapter: Channel, found: Found) -> bool:
    """Whether we have this state, a newer one, or a message of it that waits for a person."""
    order = orders.by_reference(session, channel=adapter.code, external_id=found.hint.reference)
    if order is None:
        return _waits(session, adapter, found)
    if order.external_updated_at > found.changed_at:
        return True
    try:
        new = adapter.to_order(found.body, topic=found.hint.topic)
    except (Malformed, UnknownStore):
        return _waits(session, adapter, found)
    return revisions.seen(session, order, new) or _waits(session, adapter, found)


def _waits(session: Session, adapter: Channel, found: Found) -> bool:
    """Whether a message of this state, or a later one, is parked or about to be applied."""
    waiting = (
        select(ChannelMessage.id)
        .where(
            ChannelMessage.channel == adapter.code,
            ChannelMessage.reference == found.hint.reference,
            col(ChannelMessage.status).in_((MessageStatus.PARKED, MessageStatus.RECEIVED)),
            col(ChannelMessage.occurred_at) >= found.changed_at,
        )
        .limit(1)
    )
    return session.exec(waiting).first() is not None


def _repair(
    session: Session, adapter: Channel, found: Found, *, message_id: UUID, kind: RepairKind
) -> None:
    session.add(
        ChannelRepair(
            channel=adapter.code,
            kind=kind,
            reference=found.hint.reference,
            message_id=message_id,
            changed_at=found.changed_at,
            found_at=clock.now(),
        )
    )
    session.flush()
    # In one statement: the row is shared by the channel's activities.
    session.execute(
        text("UPDATE channel_polls SET repaired = repaired + 1 WHERE channel = :channel"),
        {"channel": adapter.code},
    )


def _locked(session: Session, adapter: Channel) -> ChannelPoll:
    first = clock.now() - timedelta(hours=adapter.settings.poll_first_hours)
    session.execute(
        insert(ChannelPoll)
        .values(
            channel=adapter.code,
            known_until=first,
            page_token="",
            seen=0,
            repaired=0,
            mended="",
        )
        .on_conflict_do_nothing(index_elements=["channel"])
    )
    return session.get_one(ChannelPoll, adapter.code, with_for_update=True, populate_existing=True)


def repairs(
    session: Session, *, channel: str | None = None, since: datetime, limit: int = 200
) -> list[ChannelRepair]:
    """What only polling brought, the newest first."""
    wanted = select(ChannelRepair).where(col(ChannelRepair.found_at) >= since)
    if channel is not None:
        wanted = wanted.where(ChannelRepair.channel == channel)
    return list(session.exec(wanted.order_by(col(ChannelRepair.found_at).desc()).limit(limit)))
