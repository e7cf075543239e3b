"""Post to somebody's HTTP door: bounded in time and size, never redirected, through no proxy.

It tells apart what was surely not carried out from what may have been: that decides whether a
second attempt could tell a customer twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from oms.notifications.media import Misconfigured, NotTaken, OutcomeUnknown

_LARGEST_ANSWER_BYTES: Final = 100_000
_CONNECT_S: Final = 4.0
_LOOPBACK: Final = frozenset(("127.0.0.1", "::1", "localhost"))
_LONGEST_WAIT_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    retry_after_s: float | None
    body: bytes

    def json(self) -> Mapping[str, Any]:
        """The body's JSON object; empty if it holds none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def again_later(self, who: str) -> NotTaken:
        """The error that says so, with the wait that was asked for."""
        facts = {"retry_after_s": self.retry_after_s} if self.retry_after_s else {}
        return NotTaken(f"{who} answered {self.status}", facts=facts)


def post(
    url: str,
    *,
    who: str,
    field: str,
    content: bytes,
    headers: Mapping[str, str],
    timeout_s: float,
    auth: tuple[str, str] | None = None,
) -> Answer:
    """Post once. Raises `NotTaken` if it surely did not arrive, `OutcomeUnknown` if it may have.

    `who` and `field` name the other side and its setting in what is raised.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise Misconfigured(
            f"{field} must begin with https://", field=field, remedy="set an https address"
        )
    try:
        with (
            httpx2.Client(
                timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
                follow_redirects=False,
                trust_env=False,
                auth=auth,
                headers={"User-Agent": "Tributary"},
            ) as client,
            client.stream("POST", url, content=content, headers=dict(headers)) as response,
        ):
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST_ANSWER_BYTES:
                    break
            return Answer(response.status_code, _wait(response.headers), body)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise NotTaken(f"{who} cannot be reached: {type(error).__name__}") from error
    except (httpx2.InvalidURL, httpx2.LocalProtocolError, UnicodeEncodeError) as error:
        raise Misconfigured(
            f"{who} cannot be called: {error}", field=field, remedy="mend the address or the secret"
        ) from error
    except httpx2.HTTPError as error:
        raise OutcomeUnknown(f"{who} did not answer: {type(error).__name__}") from error


def _wait(headers: Mapping[str, str]) -> float | None:
    """The seconds of Retry-After; a date is left to our own patience."""
    given = headers.get("retry-after", "")
    return min(float(given), _LONGEST_WAIT_S) if given.isascii() and given.isdecimal() else None
