"""Sign associates in with badge and PIN, operators with login and password; sign both out."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from api.deps import DEVICE_COOKIE, SESSION_COOKIE, SessionDep
from api.web.origin import SameOrigin
from api.web.people import signed_in
from api.web.rendering import render
from oms.access import signing_in
from oms.access.signing_in import SHIFT, Refused
from oms.errors import Unauthenticated
from oms.locations.models import Location
from oms.settings import settings

router = APIRouter()

Field = Annotated[str, Form(max_length=200)]
Next = Annotated[str, Query(alias="next", max_length=200)]
NextField = Annotated[str, Form(alias="next", max_length=200)]


@router.get("/")
def associate_page(request: Request, unit: SessionDep, after: Next = "") -> Response:
    """Badge and PIN, if the device is enrolled; if not, how to enrol it."""
    who = signed_in(request, unit)
    if who is not None:
        return RedirectResponse("/store" if who.location_id else "/operations", status_code=303)
    place = _place(request, unit)
    if place is None:
        return render("signing_in/not_enrolled.html")
    return render("signing_in/associate.html", place=place, badge="", after=after, refused=None)


@router.post("/sign-in")
def sign_associate_in(
    request: Request,
    unit: SessionDep,
    _: SameOrigin,
    badge: Field = "",
    pin: Field = "",
    after: NextField = "",
) -> Response:
    """Open an associate's session, or say what was wrong."""
    place = _place(request, unit)
    if place is None:
        return render("signing_in/not_enrolled.html", status=401)
    outcome = signing_in.associate(
        unit, device_token=request.cookies[DEVICE_COOKIE], badge=badge, pin=pin
    )
    if isinstance(outcome, Refused):
        return render(
            "signing_in/associate.html",
            status=_status(outcome),
            headers=_retry(outcome),
            place=place,
            badge=badge,
            after=after,
            refused=outcome,
        )
    return _opened(request, unit, outcome, to=_inside(after, "/store"))


@router.get("/operations/sign-in")
def operator_page(request: Request, unit: SessionDep, after: Next = "") -> Response:
    """Login and password."""
    who = signed_in(request, unit)
    if who is not None and who.location_id is None:
        return RedirectResponse("/operations", status_code=303)
    return render("signing_in/operator.html", login="", after=after, refused=None)


@router.post("/operations/sign-in")
def sign_operator_in(
    request: Request,
    unit: SessionDep,
    _: SameOrigin,
    login: Field = "",
    password: Field = "",
    after: NextField = "",
) -> Response:
    """Open an operator's session, or say what was wrong."""
    outcome = signing_in.operator(unit, login=login, password=password)
    if isinstance(outcome, Refused):
        return render(
            "signing_in/operator.html",
            status=_status(outcome),
            headers=_retry(outcome),
            login=login,
            after=after,
            refused=outcome,
        )
    return _opened(request, unit, outcome, to=_inside(after, "/operations"))


@router.post("/sign-out")
def sign_out(request: Request, unit: SessionDep, _: SameOrigin) -> Response:
    """End the session; the device stays enrolled."""
    who = signed_in(request, unit)
    _end(request, unit)
    to = "/operations/sign-in" if who is not None and who.location_id is None else "/"
    answer = RedirectResponse(to, status_code=303)
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return answer


def _place(request: Request, unit: Session) -> Location | None:
    """The place that this device is enrolled at."""
    token = request.cookies.get(DEVICE_COOKIE)
    if token is None:
        return None
    try:
        return signing_in.device_location(unit, token)
    except Unauthenticated:
        return None


def _opened(request: Request, unit: Session, cookie: str, *, to: str) -> Response:
    """Send the person on with a fresh session; the one before it ends."""
    _end(request, unit)
    answer = RedirectResponse(to, status_code=303)
    answer.set_cookie(
        SESSION_COOKIE,
        cookie,
        max_age=int(SHIFT.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=settings().secure_cookies,
    )
    return answer


def _end(request: Request, unit: Session) -> None:
    if (cookie := request.cookies.get(SESSION_COOKIE)) is not None:
        signing_in.sign_out(unit, cookie)


def _inside(path: str, start: str) -> str:
    """Where to go after signing in: only into the part that was signed in to."""
    return path if path.startswith(f"{start}/") and "//" not in path else start


def _status(refused: Refused) -> int:
    return 401 if refused.retry_after_s is None else 423


def _retry(refused: Refused) -> dict[str, str]:
    return {} if refused.retry_after_s is None else {"Retry-After": str(refused.retry_after_s)}
