"""What routes ask for: a unit of work, and who is calling."""

from collections.abc import Generator
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Request
from sqlmodel import Session

from oms.access import signing_in
from oms.access.models import Scope
from oms.access.signing_in import Caller
from oms.db import transaction
from oms.errors import Forbidden, Invalid, NotFound, Unauthenticated
from oms.locations import queries as locations
from oms.locations.models import Location

SESSION_COOKIE = "tributary_session"
DEVICE_COOKIE = "tributary_device"


def session() -> Generator[Session]:
    """The request's unit of work."""
    with transaction() as unit:
        yield unit


# "function" commits before the response is sent. The default commits after it, when a
# failed commit can no longer be reported.
SessionDep = Annotated[Session, Depends(session, scope="function")]


def caller(
    request: Request,
    unit: SessionDep,
    authorization: Annotated[str | None, Header()] = None,
    x_csrf_token: Annotated[str | None, Header()] = None,
) -> Caller:
    """A program by its key, or a person by cookie. A cookie that changes things proves itself."""
    if authorization is not None:
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Unauthenticated(
                "Authorization is not of the form 'Bearer oms_live_…'",
                field="Authorization",
                remedy="send 'Authorization: Bearer oms_live_…' with a key that is in use",
            )
        return signing_in.by_key(unit, key.strip())
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        raise Unauthenticated(
            "nobody is signed in",
            field="Authorization",
            remedy="send 'Authorization: Bearer oms_live_…', or sign in on the page",
        )
    person = signing_in.by_cookie(unit, cookie)
    if request.method not in ("GET", "HEAD") and x_csrf_token != person.csrf:
        raise Forbidden(
            "the page's X-CSRF-Token is missing or old",
            field="X-CSRF-Token",
            remedy="reload the page and try again",
        )
    return person


CallerDep = Annotated[Caller, Depends(caller, scope="function")]


class Needs:
    """A dependency that lets through only callers with a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(self, who: CallerDep) -> Caller:
        """Return the caller or refuse."""
        signing_in.require(who, self.scope.value)
        return who


StoreWorker = Annotated[Caller, Depends(Needs(Scope.STORE_WORK), scope="function")]
StoreManager = Annotated[Caller, Depends(Needs(Scope.STORE_MANAGE), scope="function")]
OrderWriter = Annotated[Caller, Depends(Needs(Scope.ORDERS_WRITE), scope="function")]
OrderReader = Annotated[Caller, Depends(Needs(Scope.ORDERS_READ), scope="function")]
StockWriter = Annotated[Caller, Depends(Needs(Scope.STOCK_WRITE), scope="function")]
StockReader = Annotated[Caller, Depends(Needs(Scope.STOCK_READ), scope="function")]
PaymentsWriter = Annotated[Caller, Depends(Needs(Scope.PAYMENTS_WRITE), scope="function")]
PaymentsReader = Annotated[Caller, Depends(Needs(Scope.PAYMENTS_READ), scope="function")]
ReturnsWriter = Annotated[Caller, Depends(Needs(Scope.RETURNS_WRITE), scope="function")]
ReturnsReader = Annotated[Caller, Depends(Needs(Scope.RETURNS_READ), scope="function")]
OperatorDep = Annotated[Caller, Depends(Needs(Scope.OPERATIONS), scope="function")]


def store(unit: SessionDep, who: StoreWorker, code: Annotated[str, Path()]) -> Location:
    """The store in the path, if the caller works there; any other is not found for them."""
    return _own_store(unit, who, code)


StoreDep = Annotated[Location, Depends(store, scope="function")]


def managed_store(unit: SessionDep, who: StoreManager, code: Annotated[str, Path()]) -> Location:
    """The store in the path, if the caller looks after it."""
    return _own_store(unit, who, code)


ManagedStoreDep = Annotated[Location, Depends(managed_store, scope="function")]


def _own_store(unit: Session, who: Caller, code: str) -> Location:
    if who.location_code is not None and who.location_code != code:
        raise NotFound(
            f"there is no store {code!r} for you",
            field="code",
            remedy=f"you are signed in at {who.location_code}",
        )
    return locations.by_code(unit, code)


def idempotency_key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    """The key under which a command is carried out once."""
    if idempotency_key is None or not is_key(idempotency_key):
        raise Invalid(
            "Idempotency-Key is missing or not 8 to 120 characters long",
            field="Idempotency-Key",
            remedy="send a UUID that you make before the first attempt and repeat at each retry",
        )
    return idempotency_key


def is_key(value: str) -> bool:
    """Whether an idempotency key is as long as one should be."""
    return 8 <= len(value) <= 120


IdempotencyKey = Annotated[str, Depends(idempotency_key)]
ItemId = Annotated[UUID, Path()]
