"""Take a channel's message in: keep it as it came, apply it once, park what cannot be read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.channels import states
from oms.channels.base import Channel, Hint, Malformed, RawRequest, UnknownStore
from oms.channels.models import ARCHIVED, ChannelMessage, ChannelMessageKey, MessageStatus
from oms.channels.registry import channel as channel_of
from oms.errors import Conflict, NotFound, OmsError
from oms.exceptions.cases import open_case, resolve_cause
from oms.exceptions.models import ExceptionKind
from oms.ids import new_id
from oms.ordering import revising
from oms.ordering.pickup_stores import UnknownPickupStore
from oms.ordering.placing import UnknownSku
from oms.ordering.revising import Applied

_STATUS_OF = {
    Applied.PLACED: MessageStatus.APPLIED,
    Applied.REVISED: MessageStatus.APPLIED,
    Applied.UNCHANGED: MessageStatus.APPLIED,
    Applied.SUPERSEDED: MessageStatus.SUPERSEDED,
    Applied.NOT_OURS: MessageStatus.IGNORED,
}
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told. `repeated` says that the message was here before."""

    message_id: UUID
    status: MessageStatus | Literal["archived"]
    repeated: bool


def store(session: Session, adapter: Channel, request: RawRequest) -> Receipt:
    """Keep a verified message as it came. Once this is committed the sender may be thanked.

    Applying it is a transaction of its own, so that nothing that goes wrong there can lose
    the message: at worst it stays `received`, and the worker takes it up again.
    """
    return keep(session, adapter.code, hint=adapter.hint(request), body=request.body)


def keep(session: Session, sender: str, *, hint: Hint, body: bytes) -> Receipt:
    """Keep what a proven sender sent, once for each of its keys."""
    fresh = session.execute(
        insert(ChannelMessageKey)
        .values(channel=sender, dedupe_key=hint.dedupe_key, message_id=new_id())
        .on_conflict_do_nothing()
        .returning(col(ChannelMessageKey.message_id))
    ).first()
    if fresh is None:
        return _repeated(session, sender, hint.dedupe_key)
    session.execute(
        insert(ChannelMessage).values(
            id=fresh[0],
            channel=sender,
            dedupe_key=hint.dedupe_key,
            topic=hint.topic,
            reference=hint.reference,
            occurred_at=hint.occurred_at,
            received_at=clock.now(),
            headers=hint.kept_headers,
            body=body,
            status=MessageStatus.RECEIVED,
            attempts=0,
            repeats=0,
            outcome="",
        )
    )
    return Receipt(fresh[0], MessageStatus.RECEIVED, repeated=False)


def actor_of(channel: str) -> str:
    """How the audit trail names a channel."""
    return f"channel:{channel}"


def apply_stored(session: Session, message_id: UUID) -> MessageStatus:
    """Apply a stored message unless somebody has done so already."""
    message = locked(session, message_id)
    if message.status is not MessageStatus.RECEIVED:
        return message.status
    return _apply(session, message, channel_of(message.channel))


def _apply(session: Session, message: ChannelMessage, adapter: Channel) -> MessageStatus:
    """Apply a message in a savepoint; a broken rule parks it with the cause."""
    # Where the body names the topic, one that cannot be read may well be an order.
    if message.topic and not adapter.wants(message.topic):
        states.settle(message, MessageStatus.IGNORED, outcome=f"{message.topic} carries no order")
        return message.status
    savepoint = session.begin_nested()
    try:
        new = adapter.to_order(message.body, topic=message.topic)
        order, applied = revising.apply(
            session, new, actor=actor_of(message.channel), message_id=message.id
        )
    except OmsError as error:
        savepoint.rollback()
        park(session, message, error)
    else:
        savepoint.commit()
        states.settle(
            message,
            _STATUS_OF[applied],
            outcome=applied.value,
            order_id=order.id if order else None,
        )
        resolve_cause(
            session,
            cause_type="message",
            cause_id=message.id,
            actor="system",
            resolution="applied",
        )
    return message.status


def replay(session: Session, message_id: UUID, *, actor: str) -> ChannelMessage:
    """Apply a parked message again, after its cause was mended."""
    message = locked(session, message_id)
    if message.status is not MessageStatus.PARKED:
        raise Conflict(
            f"message {message_id} is {message.status.value}, not parked",
            field="message_id",
            remedy="only parked messages can be replayed",
        )
    if _apply(session, message, channel_of(message.channel)) is not MessageStatus.PARKED:
        message.outcome = f"{message.outcome}; replayed by {actor}"
    return message


def unsettled(session: Session, *, older_than_s: float) -> UUID | None:
    """Take up the oldest message that an error left behind, counting the attempt.

    After five attempts it is parked, so that a poisonous message cannot hold up the others.
    Commit, then call `apply_stored` with the id.
    """
    message = session.exec(
        select(ChannelMessage)
        .where(
            ChannelMessage.status == MessageStatus.RECEIVED,
            ChannelMessage.received_at < clock.now() - timedelta(seconds=older_than_s),
        )
        .order_by(col(ChannelMessage.attempts), col(ChannelMessage.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if message is None:
        return None
    message.attempts += 1
    if message.attempts > MOST_ATTEMPTS:
        park(session, message, OmsError("it failed five times; see the worker's log"))
    return message.id


def _repeated(session: Session, code: str, dedupe_key: str) -> Receipt:
    """Count a repeat, and say how the message stands; one that was archived leaves its key."""
    key = session.get_one(ChannelMessageKey, (code, dedupe_key))
    counted = session.execute(
        update(ChannelMessage)
        .where(col(ChannelMessage.id) == key.message_id)
        .values(repeats=ChannelMessage.repeats + 1)
        .returning(col(ChannelMessage.status))
    ).first()
    return Receipt(key.message_id, counted[0] if counted else ARCHIVED, repeated=True)


def park(
    session: Session, message: ChannelMessage, error: OmsError, *, speaks_of: str = "order"
) -> None:
    """Put a message aside with a case for a person."""
    states.settle(message, MessageStatus.PARKED, outcome=error.message)
    open_case(
        session,
        kind=_kind(error),
        cause_type="message",
        cause_id=message.id,
        detail=f"{message.channel} {speaks_of} {message.reference or '?'}: {error.message}",
        remedy=error.remedy or "mend the cause and replay the message, or resolve the case",
    )


def _kind(error: OmsError) -> ExceptionKind:
    match error:
        case UnknownSku():
            return ExceptionKind.UNKNOWN_SKU
        case UnknownStore() | UnknownPickupStore():
            return ExceptionKind.UNKNOWN_STORE
        case Malformed():
            return ExceptionKind.MALFORMED_ORDER
        case _:
            return ExceptionKind.MALFORMED_ORDER if error.field else ExceptionKind.INTERNAL


def locked(session: Session, message_id: UUID) -> ChannelMessage:
    """A stored message, held against others. Raises `NotFound`."""
    message = session.get(ChannelMessage, message_id, with_for_update=True, populate_existing=True)
    if message is None:
        raise NotFound(
            f"there is no message {message_id}",
            field="message_id",
            remedy="use the cause_id of an exception whose cause is a message",
        )
    return message
