"""Whether a pushed request carries a signature or token that only the carrier can know."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

from carriers.base import RawRequest, Verdict

_HEX_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")


def hex_digest(body: bytes, *, key: bytes) -> str:
    """The hexadecimal HMAC-SHA256 of a body."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def verify_hex(
    request: RawRequest, *, header: str, keys: Sequence[bytes], prefix: str = ""
) -> Verdict:
    """Whether any of the keys signed the exact bytes of the body, in constant time.

    The header holds `prefix` and then the HMAC-SHA256 in hexadecimal.
    """
    found = sole_value(request, header, configured=bool(keys))
    if isinstance(found, Verdict):
        return found
    digits = found.removeprefix(prefix)
    if not found.startswith(prefix) or not _HEX_DIGEST.fullmatch(digits):
        return Verdict(ok=False, reason=f"{header} is not {prefix}64 hexadecimal digits")
    digest = bytes.fromhex(digits)
    matches = [
        hmac.compare_digest(digest, hmac.digest(key, request.body, hashlib.sha256)) for key in keys
    ]
    return Verdict(ok=True) if any(matches) else Verdict(ok=False, reason="signature is wrong")


def verify_token(
    request: RawRequest, *, header: str, secrets: Sequence[str], prefix: str = ""
) -> Verdict:
    """Whether the header holds `prefix` and one of the secrets, in constant time."""
    found = sole_value(request, header, configured=bool(secrets))
    if isinstance(found, Verdict):
        return found
    token = found.removeprefix(prefix).encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(token, secret.encode()) for secret in secrets]
    if found.startswith(prefix) and any(matches):
        return Verdict(ok=True)
    return Verdict(ok=False, reason=f"{header} holds another credential")


def sole_value(request: RawRequest, header: str, *, configured: bool) -> str | Verdict:
    """The one value of a header; a verdict if there is none, several, or nothing to hold it to."""
    sent = request.header_values(header)
    if not configured:
        return Verdict(ok=False, reason="no webhook secret is configured")
    if not sent:
        return Verdict(ok=False, reason=f"{header} is missing")
    if len(sent) > 1:
        return Verdict(ok=False, reason=f"{header} was sent {len(sent)} times")
    return sent[0]
