"""Call a carrier's API: bounded in time, size and pace, never redirected, failures told apart.

A read that met a passing fault is sent once more. A write never is: whether it was carried out
is for the caller to find out, by asking the carrier, before it writes again.
"""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from carriers.base import BadCredentials, CarrierError, NotFound, Refused, Unavailable, utc_now

_LARGEST_ANSWER_BYTES: Final = 10_000_000
_CONNECT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 3_600.0
_LONGEST_SLEEP_S: Final = 3.0
_AGAIN_LATER: Final = frozenset({408, 425, 429})
_SHORTEST_SECRET: Final = 4


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


class Pace:
    """A bucket of calls that fills steadily: so many a second, so many at once."""

    def __init__(
        self,
        *,
        per_second: float,
        burst: int,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_second, self._burst = per_second, burst
        self._now, self._sleep = now, sleep
        self._calls, self._at = float(burst), now()
        self._lock = Lock()

    def take(self, carrier: str) -> None:
        """Wait for a call's turn. Raises `Unavailable` when that would take seconds."""
        with self._lock:
            now = self._now()
            self._calls = min(self._burst, self._calls + (now - self._at) * self._per_second)
            self._at = now
            wait = max(0.0, (1 - self._calls) / self._per_second)
            if wait > _LONGEST_SLEEP_S:
                raise Unavailable(
                    f"{carrier} would be called too often; its turn comes in {math.ceil(wait)} s",
                    code="paced",
                    retry_after_s=wait,
                )
            self._calls -= 1
        if wait:
            self._sleep(wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A connection to one carrier. `setting` is named when the credentials are refused.

    `told` finds the carrier's own words in an error's JSON; `secrets` never leave in a message.
    """

    client: httpx2.Client
    carrier: str
    base_url: str
    setting: str
    told: Callable[[Any], str]
    pace: Pace
    secrets: tuple[str, ...] = field(default=(), repr=False)
    clock: Callable[[], datetime] = utc_now

    def read(self, method: str, url: str, **parts: Any) -> Answer:
        """Send a request that changes nothing; once more if the first met a passing fault."""
        try:
            answer = self._send(method, url, **parts)
        except Unavailable as error:
            if error.code == "paced":
                raise
            return self._send(method, url, **parts)
        return self._send(method, url, **parts) if answer.status >= 500 else answer

    def write(self, method: str, url: str, **parts: Any) -> Answer:
        """Send a request that changes something, once.

        Raises `Unavailable` if no answer came in time: it may have been carried out.
        """
        return self._send(method, url, **parts)

    def require_success(self, answer: Answer) -> Any:
        """The JSON of a 2xx answer. Raises what fits any other status."""
        if 200 <= answer.status < 300:
            body = answer.json()
            if body is None:
                raise Unavailable(f"{self.carrier} answered something that is not JSON")
            return body
        raise self.refusal(answer)

    def refusal(self, answer: Answer) -> CarrierError:
        """The error that an answer's status stands for."""
        status, words = answer.status, self._words(answer)
        if status >= 500 or status in _AGAIN_LATER:
            return Unavailable(
                f"{self.carrier} answered {status}: {words}",
                retry_after_s=self._retry_after_s(answer.headers),
            )
        if status in (401, 403):
            return BadCredentials(
                f"{self.carrier} refused our credentials ({status}): {words};"
                f" renew them at the carrier and set {self.setting}",
                field=self.setting,
            )
        if status == 404:
            return NotFound(f"{self.carrier} does not know it: {words}")
        if status < 400:
            return Refused(
                f"{self.carrier} redirects, which is not followed; set carriers.{self.carrier}"
                ".base_url to its API",
                code="redirected",
                field=f"carriers.{self.carrier}.base_url",
            )
        return Refused(f"{self.carrier} refused ({status}): {words}")

    def download(self, url: str, *, headers: Mapping[str, str] | None = None) -> bytes:
        """A document's bytes. Without `headers` no credentials go along: the host may be another's.

        Raises `Refused` for an address that is neither https nor the carrier's own.
        """
        own = urlsplit(self.base_url)
        there = urlsplit(url)
        if there.scheme != "https" and (there.scheme, there.netloc) != (own.scheme, own.netloc):
            raise Refused(f"{self.carrier} keeps its label at an unsafe address", code="unsafe_url")
        answer = self.read("GET", url, headers=headers or {})
        if answer.status != 200 or not answer.body:
            raise (
                self.refusal(answer)
                if answer.status != 200
                else Unavailable(f"{self.carrier} sent an empty label")
            )
        return answer.body

    def _send(self, method: str, url: str, **parts: Any) -> Answer:
        self.pace.take(self.carrier)
        try:
            with self.client.stream(method, url, **parts) as response:
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _LARGEST_ANSWER_BYTES:
                        raise Unavailable(f"{self.carrier} sends an endless answer")
                return Answer(response.status_code, dict(response.headers), body)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            raise Refused(
                f"carriers.{self.carrier}.base_url is no address to call;"
                " set the carrier's base address, https:// included",
                code="bad_address",
                field=f"carriers.{self.carrier}.base_url",
            ) from None
        except (httpx2.LocalProtocolError, UnicodeEncodeError):
            raise BadCredentials(  # the cause would show the header
                f"{self.setting} does not fit a header; set it without line breaks",
                field=self.setting,
            ) from None
        except httpx2.HTTPError as error:
            raise Unavailable(f"{self.carrier} did not answer: {type(error).__name__}") from None

    def _words(self, answer: Answer) -> str:
        body = answer.json()
        said = self.told(body) if isinstance(body, dict | list) else ""
        words = (said or answer.body[:200].decode("utf-8", "replace") or "no reason given")[:400]
        for secret in self.secrets:
            if len(secret) >= _SHORTEST_SECRET:
                words = words.replace(secret, "…")
        return words

    def _retry_after_s(self, headers: Mapping[str, str]) -> float | None:
        """The header's seconds or date (RFC 9110, 10.2.3) as seconds from now."""
        value = headers.get("retry-after", "")
        try:
            seconds = float(value)
        except ValueError:
            try:
                until = parsedate_to_datetime(value)
            except ValueError:
                return None
            seconds = (until.replace(tzinfo=until.tzinfo or UTC) - self.clock()).total_seconds()
        if not math.isfinite(seconds):
            return None
        return min(max(seconds, 1.0), _LONGEST_WAIT_S)


def client(
    *,
    base_url: str,
    timeout_s: float,
    transport: httpx2.BaseTransport | None = None,
    auth: tuple[str, str] | None = None,
) -> httpx2.Client:
    """A client whose connections are kept and shared by threads; proxy variables are not heeded."""
    return httpx2.Client(
        base_url=base_url,
        timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
        follow_redirects=False,
        trust_env=False,
        transport=transport,
        auth=auth,
        headers={"User-Agent": "Tributary", "Accept": "application/json"},
    )
