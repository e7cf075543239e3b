"""Notices to customers as the JSON API takes and gives them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.base import In, Out
from oms.languages.catalogues import Language
from oms.notifications.models import Medium, NoticeKind, SendingStatus

Brand = Annotated[str, Field(min_length=1, max_length=40, examples=["default"])]
Note = Annotated[str, Field(max_length=200)]


class SendingOut(Out):
    """A notice by one medium."""

    id: UUID
    medium: Medium
    target: str
    status: SendingStatus
    locale: str
    subject: str
    body: str
    template_version: int | None
    attempts: int
    last_error: str | None
    sent_at: datetime | None
    reference: str


class NoticeOut(Out):
    """One thing that the customer is told, and what became of telling it."""

    id: UUID
    kind: NoticeKind
    cause: str
    created_at: datetime
    closed_at: datetime | None
    sendings: list[SendingOut]


class TextsIn(In):
    """A wording: `{{ name }}` for a fact. The e-mail's HTML is made from the text."""

    subject: str = Field(max_length=200, examples=["Your order {{ order }} has left us"])
    text: str = Field(max_length=10_000, examples=["Thank you!\n\n{{ link }}"])
    sms: str = Field(max_length=1_000, examples=["{{ shop }}: {{ order }} is on its way"])


class PreviewIn(In):
    """Which wording to show with made-up facts: these texts, or ours if there are none."""

    brand: Brand = "default"
    language: Language
    kind: NoticeKind
    texts: TextsIn | None = None


class TemplateIn(In):
    """A brand's own wording. `after` is the version that it was written from; 0 for none."""

    brand: Brand = "default"
    language: Language
    kind: NoticeKind
    texts: TextsIn
    note: Note = ""
    after: Annotated[int, Field(ge=0)] | None = None


class WithdrawIn(In):
    """Whose own wording is used no more."""

    brand: Brand = "default"
    language: Language
    kind: NoticeKind
    note: Note = ""


class PreviewOut(Out):
    """How it reads."""

    subject: str
    text: str
    sms: str
    html: str
    names: tuple[str, ...]
    """What this kind may name."""


class TemplateOut(Out):
    """A version of a brand's own wording."""

    brand: str
    language: str
    kind: NoticeKind
    version: int
    subject: str
    text: str
    sms: str
    withdrawn: bool
    note: str
    created_at: datetime
    created_by: str


class UnwantedIn(In):
    """Kinds that the customer does not want by a medium; the other kinds they do."""

    medium: Literal[Medium.EMAIL, Medium.SMS]
    unwanted: list[NoticeKind] = Field(max_length=20)


class PreferencesOut(Out):
    """What the customer does not want, and what is sent all the same, by medium."""

    unwanted: dict[Medium, list[NoticeKind]]
    always_sent: dict[Medium, list[NoticeKind]]


def out(notice: Any, sendings: Any) -> NoticeOut:
    """A notice with its sendings."""
    return NoticeOut(
        id=notice.id,
        kind=notice.kind,
        cause=notice.cause,
        created_at=notice.created_at,
        closed_at=notice.closed_at,
        sendings=[SendingOut.model_validate(row) for row in sendings],
    )
