"""Attempt once to send what is owed by a medium: claim, send outside any transaction, record."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from oms.db import transaction
from oms.errors import OmsError
from oms.notifications import email, sending, sms, webhook
from oms.notifications.media import Letter, OutcomeUnknown, Undeliverable
from oms.notifications.models import Medium


def _text(letter: Letter) -> str:
    return sms.provider().send(to=letter.to, text=letter.body, reference=letter.id)


_CARRIERS: Final[Mapping[Medium, Callable[[Letter], str]]] = {
    Medium.EMAIL: email.send,
    Medium.SMS: _text,
    Medium.WEBHOOK: webhook.send,
}


def deliver(notice_id: UUID, medium: Medium) -> int:
    """Try each sending that is owed by this medium once; how many went out.

    Raises what the first that failed raised, after all of them were tried and written down.
    """
    with transaction() as session:
        waiting = [row.id for row in sending.owed(session, notice_id) if row.medium is medium]
    sent, fault = 0, None
    for sending_id in waiting:
        try:
            sent += _send(sending_id, medium)
        except OmsError as error:
            fault = fault or error
    if fault is not None:
        raise fault
    return sent


def _send(sending_id: UUID, medium: Medium) -> int:
    with transaction() as session:
        letter = sending.begin(session, sending_id)
    if letter is None:
        return 0
    try:
        reference = _CARRIERS[medium](letter)
    except Undeliverable as error:
        with transaction() as session:
            sending.will_not_be_taken(session, sending_id, error=error.message)
        return 0
    except OutcomeUnknown:
        raise  # it stays begun and not ended: that is what is known
    except OmsError as error:
        with transaction() as session:
            sending.failed(session, sending_id, error=error.message)
        raise
    with transaction() as session:
        sending.went_out(session, sending_id, reference=reference)
    return 1
