"""Tie this browser to a store or warehouse, once, with the token that its manager was given.

The token comes in the address's fragment or by hand and is sent in a form's body, so that it
stands in no log.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from api.deps import DEVICE_COOKIE, SessionDep
from api.web.origin import SameOrigin
from api.web.rendering import render
from oms.access import signing_in
from oms.errors import Unauthenticated
from oms.settings import settings

router = APIRouter(prefix="/enrol")

_KEPT = timedelta(days=400)  # the longest that browsers keep a cookie (RFC 6265bis, 5.5)


@router.get("")
def page() -> Response:
    """Ask for the token."""
    return render("signing_in/enrol.html", refused=None)


@router.post("")
def enrol(unit: SessionDep, _: SameOrigin, token: Annotated[str, Form()] = "") -> Response:
    """Remember the token in a cookie that no script can read, if it is a device's."""
    given = token.strip()
    try:
        signing_in.device_location(unit, given)
    except Unauthenticated:
        refused = "this token belongs to no device, or the device was taken out of use"
        return render("signing_in/enrol.html", status=401, refused=refused)
    answer = RedirectResponse("/", status_code=303)
    answer.set_cookie(
        DEVICE_COOKIE,
        given,
        max_age=int(_KEPT.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=settings().secure_cookies,
    )
    return answer
