"""Call a channel's API: bounded in time and size, never redirected, its failures told apart."""

import json
import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx2

from oms import clock
from oms.channels.base import ChannelRefused, ChannelUnavailable

_LARGEST_ANSWER_BYTES: Final = 5_000_000
_CONNECT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 3_600
_AGAIN_LATER: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's JSON; None if it holds none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection to one channel. `settings_key` names its secret when it is refused."""

    client: httpx2.Client
    channel: str
    settings_key: str

    def call(
        self, method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str]
    ) -> Answer:
        """Send one request and read the answer, whatever its status.

        Raises `ChannelUnavailable` if none came in time: the request may have been carried out.
        """
        try:
            with self.client.stream(method, url, content=content, headers=headers) as response:
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _LARGEST_ANSWER_BYTES:
                        raise ChannelUnavailable(f"{self.channel} sends an endless answer")
                return Answer(response.status_code, dict(response.headers), body)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise ChannelRefused(
                f"{url} is no address to call: {error}",
                field=f"channels.{self.channel}.api_url",
                remedy="set it to the channel's base address, https:// included",
            ) from error
        except (httpx2.LocalProtocolError, UnicodeEncodeError) as error:
            raise ChannelRefused(
                f"{self.channel} cannot be called with these credentials: they do not fit a header",
                field=f"channels.{self.channel}.{self.settings_key}",
                remedy="set it without line breaks and other than plain letters",
            ) from error
        except httpx2.HTTPError as error:
            raise ChannelUnavailable(
                f"{self.channel} did not answer: {type(error).__name__}",
                facts={"error": type(error).__name__},
            ) from error

    def require_success(self, answer: Answer) -> None:
        """Raise for a status other than 2xx: `ChannelRefused` if it is final."""
        status = answer.status
        if 200 <= status < 300:
            return
        if status >= 500 or status in _AGAIN_LATER:
            raise ChannelUnavailable(
                f"{self.channel} answered {status}", facts=_retry_after(answer.headers)
            )
        if status in (401, 403):
            raise ChannelRefused(
                f"{self.channel} refused our credentials ({status}): {told(answer)}",
                field=f"channels.{self.channel}.{self.settings_key}",
                remedy="renew it at the shop, with permission to read and write orders and"
                " fulfilments, and set it here",
            )
        if status < 400:
            raise ChannelRefused(
                f"{self.channel} redirects to {answer.headers.get('location', 'elsewhere')}",
                field=f"channels.{self.channel}.api_url",
                remedy="set the address that it redirects to; redirects are not followed",
            )
        raise ChannelRefused(f"{self.channel} refused ({status}): {told(answer)}")


@contextmanager
def line(
    *, channel: str, settings_key: str, timeout_s: float, auth: tuple[str, str] | None = None
) -> Generator[Line]:
    """A connection for a few requests. The machine's proxy variables are not heeded."""
    with httpx2.Client(
        timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
        follow_redirects=False,
        trust_env=False,
        auth=auth,
        headers={"User-Agent": "Tributary", "Accept": "application/json"},
    ) as client:
        yield Line(client, channel, settings_key)


def told(answer: Answer) -> str:
    """What the answer says went wrong, in its own words and briefly."""
    body = answer.json()
    if isinstance(body, dict):
        said = body.get("message") or body.get("errors") or body.get("error") or body.get("detail")
        if said:
            return str(said)[:300]
    return answer.body[:200].decode("utf-8", "replace") or "no reason given"


def _retry_after(headers: Mapping[str, str]) -> dict[str, int]:
    """The header's seconds or date (RFC 9110, 10.2.3) as whole seconds from now."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return {}
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        seconds = (until - clock.now()).total_seconds()
    return waiting(seconds)


def waiting(seconds: float) -> dict[str, int]:
    """The facts of an error that asks to come back after so many seconds."""
    if not math.isfinite(seconds):
        return {}
    return {"retry_after_s": min(max(math.ceil(seconds), 1), _LONGEST_WAIT_S)}
