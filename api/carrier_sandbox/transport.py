"""Reach a stand-in from the same process, without a socket."""

from urllib.parse import parse_qsl

import httpx2

from api.carrier_sandbox.asking import Asked
from api.carrier_sandbox.faults import Unanswered
from api.carrier_sandbox.playing import Played


class InProcess(httpx2.BaseTransport):
    """Carries requests to a stand-in and its answers back."""

    def __init__(self, played: Played) -> None:
        self._played = played

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, or a time-out if it is kept back."""
        asked = Asked(
            method=request.method,
            path=request.url.path,
            query=dict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.read(),
            origin=f"{request.url.scheme}://{request.url.netloc.decode()}",
        )
        try:
            given = self._played.answer(asked)
        except Unanswered:
            raise httpx2.ReadTimeout("the answer was kept back", request=request) from None
        headers = {"content-type": given.kind} | dict(given.headers)
        return httpx2.Response(given.status, headers=headers, content=given.body, request=request)
