"""Send to UPS and receive, with a token that is kept while it lasts; nothing is decided here."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from carriers.base import NotFound
from carriers.http import Answer, Line
from carriers.reading import read_answer
from carriers.ups.documents import Token

VERSION: Final = "v2409"
_EARLY: Final = timedelta(seconds=60)


class Client:
    """UPS's API for one app. Threads may share it."""

    def __init__(
        self, line: Line, *, client_id: str, client_secret: str, clock: Callable[[], datetime]
    ) -> None:
        self.line = line
        self._basic = (client_id, client_secret)
        self._clock = clock
        self._token, self._until = "", clock()
        self._lock = Lock()

    def rates(self, body: dict[str, Any]) -> Any:
        """Price and time of all services."""
        path = f"/api/rating/{VERSION}/Shoptimeintransit"
        return self.line.require_success(self._read("POST", path, json=body))

    def ship(self, body: dict[str, Any]) -> Any:
        """Buy a label."""
        path = f"/api/shipments/{VERSION}/ship"
        return self.line.require_success(self._write("POST", path, json=body))

    def recover(self, body: dict[str, Any]) -> Answer:
        """A label again, or why there is none."""
        return self._read("POST", f"/api/labels/{VERSION}/recovery", json=body)

    def void(self, tracking_number: str) -> Answer:
        """Give a label back. Our shipments have one package, whose number is the shipment's."""
        number = quote(tracking_number, safe="")
        return self._write(
            "DELETE",
            f"/api/shipments/{VERSION}/void/cancel/{number}",
            params={"trackingnumber": tracking_number},
        )

    def track(self, tracking_number: str) -> Any:
        """What is known of a parcel's way."""
        path = f"/api/track/v1/details/{quote(tracking_number, safe='')}"
        return self.line.require_success(
            self._read("GET", path, params={"locale": "en_US"}, headers=_transaction())
        )

    def subscribe(self, body: dict[str, Any]) -> Any:
        """Ask for the events of parcels to be pushed."""
        path = "/api/track/v2/subscription/standard/package"
        return self.line.require_success(
            self._write("POST", path, json=body, headers=_transaction())
        )

    def _read(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **parts: Any
    ) -> Answer:
        answer = self.line.read(method, path, headers=self._bearer(headers), **parts)
        if answer.status != 401:
            return answer
        self._forget()  # UPS ends tokens early at times; a new one is asked for once
        return self.line.read(method, path, headers=self._bearer(headers), **parts)

    def _write(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **parts: Any
    ) -> Answer:
        answer = self.line.write(method, path, headers=self._bearer(headers), **parts)
        if answer.status != 401:
            return answer
        self._forget()  # refused before it was carried out, so it may be sent once more
        return self.line.write(method, path, headers=self._bearer(headers), **parts)

    def _bearer(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        with self._lock:
            if self._clock() >= self._until:
                self._ask_for_token()
            return {"Authorization": f"Bearer {self._token}"} | dict(headers or {})

    def _ask_for_token(self) -> None:
        answer = self.line.read(
            "POST",
            "/security/v1/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=self._basic,
        )
        if answer.status == 404:
            raise NotFound(f"there is no UPS at carriers.{self.line.carrier}.base_url")
        body = self.line.require_success(answer)
        token = read_answer(Token, body, carrier=self.line.carrier)
        self._token = token.access_token
        self._until = self._clock() + timedelta(seconds=token.expires_in) - _EARLY

    def _forget(self) -> None:
        with self._lock:
            self._until = self._clock()


def _transaction() -> dict[str, str]:
    return {"transId": uuid4().hex, "transactionSrc": "tributary"}
