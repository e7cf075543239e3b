"""Word a notice, owe its sendings, and record what became of each."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from oms import clock
from oms.connections import BrandSettings
from oms.customers.models import Customer
from oms.errors import NotFound
from oms.exceptions.cases import open_case, resolve_cause
from oms.exceptions.models import ExceptionKind
from oms.languages import speech as languages
from oms.languages.speech import Speech
from oms.notifications import brands, facts, notices, opting_out, states, templating, wording
from oms.notifications.media import Letter, OutcomeUnknown
from oms.notifications.models import (
    Medium,
    Notice,
    NoticeSending,
    NoticeTemplate,
    SendingStatus,
)
from oms.orders.models import Order
from oms.settings import settings

_RANDOM_BYTES: Final = 24


def prepare(session: Session, notice_id: UUID) -> Notice:
    """Word a notice in its customer's language and owe one sending for each medium, once.

    A medium that cannot be used, or that the customer does not want, is written down as such.
    """
    notice = _locked(session, notice_id)
    if notice.closed_at is not None or of_notice(session, notice_id):
        return notice
    order = session.get_one(Order, notice.order_id)
    code, brand = brands.of_channel(order.channel)
    spoken = speech_of(order, brand)
    own = templating.in_use(session, brand=code, language=spoken.language, kind=notice.kind)
    worded = wording.word(notice.kind, facts.of_notice(session, notice, spoken), spoken, own)
    for medium, target, status, why in _ways(session, notice, order):
        session.add(
            NoticeSending(
                notice_id=notice.id,
                medium=medium,
                target=target,
                status=status,
                brand=code,
                locale=str(spoken.locale),
                subject=worded.subject,
                body=worded.sms if medium is Medium.SMS else worded.text,
                template_version=_version(own),
                token=secrets.token_urlsafe(_RANDOM_BYTES),
                last_error=why,
                created_at=clock.now(),
            )
        )
    _close_when_done(session, notice)
    return notice


def speech_of(order: Order, brand: BrandSettings) -> Speech:
    """How an order's customer is spoken to: their own locale, else the brand's language."""
    return languages.choose(order.locale, brand.language)


def owed(session: Session, notice_id: UUID) -> list[NoticeSending]:
    """What of a notice is still to be sent."""
    return [row for row in of_notice(session, notice_id) if row.status is SendingStatus.OWED]


def begin(session: Session, sending_id: UUID) -> Letter | None:
    """An attempt at a sending; None when it is not owed any more.

    That the attempt begins is committed before it is made. Who finds a text message begun and not
    ended does not know whether it went out: `OutcomeUnknown`. Letters and webhooks carry an id by
    which a repetition is known, and are sent again.
    """
    notice, row = _both(session, sending_id)
    if row.status is not SendingStatus.OWED:
        return None
    if row.medium is Medium.SMS and row.begun_at is not None:
        raise OutcomeUnknown(
            "an earlier attempt was cut off; nobody knows whether it went out",
            remedy="look in the provider's list, then decide on the order's page",
        )
    row.attempts += 1
    row.begun_at = clock.now()
    return _letter(session, notice, row)


def went_out(session: Session, sending_id: UUID, *, reference: str) -> None:
    """Somebody has taken it."""
    notice, row = _both(session, sending_id)
    states.move(row, SendingStatus.SENT)
    row.reference = reference[:200]
    _settle(session, notice, row, resolution="it was sent")


def will_not_be_taken(session: Session, sending_id: UUID, *, error: str) -> None:
    """The address will never take it; there is nobody to ask about that."""
    notice, row = _both(session, sending_id)
    states.move(row, SendingStatus.REFUSED, error=error)
    _settle(session, notice, row, resolution="the address does not take it")


def failed(session: Session, sending_id: UUID, *, error: str) -> None:
    """An attempt failed and surely did not go out; more may follow."""
    _, row = _both(session, sending_id)
    row.last_error = error[:500]
    row.begun_at = None


def give_up(session: Session, notice_id: UUID, medium: Medium, *, error: str) -> None:
    """Stop trying what was tried by this medium, and open a case for a person; the rest goes on."""
    notice = _locked(session, notice_id)
    for row in owed(session, notice_id):
        if row.medium is medium and row.attempts:
            states.move(row, SendingStatus.DEAD, error=error)
            open_case(
                session,
                kind=ExceptionKind.NOTICE_FAILED,
                cause_type="notice_sending",
                cause_id=row.id,
                order_id=notice.order_id,
                detail=f"the notice '{notice.kind.value}' was not sent by {medium.value}: {error}",
                remedy="mend the cause, then send it again on the order's page; or call them",
            )
    _close_when_done(session, notice)
    _changed(session, notice, topic="notice.given_up")


def send_again(session: Session, sending_id: UUID, *, actor: str) -> NoticeSending:
    """Owe a sending again that was refused or given up; raises `IllegalMove` for any other."""
    notice, row = _both(session, sending_id)
    states.move(row, SendingStatus.OWED)
    row.begun_at = None
    notice.closed_at = None
    resolve_cause(
        session,
        cause_type="notice_sending",
        cause_id=row.id,
        actor=actor,
        resolution="sent again",
    )
    _changed(session, notice, topic="notice.sent_again")
    return row


def of_notice(session: Session, notice_id: UUID) -> Sequence[NoticeSending]:
    """The sendings of a notice."""
    return session.exec(
        select(NoticeSending)
        .where(NoticeSending.notice_id == notice_id)
        .order_by(col(NoticeSending.medium), col(NoticeSending.target))
        .execution_options(populate_existing=True)
    ).all()


def _ways(
    session: Session, notice: Notice, order: Order
) -> Iterator[tuple[Medium, str, SendingStatus, str | None]]:
    customer = session.get_one(Customer, order.customer_id)
    unwanted = opting_out.refused(session, customer.id, notice.kind)
    for medium, set_up, address in (
        (Medium.EMAIL, settings().smtp_url, customer.email),
        (Medium.SMS, settings().sms, phone_of(customer.phone)),
    ):
        if medium in unwanted:
            yield medium, "", SendingStatus.OPTED_OUT, None
        elif set_up is not None:
            known = bool(address)
            status = SendingStatus.OWED if known else SendingStatus.SKIPPED
            yield medium, "", status, None if known else "the customer gave no address for it"
    for target, chosen in sorted(settings().notice_webhooks.items()):
        if not chosen.kinds or notice.kind.value in chosen.kinds:
            yield Medium.WEBHOOK, target, SendingStatus.OWED, None


def phone_of(given: str) -> str:
    """A telephone number as carriers want it (E.164); empty for one without its country."""
    digits = "".join(letter for letter in given if letter.isascii() and letter.isdigit())
    number = f"+{digits}" if given.strip().startswith("+") else ""
    if given.strip().startswith("00"):
        number = f"+{digits[2:]}"
    return number if 8 <= len(number) <= 16 else ""


def _letter(session: Session, notice: Notice, row: NoticeSending) -> Letter:
    order = session.get_one(Order, notice.order_id)
    customer = session.get_one(Customer, order.customer_id)
    brand = brands.named(row.brand)
    spoken = languages.choose(row.locale)
    stop = None
    if opting_out.may_refuse(notice.kind, row.medium):
        stop = f"{settings().public_url}/messages/{row.token}"
    return Letter(
        id=str(row.id),
        kind=notice.kind.value,
        cause=notice.cause,
        target=row.target,
        shop=brand.name,
        sender=brand.mail_from or settings().mail_from,
        to=phone_of(customer.phone) if row.medium is Medium.SMS else customer.email,
        subject=row.subject,
        body=row.body,
        html=wording.page(
            shop=brand.name, subject=row.subject, text=row.body, speech=spoken, unsubscribe=stop
        ),
        language=spoken.language.value,
        order_number=order.display_number,
        order_reference=order.external_id,
        channel=order.channel,
        unsubscribe=stop,
        created_at=notice.created_at.isoformat(),
    )


def _settle(session: Session, notice: Notice, row: NoticeSending, *, resolution: str) -> None:
    resolve_cause(
        session,
        cause_type="notice_sending",
        cause_id=row.id,
        actor="system",
        resolution=resolution,
    )
    _close_when_done(session, notice)


def _close_when_done(session: Session, notice: Notice) -> None:
    session.flush()
    if all(row.status is not SendingStatus.OWED for row in of_notice(session, notice.id)):
        notice.closed_at = clock.now()
    notice.version += 1


def _changed(session: Session, notice: Notice, *, topic: str) -> None:
    notices.tell(session, notice.id, order_id=notice.order_id, version=notice.version, topic=topic)


def _version(own: NoticeTemplate | None) -> int | None:
    return own.version if own is not None else None


def _locked(session: Session, notice_id: UUID) -> Notice:
    row = session.get(Notice, notice_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"there is no notice {notice_id}", field="notice_id")
    return row


def _both(session: Session, sending_id: UUID) -> tuple[Notice, NoticeSending]:
    row = session.get(NoticeSending, sending_id)
    if row is None:
        raise NotFound(
            f"there is no sending {sending_id}",
            field="sending_id",
            remedy="use an id that the order's notices list",
        )
    notice = _locked(session, row.notice_id)
    session.refresh(row)
    return notice, row
