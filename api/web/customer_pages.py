"""What every page for customers shares: its language, its pace, and how refusals are worded."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Cookie, Header, Path, Request, Response
from sqlmodel import Session

from api.errors import status_of
from api.web import customer_wording as words
from api.web import pacing
from api.web.rendering import render
from oms.errors import NotFound, OmsError
from oms.languages.catalogues import NAMES, Language
from oms.languages.speech import Speech, choose

LANGUAGE_COOKIE: Final = "tributary_language"
_A_YEAR_S: Final = 365 * 24 * 3600

Token = Annotated[str, Path(max_length=64)]
Chosen = Annotated[str, Cookie(alias=LANGUAGE_COOKIE)]
Accepted = Annotated[str, Header(alias="Accept-Language")]


def paced(request: Request, token: Token) -> None:
    """A dependency: nobody asks more of one link than a person would."""
    pace = pacing.READING if request.method == "GET" else pacing.CHANGING
    pace.take(token)


def show(
    template: str, speech: Speech, *, status: int = 200, at: str | None = None, **facts: Any
) -> Response:
    """A page in the customer's language; `at` is where it can be switched to another."""
    switch = {"languages": NAMES, "languages_at": f"{at}/language"} if at else {}
    return render(
        template,
        status=status,
        headers={"X-Robots-Tag": "noindex, nofollow", "Content-Language": speech.language.value},
        speech=speech,
        words=words,
        **switch,
        **facts,
    )


def gone(speech: Speech) -> Response:
    """The link shows nothing, and does not say whether it ever did."""
    return show("customer/gone.html", speech, status=404)


def spoken(chosen: str, accepted: str) -> Speech:
    """The language of somebody of whom nothing else is known."""
    return choose(chosen, accept_language=accepted)


def wording_of(refused: OmsError | None, speech: Speech) -> str | None:
    """A refusal in the customer's language."""
    if refused is None:
        return None
    return speech.gettext(words.REFUSALS.get(refused.code, words.REFUSALS["conflict"]))


def status_for(refused: OmsError | None) -> int:
    """The status that goes with it."""
    return status_of(refused) if refused is not None else 200


def carried_out(unit: Session, act: Callable[[], object]) -> OmsError | None:
    """Do what the customer asked; what is refused is returned and leaves nothing behind.

    A link that shows nothing is `NotFound`, as for reading.
    """
    try:
        with unit.begin_nested():
            act()
    except NotFound:
        raise
    except OmsError as error:
        unit.expire_all()
        return error
    return None


def switched(to: str, response: Response) -> Response:
    """Remember the language that was chosen, if it is one of ours."""
    if to in set(Language):
        response.set_cookie(
            LANGUAGE_COOKIE, to, max_age=_A_YEAR_S, httponly=True, samesite="lax", path="/"
        )
    return response
