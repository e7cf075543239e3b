"""Who is looking at a page, and where they work."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from api.deps import SESSION_COOKIE, SessionDep, StoreWorker
from oms.access import signing_in
from oms.access.signing_in import Caller
from oms.errors import Forbidden, Unauthenticated
from oms.locations.models import Location


@dataclass(frozen=True, slots=True)
class AtLocation:
    """An associate and the one store or warehouse that they see."""

    who: Caller
    location: Location


def at_location(unit: SessionDep, who: StoreWorker) -> AtLocation:
    """The associate's own place; programs, which belong to none, use the API instead."""
    if who.location_id is None:
        raise Forbidden(
            "these pages are for people who are signed in at a store or warehouse",
            remedy="sign in with badge and PIN on an enrolled device, or use /v1/stores",
        )
    return AtLocation(who, unit.get_one(Location, who.location_id))


AtLocationDep = Annotated[AtLocation, Depends(at_location, scope="function")]


def signed_in(request: Request, unit: Session) -> Caller | None:
    """The person behind the cookie, if the session is still good."""
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        return None
    try:
        return signing_in.by_cookie(unit, cookie)
    except Unauthenticated:
        return None
