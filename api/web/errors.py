"""What went wrong, as a page or as a notice on the page that is open."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.errors import status_of
from api.web.rendering import by_htmx, render
from oms.errors import Forbidden, Locked, OmsError, StaleVersion, Unauthenticated

_NOT_PAGES = ("/v1/", "/static/", "/healthz", "/readyz", "/openapi.json")
_RETRY_AFTER_S = 2
_TITLES = {
    401: "Please sign in",
    403: "Not allowed",
    404: "Not found",
    409: "That does not fit any more",
    422: "Please correct this",
    423: "Locked for a moment",
    500: "Something went wrong",
    503: "Please try again in a moment",
}

Handler = Callable[[Request, Exception], Response]
AsyncHandler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI) -> None:
    """Answer pages with pages; every other path keeps the answer that it had before."""
    for kind, shown in (
        (OmsError, _broken_rule),
        (RequestValidationError, _malformed),
        (OperationalError, _no_database),
        (PoolTimeout, _no_database),
        (HTTPException, _http),
        (Exception, _unexpected),
    ):
        before = app.exception_handlers.get(kind)
        if before is not None:
            app.add_exception_handler(kind, _either(shown, before))


def is_page(request: Request) -> bool:
    """Whether a person looks at the answer."""
    return not request.url.path.startswith(_NOT_PAGES)


def sign_in_path(path: str) -> str:
    """Where one signs in for a page, and comes back from."""
    door = "/operations/sign-in" if path.startswith(("/operations", "/docs")) else "/"
    return f"{door}?next={quote(path)}" if path not in ("/", "/store", "/operations") else door


def answer(
    request: Request,
    *,
    status: int,
    message: str,
    remedy: str | None = None,
    field: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Say what went wrong: a notice for a piece of a page, a page for a page.

    A background refresh that fails changes nothing on the page; its own script shows that the
    page is not up to date.
    """
    facts = {"message": message, "remedy": remedy, "field": field}
    given = dict(headers or {})
    if not by_htmx(request):
        title = _TITLES.get(status, "That did not work")
        return render("error.html", status=status, headers=given, title=title, **facts)
    if request.method == "GET":
        given["HX-Reswap"] = "none"
    else:
        given |= {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", "HX-Trigger": "refresh"}
    return render("notice_error.html", status=status, headers=given, **facts)


def _either(shown: Handler, before: Callable[..., Any]) -> AsyncHandler:
    """The page's handler for pages; for the rest what was there, awaited or not."""

    async def handler(request: Request, error: Exception) -> Response:
        if is_page(request) and shown is not _unexpected:
            return shown(request, error)
        # An unexpected error is logged by the handler that was there, for pages as well.
        if inspect.iscoroutinefunction(before):
            otherwise = await before(request, error)
        else:
            otherwise = await run_in_threadpool(before, request, error)
        result: Response = shown(request, error) if is_page(request) else otherwise
        return result

    return handler


def _broken_rule(request: Request, error: Exception) -> Response:
    assert isinstance(error, OmsError)
    if isinstance(error, Unauthenticated):
        return _to_sign_in(request)
    if isinstance(error, Forbidden) and "scope" in error.facts:
        return answer(
            request,
            status=403,
            message="you are signed in, but not as somebody who works here",
            remedy="sign out, and sign in with the account for this part",
        )
    if isinstance(error, StaleVersion):
        return answer(
            request,
            status=409,
            message="somebody else has changed this meanwhile; nothing was done",
            remedy="here is the present state: do it again if it still makes sense",
        )
    headers = {}
    if isinstance(error, Locked) and (wait := error.facts.get("retry_after_s")):
        headers["Retry-After"] = str(wait)
    return answer(
        request,
        status=status_of(error),
        message=error.message,
        remedy=error.remedy,
        field=error.field,
        headers=headers,
    )


def _to_sign_in(request: Request) -> Response:
    if by_htmx(request):
        # The fragment's own path is no page to come back to.
        door = "/operations/sign-in" if request.url.path.startswith("/operations") else "/"
        return Response(status_code=401, headers={"HX-Redirect": door})
    return RedirectResponse(sign_in_path(request.url.path), status_code=303)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fault = error.errors()[0]
    field = str(fault["loc"][-1])
    return answer(
        request,
        status=422,
        message=f"{field}: {fault['msg']}",
        remedy="correct this field and try again",
        field=field,
    )


def _no_database(request: Request, _error: Exception) -> Response:
    return answer(
        request,
        status=503,
        message="the database does not answer at the moment; nothing was changed",
        remedy="try the same again in a few seconds; it will be carried out once",
        headers={"Retry-After": str(_RETRY_AFTER_S)},
    )


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = "there is no such page" if error.status_code == 404 else str(error.detail)
    return answer(
        request,
        status=error.status_code,
        message=message,
        remedy="go back to the start and look from there",
        headers=dict(error.headers or {}),
    )


def _unexpected(request: Request, _error: Exception) -> Response:
    return answer(
        request,
        status=500,
        message="something went wrong on our side; nothing was changed",
        remedy="try the same again; if it fails again, tell operations",
    )
