"""What carries a notice to somebody: how it fails, and where it goes."""

from dataclasses import dataclass, field

from oms.errors import OmsError


class NotTaken(OmsError):
    """It could not be handed over now; another attempt may do. `facts["retry_after_s"]` if told."""

    code = "not_taken"


class Undeliverable(OmsError):
    """This address will never take it."""

    code = "undeliverable"


class Misconfigured(OmsError):
    """Whoever carries it refuses *us*: a person must mend the settings."""

    code = "misconfigured"


class OutcomeUnknown(OmsError):
    """Nobody can say whether it went out, and sending it again might tell the customer twice."""

    code = "outcome_unknown"


@dataclass(frozen=True, slots=True)
class Letter:
    """One sending, as plain values: nothing of it is read while a server is waited for."""

    id: str
    kind: str
    cause: str
    target: str
    shop: str
    sender: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    html: str = field(repr=False)
    language: str
    order_number: str
    order_reference: str
    channel: str
    unsubscribe: str | None = field(repr=False)
    created_at: str
