"""Headers and limits that every answer and request has."""

from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oms.audit.recording import REQUEST_ID

# Scripts and styles are our own files only; `unsafe-inline` is nowhere.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self'"
)

# A store's pages may run the barcode reader that we serve: WebAssembly, and no other code.
_SCANNING = f"{_POLICY}; script-src 'self' 'wasm-unsafe-eval'"

_SAFE: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
_OTHERS: Final = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
HEADERS: Final = tuple(
    (name.lower().encode(), value.encode()) for name, value in (_SAFE | _OTHERS).items()
)
"""What an answer has that says nothing of its own."""


def request_id(scope: Scope) -> str:
    """The request's own id if it is fit to be kept, else a new one."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if given.isascii() and 8 <= len(given) <= 64 else uuid4().hex


class SecurityHeaders:
    """Add the browser's safety headers, and a request id that the audit trail carries."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        own = scope.setdefault("state", {})["request_id"] = request_id(scope)
        token = REQUEST_ID.set(own)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = own
                headers.update(_SAFE)
                # FastAPI's interactive API page brings its own scripts from elsewhere.
                if not scope["path"].startswith("/docs"):
                    scans = scope["path"].startswith("/store")
                    headers["Content-Security-Policy"] = _SCANNING if scans else _POLICY
                if "cache-control" not in headers and not scope["path"].startswith("/static"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            REQUEST_ID.reset(token)
