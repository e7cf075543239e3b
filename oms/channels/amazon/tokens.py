"""Login with Amazon: short-lived access tokens for the long-lived one of the authorisation.

https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api. A token serves
all threads of a process until shortly before its end. None is ever logged, stored or put into an
address.
"""

import hashlib
import time
from dataclasses import dataclass
from threading import Lock
from typing import Final
from urllib.parse import urlencode

from oms.channels.base import ChannelRefused, ChannelUnavailable
from oms.channels.http import Line
from oms.connections import SellingPartnerSettings

_EARLY_S: Final = 120.0
_SHORTEST_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Held:
    token: str
    until: float


_HELD: dict[str, _Held] = {}
_GUARD = Lock()


def access_token(line: Line, access: SellingPartnerSettings) -> str:
    """A token that is good for a while. Raises `ChannelRefused` naming what to renew."""
    name = _name(access)
    with _GUARD:
        held = _HELD.get(name)
        if held is not None and held.until > time.monotonic():
            return held.token
        fresh = _ask(line, access)
        _HELD[name] = fresh
        return fresh.token


def forget(access: SellingPartnerSettings, token: str) -> bool:
    """Drop a token that was refused; False if another has taken its place already."""
    name = _name(access)
    with _GUARD:
        held = _HELD.get(name)
        if held is None or held.token != token:
            return False
        del _HELD[name]
        return True


def _ask(line: Line, access: SellingPartnerSettings) -> _Held:
    body = urlencode(
        {
            "grant_type": "refresh_token",
            "refresh_token": access.refresh_token.get_secret_value(),
            "client_id": access.client_id,
            "client_secret": access.client_secret.get_secret_value(),
        }
    ).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
    answer = line.call("POST", access.token_url, content=body, headers=headers)
    said = answer.json()
    if answer.status in (400, 401, 403):
        code = str(said.get("error", "")) if isinstance(said, dict) else ""
        lost = code == "invalid_grant"
        setting = "refresh_token" if lost else "client_secret"
        raise ChannelRefused(
            f"Login with Amazon gives no token ({answer.status} {code[:60]})",
            field=f"channels.{line.channel}.selling_partner.{setting}",
            remedy="authorise the application again in Seller Central and set the new refresh token"
            if lost
            else "compare client_id and client_secret with those of the application; a client"
            " secret expires after 180 days",
        )
    line.require_success(answer)
    token = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(token, str) or not token:
        raise ChannelUnavailable("Login with Amazon answered without a token")
    lasts = said.get("expires_in")
    lasts_s = float(lasts) if isinstance(lasts, int | float) else _EARLY_S
    return _Held(token, time.monotonic() + max(lasts_s - _EARLY_S, _SHORTEST_S))


def _name(access: SellingPartnerSettings) -> str:
    """What tells one authorisation from another, without being it."""
    whole = f"{access.token_url}\n{access.client_id}\n{access.refresh_token.get_secret_value()}"
    return hashlib.sha256(whole.encode()).hexdigest()
