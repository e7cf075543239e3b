"""How customers are told what, for operations: each brand's wordings, with preview and history."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from pydantic import Field
from sqlmodel import Session

from api.deps import OperatorDep, SessionDep
from api.schemas.base import In
from api.web.rendering import render
from oms.errors import Conflict, Invalid
from oms.languages.catalogues import NAMES, Language
from oms.notifications import brands, facts, opting_out, templating
from oms.notifications.models import Medium, NoticeKind

router = APIRouter(prefix="/operations/messages")


class WordingForm(In):
    """A brand's wording, and which version it was written from."""

    brand: Annotated[str, Field(max_length=40)]
    language: Language
    kind: NoticeKind
    subject: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(max_length=10_000)] = ""
    sms: Annotated[str, Field(max_length=1_000)] = ""
    note: Annotated[str, Field(max_length=200)] = ""
    after: Annotated[int, Field(ge=0)] = 0
    act: Annotated[str, Field(pattern="^(preview|save|withdraw)$")] = "preview"


@router.get("")
def page(
    unit: SessionDep,
    who: OperatorDep,
    brand: str = brands.DEFAULT,
    language: Language = Language.ENGLISH,
    kind: NoticeKind = NoticeKind.CONFIRMED,
) -> Response:
    """One wording with its preview and its history."""
    shown = _facts(unit, brand, language, kind)
    return render("operations/messages.html", who=who, tab="messages", **shown)


@router.post("")
def change(form: Annotated[WordingForm, Form()], unit: SessionDep, who: OperatorDep) -> Response:
    """Preview, use, or withdraw a wording; what cannot be used is said beside what was written."""
    texts = {"subject": form.subject, "text": form.text, "sms": form.sms}
    said, fault = "", None
    try:
        with unit.begin_nested():
            said = _carry_out(unit, form, texts, actor=who.actor)
    except (Invalid, Conflict) as error:
        fault = error
    written = None if form.act == "withdraw" and fault is None else texts
    shown = _facts(unit, form.brand, form.language, form.kind, written=written, ok=fault is None)
    return render(
        "operations/_messages_done.html",
        said=fault.message if fault else said,
        remedy=fault.remedy if fault else None,
        good=fault is None,
        **shown,
    )


def _carry_out(unit: Session, form: WordingForm, texts: dict[str, str], *, actor: str) -> str:
    match form.act:
        case "save":
            row = templating.put(
                unit,
                brand=form.brand,
                language=form.language,
                kind=form.kind,
                texts=texts,
                note=form.note,
                actor=actor,
                after=form.after,
            )
            return f"Version {row.version} is used from now on."
        case "withdraw":
            templating.withdraw(
                unit,
                brand=form.brand,
                language=form.language,
                kind=form.kind,
                note=form.note,
                actor=actor,
            )
            return "Our own wording is used again."
        case _:
            templating.preview(
                brand=form.brand, language=form.language, kind=form.kind, texts=texts
            )
            return "This is how it reads. Nothing is changed yet."


def _facts(
    unit: Session,
    brand: str,
    language: Language,
    kind: NoticeKind,
    *,
    written: dict[str, str] | None = None,
    ok: bool = True,
) -> dict[str, Any]:
    """What the page shows: the wording as it is written now, and how it reads if it can be used."""
    own = templating.in_use(unit, brand=brand, language=language, kind=kind)
    history = [
        row
        for row in templating.listed(unit, brand=brand)
        if (row.language, row.kind) == (language, kind)
    ]
    texts = written
    if texts is None and own is not None:
        texts = {"subject": own.subject, "text": own.text, "sms": own.sms}
    worded, _ = templating.preview(
        brand=brand, language=language, kind=kind, texts=texts if ok else None
    )
    return {
        "brand": brand,
        "brands": brands.codes(),
        "language": language,
        "languages": NAMES,
        "kind": kind,
        "kinds": list(NoticeKind),
        "own": own,
        "texts": texts,
        "worded": worded if ok else None,
        "names": facts.NAMES[kind],
        "history": history,
        "after": history[0].version if history else 0,
        "must": not opting_out.may_refuse(kind, Medium.EMAIL),
    }
