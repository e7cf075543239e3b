"""What waits for a person: why, since when, the message itself, and the ways out."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session

from api.deps import ItemId, OperatorDep, SessionDep
from api.schemas.base import In
from api.schemas.orders import Text
from api.web.rendering import by_htmx, render
from oms.channels import messages, writebacks
from oms.channels.models import MessageStatus
from oms.errors import Invalid, NotFound
from oms.exceptions import cases
from workflows import carrier_news

router = APIRouter(prefix="/operations/exceptions")


class ResolveForm(In):
    """How a case was settled."""

    resolution: Text = ""


@router.get("")
def page(request: Request, unit: SessionDep, who: OperatorDep) -> Response:
    """Open cases, the oldest first; the list alone when the page refreshes itself."""
    if by_htmx(request):
        return render("operations/_cases.html", **_facts(unit))
    return render("operations/exceptions.html", who=who, tab="exceptions", **_facts(unit))


@router.get("/messages/{message_id}")
def payload(message_id: ItemId, unit: SessionDep, _who: OperatorDep) -> Response:
    """What the channel sent, as it came."""
    message = messages.message(unit, message_id)
    if message is None:
        raise NotFound(f"there is no message {message_id}", field="message_id")
    return render("operations/_payload.html", message=message)


@router.post("/messages/{message_id}/replay")
def replay(message_id: ItemId, unit: SessionDep, who: OperatorDep) -> Response:
    """Apply a parked message again, after its cause was mended."""
    message = carrier_news.replay(unit, message_id, actor=who.actor)
    if message.status is MessageStatus.PARKED:
        return _done(
            unit,
            f"It still does not fit: {message.outcome}",
            remedy="mend the cause first, then replay again",
            good=False,
        )
    return _done(unit, "Replayed. It has been taken in.")


@router.post("/writebacks/{writeback_id}/retry")
def retry(writeback_id: ItemId, unit: SessionDep, who: OperatorDep) -> Response:
    """Tell the channel again, after the cause was mended."""
    writebacks.retry(unit, writeback_id, actor=who.actor)
    return _done(unit, "The channel is told again.")


@router.post("/{case_id}/resolve")
def resolve(
    case_id: UUID, form: Annotated[ResolveForm, Form()], unit: SessionDep, who: OperatorDep
) -> Response:
    """Close a case by hand."""
    if not form.resolution:
        raise Invalid(
            "no resolution given",
            field="resolution",
            remedy="say in a few words how it was settled",
        )
    cases.resolve(unit, case_id, actor=who.actor, resolution=form.resolution)
    return _done(unit, "Resolved.")


def _facts(unit: Session) -> dict[str, Any]:
    return {"cases": cases.open_cases(unit)}


def _done(unit: Session, said: str, *, remedy: str | None = None, good: bool = True) -> Response:
    unit.flush()
    return render(
        "operations/_cases_done.html", said=said, remedy=remedy, good=good, **_facts(unit)
    )
