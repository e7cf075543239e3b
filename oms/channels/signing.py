"""Prove that a body was signed with a shared secret, in constant time."""

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import Final

from oms.channels.base import BadSignature, RawRequest

DIGEST_BYTES: Final = 32


def digest(secret: bytes, content: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104)."""
    return hmac.new(secret, content, hashlib.sha256).digest()


def signature(secret: bytes, content: bytes) -> str:
    """The digest as Shopify and WooCommerce write it: base64."""
    return b64encode(digest(secret, content)).decode("ascii")


def decoded(value: str) -> bytes | None:
    """The digest that a header holds in base64; None for anything that cannot be one."""
    try:
        raw = b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return raw if len(raw) == DIGEST_BYTES else None


def signed_by_any(secrets: Iterable[bytes], content: bytes, given: bytes) -> bool:
    """Whether one of the secrets gives this digest.

    Every secret is tried, so the time taken does not tell which one fits. An empty secret
    never does: anybody can sign with it.
    """
    fits = False
    for secret in secrets:
        fits |= bool(secret) and hmac.compare_digest(digest(secret, content), given)
    return fits


def require_signature(request: RawRequest, *, names: Sequence[str], secrets: list[bytes]) -> None:
    """Raise `BadSignature` unless the body is signed in a header of one of these names.

    If a request carries several of them, each must be right.
    """
    given = [(name, value) for name, value in request.headers if name in names]
    if not given:
        raise BadSignature(
            f"the header {names[0]} is missing",
            field=names[0],
            remedy="send webhooks from the shop itself; it signs them",
        )
    if len({name for name, _ in given}) < len(given):
        raise BadSignature(
            f"the header {given[0][0]} came more than once",
            field=given[0][0],
            remedy="send webhooks from the shop itself; it signs them once",
        )
    for name, value in given:
        raw = decoded(value)
        if raw is None or not signed_by_any(secrets, request.body, raw):
            raise BadSignature(
                f"the signature in {name} does not fit the body",
                field=name,
                remedy="compare the channel's webhook secret in the settings with the shop's",
            )
