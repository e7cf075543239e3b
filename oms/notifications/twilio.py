"""Twilio's Messages resource (https://www.twilio.com/docs/messaging/api/message-resource).

Form-encoded, HTTP Basic with account and token; 201 with the message's `sid`. Errors are JSON with
a numeric `code` (https://www.twilio.com/docs/api/errors). Twilio has no idempotency key: a request
without an answer is not repeated.
"""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from oms.notifications.media import Misconfigured, OutcomeUnknown, Undeliverable
from oms.notifications.posting import Answer, post

_CREATED: Final = 201
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500
_NOT_THIS_NUMBER: Final = frozenset({21211, 21214, 21217, 21408, 21610, 21612, 21614})
"""No such number, no mobile, not in a country that we may send to, or it has answered STOP."""
_SERVICE_PREFIX: Final = "MG"


@dataclass(frozen=True, slots=True)
class Twilio:
    """One account of Twilio."""

    base_url: str
    account: str
    token: str = field(repr=False)
    sender: str
    timeout_s: float

    def send(self, *, to: str, text: str, reference: str) -> str:  # noqa: ARG002 - Twilio takes none
        """Hand one message over; its `sid`."""
        if not (self.account and self.token and self.sender):
            raise Misconfigured(
                "Twilio needs account, token and sender", field="sms", remedy="set all three"
            )
        by = "MessagingServiceSid" if self.sender.startswith(_SERVICE_PREFIX) else "From"
        answer = post(
            f"{self.base_url.rstrip('/')}/2010-04-01/Accounts/{quote(self.account, safe='')}"
            "/Messages.json",
            who="Twilio",
            field="sms.base_url",
            content=urlencode({"To": to, by: self.sender, "Body": text}).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            timeout_s=self.timeout_s,
            auth=(self.account, self.token),
        )
        if answer.status == _CREATED:
            return str(answer.json().get("sid") or "taken")
        raise _fault(answer)


def _fault(answer: Answer) -> Exception:
    said = answer.json()
    code, words = said.get("code"), str(said.get("message") or "no reason given")[:200]
    if answer.status == _TOO_MANY:
        return answer.again_later("Twilio")
    if answer.status >= _SERVER_FAULT:
        return OutcomeUnknown(f"Twilio answered {answer.status}")
    if code in _NOT_THIS_NUMBER:
        return Undeliverable(f"Twilio will not send there ({code}): {words}")
    if 200 <= answer.status < 300:
        return OutcomeUnknown(f"Twilio answered {answer.status} and not 201")
    return Misconfigured(
        f"Twilio refused ({answer.status}, {code}): {words}",
        field="sms",
        remedy="compare account, token and sender with Twilio's console",
    )
