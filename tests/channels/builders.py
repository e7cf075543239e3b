"""Requests, documents and settings for channel tests, filled in where a test does not care."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from oms.channels.base import Channel, RawRequest, ToldLine, WritebackCommand
from oms.channels.models import WritebackKind
from oms.channels.registry import build
from oms.connections import ChannelSettings
from tests.channels.amazon.selling import an_amazon

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WHSEC_OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def a_channel(kind: str, **settings: Any) -> Channel:
    if kind == "amazon":
        return an_amazon(**settings)
    defaults: dict[str, Any] = {
        "kind": kind,
        "secrets": [WHSEC, WHSEC_OLD] if kind == "reference" else ["new secret", "old secret"],
        "api_url": "http://127.0.0.1:9",
        "locations": {"Riverside": "S01", "S01": "S01"},
    }
    return build(kind, ChannelSettings.model_validate(defaults | settings))


def a_request(body: bytes, **headers: str) -> RawRequest:
    """A request; an underscore in a header's name stands for a hyphen."""
    return RawRequest(
        tuple((name.replace("_", "-").lower(), value) for name, value in headers.items()), body
    )


def base64_hmac(secret: str, body: bytes) -> str:
    return b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def encoded(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def a_command(kind: WritebackKind, order_id: str, **changes: Any) -> WritebackCommand:
    shipped = kind is WritebackKind.SHIPPED
    values: dict[str, Any] = {
        "kind": kind,
        "key": f"{kind.value}:0195f0c2-0000-7000-8000-000000000001",
        "order_external_id": order_id,
        "order_number": "#1001",
        "occurred_at": NOW,
        "lines": (),
        "location_code": "S01",
        "location_name": "Riverside",
        "carrier": "UPS" if shipped else None,
        "tracking_number": "1Z999AA10123456784" if shipped else None,
        "tracking_url": "https://example.com/track/1Z999AA10123456784" if shipped else None,
    }
    return WritebackCommand(**values | changes)


def told(**units: int) -> tuple[ToldLine, ...]:
    """Lines by id; a leading underscore lets a number be a name."""
    return tuple(ToldLine(line.lstrip("_"), count) for line, count in units.items())
