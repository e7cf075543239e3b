"""Turn what went wrong into an HTTP answer that names the field and the way out."""

import logging
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from oms.channels.base import BadSignature, TooLarge
from oms.errors import (
    RETRY_AFTER_S,
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    Locked,
    NotFound,
    OmsError,
    Unauthenticated,
)

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[OmsError], int], ...] = (
    (BadSignature, 401),
    (TooLarge, 413),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Busy, 503),
    (Locked, 423),
    (Conflict, 409),
    (Invalid, 422),
    (OmsError, 422),
)


def status_of(error: OmsError) -> int:
    """The HTTP status of a broken rule."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def headers_of(error: OmsError) -> dict[str, str]:
    """Headers that its status asks for: when to come back, how to sign in."""
    headers = {}
    if wait := error.facts.get("retry_after_s"):
        headers["Retry-After"] = str(wait)
    if status_of(error) == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def body_of(error: OmsError) -> dict[str, Any]:
    """The JSON answer of a broken rule; the same shape for every error of the API."""
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "field": error.field,
            "remedy": error.remedy,
            "facts": jsonable_encoder(error.facts),
        }
    }


def install(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(OmsError)
    def broken_rule(_request: Request, error: OmsError) -> JSONResponse:
        return JSONResponse(body_of(error), status_code=status_of(error), headers=headers_of(error))

    @app.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(_malformed_body(error), status_code=422)

    @app.exception_handler(HTTPException)
    def no_such_door(_request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse(
            _door_body(error), status_code=error.status_code, headers=dict(error.headers or {})
        )

    @app.exception_handler(DataError)
    def no_such_value(_request: Request, error: DataError) -> JSONResponse:
        log.warning("value_not_storable", error=type(error.orig).__name__)
        return JSONResponse(_value_body(), status_code=422)

    @app.exception_handler(InterfaceError)
    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    def no_database(_request: Request, error: DBAPIError) -> JSONResponse:
        log.warning("database_unavailable", error=type(error).__name__)
        return _try_again("the database does not answer at the moment; nothing was changed")

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected_error", path=request.url.path, exc_info=error)
        return JSONResponse(
            {
                "error": {
                    "code": "internal_error",
                    "message": "something went wrong on our side; nothing was changed",
                    "field": None,
                    "remedy": "send the same request again; if it fails again, tell operations",
                    "facts": {"request_id": getattr(request.state, "request_id", None)},
                }
            },
            status_code=500,
        )

    logging.getLogger("uvicorn.error").addFilter(_already_logged)


def _already_logged(record: logging.LogRecord) -> bool:
    """Uvicorn repeats the trace of an error that we have answered and logged."""
    return "Exception in ASGI application" not in record.getMessage()


def _try_again(message: str) -> JSONResponse:
    return JSONResponse(
        {
            "error": {
                "code": "unavailable",
                "message": message,
                "field": None,
                "remedy": f"send the same request again in {RETRY_AFTER_S} seconds",
                "facts": {},
            }
        },
        status_code=503,
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def _door_body(error: HTTPException) -> dict[str, Any]:
    """What the framework itself refuses, in the shape of every other error."""
    named = {400: "malformed_request", 404: "not_found", 405: "method_not_allowed"}
    fields = {400: "body", 404: "path", 405: "method"}
    return {
        "error": {
            "code": named.get(error.status_code, "http_error"),
            "message": str(error.detail),
            "field": fields.get(error.status_code),
            "remedy": "compare method, path and body with /docs",
            "facts": {},
        }
    }


def _value_body() -> dict[str, Any]:
    """The last net: text with a NUL, or a sum beyond what a column holds."""
    return {
        "error": {
            "code": "malformed_request",
            "message": "a value in the request cannot be stored: text with a NUL character,"
            " or a number out of range",
            "field": None,
            "remedy": "send plain text and plausible numbers; /docs shows what is expected",
            "facts": {},
        }
    }


def _malformed_body(error: RequestValidationError) -> dict[str, Any]:
    """Name the first wrong field as the caller wrote it, and list the rest."""
    faults = [
        {"field": _place(fault), "message": str(fault["msg"]).removeprefix("Value error, ")}
        for fault in error.errors()
    ]
    first = faults[0] if faults else {"field": "body", "message": "the request is malformed"}
    return {
        "error": {
            "code": "malformed_request",
            "message": f"{first['field']}: {first['message']}",
            "field": first["field"],
            "remedy": "correct the field; /docs shows what is expected",
            "facts": {"faults": faults},
        }
    }


def _place(fault: dict[str, Any]) -> str:
    """Where in the request the fault is; a rule over several fields names the one to correct."""
    source, *path = fault["loc"]
    if fault["type"] == "json_invalid":
        return str(source)
    named = fault.get("ctx", {}).get("field")
    return ".".join(str(part) for part in ([*path, named] if named else path)) or str(source)
