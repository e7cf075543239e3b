"""Payments and refunds as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from api.schemas.base import In, Out
from api.schemas.orders import Currency, Name, Text
from oms.payments.credit_models import CreditKind
from oms.payments.models import EntryKind, Provider, RepaymentStatus

Amount = Annotated[int, Field(gt=0, le=10**12)]


class PaymentIn(In):
    """Money that was taken at a till, in minor units of the order's currency."""

    tender: Annotated[Name, Field(max_length=40, examples=["cash"])]
    amount_minor: Annotated[Amount, Field(examples=[1_250])]
    reference: Annotated[Text, Field(max_length=120, examples=["T1/4711"])] = ""


class RefundLineIn(In):
    """Units of an order line to give the money back for."""

    line_id: UUID
    units: Annotated[int, Field(gt=0, le=100_000, examples=[1])]


class RefundIn(In):
    """What is given back, and why. Goods come back by a return, which refunds by itself."""

    lines: Annotated[tuple[RefundLineIn, ...], Field(max_length=500)] = ()
    goodwill_minor: Annotated[int, Field(ge=0, le=10**12, examples=[500])] = 0
    """On top of what the lines are worth."""
    fee_minor: Annotated[int, Field(ge=0, le=10**12)] = 0
    """Kept back from what the lines are worth."""
    with_shipping: bool = True
    reason: Annotated[Name, Field(examples=["arrived late"])]
    credit_id: UUID | None = None
    """A credit that the money is put on instead of going back the way it came."""


class PaidOutIn(In):
    """The till's own number of the paying out."""

    reference: Annotated[Name, Field(max_length=200, examples=["T1/4712"])]


class CreditIn(In):
    """A gift card that was sold, or store credit that is granted."""

    kind: Annotated[CreditKind, Field(examples=["gift_card"])]
    currency: Annotated[Currency, Field(examples=["USD"])]
    amount_minor: Annotated[int, Field(ge=0, le=10**12, examples=[5_000])]
    """Zero makes an empty one, for a refund to be put on."""
    expires_at: AwareDatetime | None = None


class CodeIn(In):
    """A card's code, as it is printed or read out."""

    code: Annotated[Name, Field(max_length=40, examples=["7K2M-09QX-VB4T-1HNZ"])]


class CreditPaymentIn(CodeIn):
    """What is paid with the card, in minor units."""

    amount_minor: Annotated[Amount, Field(examples=[1_250])]


class CreditOut(Out):
    """A gift card or store credit, and what is left on it."""

    id: UUID
    kind: CreditKind
    ending: str
    """The last characters of the code."""
    currency: str
    balance_minor: int
    expires_at: datetime | None
    created_at: datetime


class NewCreditOut(CreditOut):
    """A credit with its new code, which is told once."""

    code: str | None


class CardPaymentIn(In):
    """A payment that the shop's checkout made with Stripe, to be captured by hand."""

    payment_intent: Annotated[
        str, StringConstraints(pattern=r"^pi_[A-Za-z0-9_]{1,110}$"), Field(examples=["pi_3Mt…"])
    ]


class HeardOut(Out):
    """Whether the push was about a payment of ours."""

    known: bool


class EntryOut(Out):
    """One entry of the ledger of money."""

    kind: EntryKind
    amount_minor: int
    at: datetime
    actor: str
    reason: str
    key: str


class PaymentOut(Out):
    """One tender with its ledger."""

    id: UUID
    provider: Provider
    tender: str
    reference: str
    currency: str
    authorised_minor: int
    captured_minor: int
    voided_minor: int
    refunded_minor: int
    entries: list[EntryOut]


class RefundLineOut(Out):
    """Units of a line, and what they were worth."""

    line_id: UUID
    units: int
    goods_minor: int
    tax_minor: int
    extra_minor: int


class RepaymentOut(Out):
    """A part of a refund that goes back by one tender."""

    id: UUID
    payment_id: UUID
    credit_id: UUID | None
    """The credit that it was put on; without one it goes back the way it came."""
    amount_minor: int
    status: RepaymentStatus
    version: int
    reference: str
    paid_at: datetime | None


class RefundOut(Out):
    """A refund, for what, and how it goes back."""

    id: UUID
    number: int
    cause: str
    reason: str
    currency: str
    amount_minor: int
    fee_minor: int
    created_at: datetime
    lines: list[RefundLineOut]
    repayments: list[RepaymentOut]


class StatementOut(Out):
    """All of an order's money."""

    order_id: UUID
    currency: str
    total_minor: int
    due_minor: int
    """What no tender covers yet."""
    payments: list[PaymentOut]
    refunds: list[RefundOut]


class BookedOut(Out):
    """One movement of money on a day."""

    at: datetime
    order: str
    channel: str
    provider: Provider
    tender: str
    kind: EntryKind
    amount_minor: int
    currency: str
    reference: str
    key: str


class OwedOut(Out):
    """Money that a customer still waits for."""

    id: UUID
    order_id: UUID
    amount_minor: int
    created_at: datetime


class UncoveredOut(Out):
    """An order whose goods left without being paid for in full."""

    order: str
    channel: str
    currency: str
    due_minor: int


class ReconciliationOut(Out):
    """What does not add up yet: for a person to ask channel, till or bank about."""

    owed: list[OwedOut]
    uncovered: list[UncoveredOut]
