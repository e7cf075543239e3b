"""Turn what went wrong into an HTTP answer that names the field and the way out."""

import logging
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from oms.channels.base import BadSignature, TooLarge
from oms.errors import (
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
    (Locked, 423),
    (Conflict, 409),
    (Invalid, 422),
    (OmsError, 422),
)
_RETRY_AFTER_S = 2


def status_of(error: OmsError) -> int:
    """The HTTP status of a broken rule."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


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
        headers = {}
        if wait := error.facts.get("retry_after_s"):
            headers["Retry-After"] = str(wait)
        if status_of(error) == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(body_of(error), status_code=status_of(error), headers=headers)

    @app.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(_malformed_body(error), status_code=422)

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
                    "facts": {"request_id": request.headers.get("x-request-id")},
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
                "remedy": f"send the same request again in {_RETRY_AFTER_S} seconds",
                "facts": {},
            }
        },
        status_code=503,
        headers={"Retry-After": str(_RETRY_AFTER_S)},
    )


def _malformed_body(error: RequestValidationError) -> dict[str, Any]:
    """Name the first wrong field as the caller wrote it, and list the rest."""
    faults = [
        {
            "field": ".".join(str(part) for part in fault["loc"] if part not in ("body", "query")),
            "message": str(fault["msg"]),
        }
        for fault in error.errors()
    ]
    first = faults[0] if faults else {"field": None, "message": "the request is malformed"}
    return {
        "error": {
            "code": "malformed_request",
            "message": f"{first['field']}: {first['message']}",
            "field": first["field"],
            "remedy": "correct the field; /docs shows what is expected",
            "facts": {"faults": faults},
        }
    }
