"""AWS Signature Version 4 for one POST: proves to the queue that it is we who ask.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html. Done here because
AWS's own library does not go together with the solver's: they need different versions of a third.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key of AWS and where it is used."""

    access_key_id: str
    secret_access_key: str
    region: str
    service: str
    session_token: str = ""


def signed(
    url: str, body: bytes, headers: Mapping[str, str], *, by: Credentials, now: datetime
) -> dict[str, str]:
    """The headers with those that prove the request's origin. The address has no query."""
    at = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    parts = urlsplit(url)
    everything = {name.lower(): value.strip() for name, value in headers.items()}
    everything |= {"host": parts.netloc, "x-amz-date": at}
    if by.session_token:
        everything["x-amz-security-token"] = by.session_token
    names = ";".join(sorted(everything))
    canonical = "\n".join(
        [
            "POST",
            quote(parts.path or "/", safe="/-_.~"),
            "",
            *(f"{name}:{everything[name]}" for name in sorted(everything)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{at[:8]}/{by.region}/{by.service}/aws4_request"
    to_sign = "\n".join([_ALGORITHM, at, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_key(by, at[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = (
        f"{_ALGORITHM} Credential={by.access_key_id}/{scope}, SignedHeaders={names},"
        f" Signature={signature}"
    )
    del everything["host"]  # the connection sets it, to the same
    return {**everything, "authorization": authorization}


def _key(by: Credentials, day: str) -> bytes:
    key = f"AWS4{by.secret_access_key}".encode()
    for part in (day, by.region, by.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
