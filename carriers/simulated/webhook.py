"""Scans pushed by the simulated carrier: signed, checked and read.

`X-Simulated-Signature` is the hexadecimal HMAC-SHA256 of the raw body. There is no time in it:
a replay repeats scans whose identifiers are known already, and changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from carriers import signing
from carriers.base import MalformedScans, RawRequest, Scan, ScanCode, Verdict, in_order

SIGNATURE_HEADER: Final = "X-Simulated-Signature"

# NUL is legal in JSON and cannot be stored by PostgreSQL
_Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
_Words = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


class _ScanIn(BaseModel):
    id: _Name
    tracking_number: _Name
    code: ScanCode
    at: AwareDatetime
    place: _Words = ""
    text: _Words = ""


class _Body(BaseModel):
    scans: Annotated[list[_ScanIn], Field(max_length=1000)]


_SCANS: Final = TypeAdapter(dict[str, list[Scan]])


def sign_scans(scans: Iterable[Scan], *, secret: str, path: str) -> RawRequest:
    """The request with which the carrier reports scans."""
    body = _SCANS.dump_json({"scans": list(scans)})
    headers = (
        ("Content-Type", "application/json"),
        (SIGNATURE_HEADER, signature(body, secret=secret)),
    )
    return RawRequest(method="POST", path=path, headers=headers, body=body)


def signature(body: bytes, *, secret: str) -> str:
    """The hexadecimal digest that belongs to a body."""
    return signing.hex_digest(body, key=secret.encode())


def verify(request: RawRequest, *, secrets: Sequence[str]) -> Verdict:
    """Whether any of the secrets signed the exact bytes of the body, in constant time."""
    keys = [secret.encode() for secret in secrets]
    return signing.verify_hex(request, header=SIGNATURE_HEADER, keys=keys)


def read_scans(request: RawRequest) -> list[Scan]:
    """The scans in a body, oldest first, each once. Raises `MalformedScans`, naming the place."""
    try:
        body = _Body.model_validate_json(request.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise MalformedScans(f"{place}: {first['msg']}", field=place) from error
    return in_order(Scan(**scan.model_dump()) for scan in body.scans)
