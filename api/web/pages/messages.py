"""Which messages a customer wants: by the link in one of them, or with one click (RFC 8058)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from pydantic import ConfigDict, Field
from sqlmodel import Session

from api.deps import SessionDep
from api.schemas.base import In
from api.web.customer_pages import Accepted, Chosen, Token, gone, paced, show, spoken
from oms.errors import NotFound
from oms.languages.speech import choose
from oms.notifications import brands, opting_out
from oms.notifications.models import NoticeKind

router = APIRouter(prefix="/messages/{token}", dependencies=[Depends(paced)])


class WantedForm(In):
    """What stays wanted; or the one click, which mail programs send by themselves."""

    model_config = ConfigDict(extra="ignore")

    one_click: Annotated[str, Field(alias="List-Unsubscribe", max_length=40)] = ""
    chosen: bool = False
    wanted: list[NoticeKind] = Field(default_factory=list, max_length=len(NoticeKind))


@router.get("")
def page(token: Token, unit: SessionDep, chosen: Chosen = "", accepted: Accepted = "") -> Response:
    """Show what is wanted. Reading changes nothing: mail scanners follow links."""
    return _page(unit, token, chosen, accepted)


@router.post("")
def choose_wanted(
    token: Token,
    form: Annotated[WantedForm, Form()],
    unit: SessionDep,
    chosen: Chosen = "",
    accepted: Accepted = "",
) -> Response:
    """Note what is wanted from now on."""
    try:
        sending, customer_id = opting_out.of_token(unit, token)
    except NotFound:
        return gone(spoken(chosen, accepted))
    if form.one_click:
        opting_out.unsubscribe(unit, token)
    elif form.chosen:
        unwanted = [kind for kind in NoticeKind if kind not in form.wanted]
        opting_out.put(unit, customer_id, sending.medium, unwanted, actor=opting_out.CUSTOMER)
    return _page(unit, token, chosen, accepted, done=True)


def _page(unit: Session, token: str, chosen: str, accepted: str, *, done: bool = False) -> Response:
    try:
        sending, customer_id = opting_out.of_token(unit, token)
    except NotFound:
        return gone(spoken(chosen, accepted))
    refused = opting_out.of_customer(unit, customer_id)
    return show(
        "customer/messages.html",
        choose(chosen, sending.locale, accept_language=accepted),
        shop=brands.named(sending.brand).name,
        medium=sending.medium,
        optional=[kind for kind in NoticeKind if opting_out.may_refuse(kind, sending.medium)],
        unwanted={kind for medium, kind in refused if medium is sending.medium},
        done=done,
    )
