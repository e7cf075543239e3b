"""The demo's secrets: made once at random, and kept in the data folder from then on."""

import base64
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.demo.files import write_private
from oms.access.secrets import KEY_PREFIX, new_token
from oms.errors import Invalid

FILE: Final = "demo-secrets.json"
_EASY: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _password() -> str:
    groups = ["".join(secrets.choice(_EASY) for _ in range(4)) for _ in range(4)]
    return "-".join(groups)


def _key() -> str:
    return KEY_PREFIX + new_token()


class ShopSecrets(_Kept):
    """What a shop and we prove ourselves with to each other."""

    secret: str
    access_token: str = Field(default_factory=lambda: f"shpat_{secrets.token_hex(16)}")
    consumer_key: str = Field(default_factory=lambda: f"ck_{secrets.token_hex(20)}")
    consumer_secret: str = Field(default_factory=lambda: f"cs_{secrets.token_hex(20)}")


class PlaceSecrets(_Kept):
    """What a location's device and its associate prove themselves with."""

    device_token: str = Field(default_factory=new_token)
    pin: str = Field(default_factory=lambda: f"{secrets.randbelow(10_000):04}")


class Secrets(_Kept):
    """All of them."""

    shops: dict[str, ShopSecrets]
    places: dict[str, PlaceSecrets]
    """By location code."""
    carrier_seed: str = Field(default_factory=secrets.token_urlsafe)
    operator_password: str = Field(default_factory=_password)
    api_key: str = Field(default_factory=_key)
    store_work_key: str = Field(default_factory=_key)


def kept(data_dir: Path, *, places: Iterable[str] = ()) -> Secrets:
    """The secrets in the data folder, with those that were still missing made and written.

    Raises `Invalid` for a file that is no longer what was written.
    """
    path = data_dir / FILE
    before = _read(path) if path.exists() else None
    known = before.places if before else {}
    after = Secrets(
        **(before.model_dump(exclude={"places"}) if before else {"shops": _new_shops()}),
        places={**known, **{code: PlaceSecrets() for code in places if code not in known}},
    )
    if after != before:
        write_private(path, after.model_dump_json(indent=2) + "\n")
    return after


def _new_shops() -> dict[str, ShopSecrets]:
    return {
        "shopify": ShopSecrets(secret=secrets.token_hex(32)),
        "woocommerce": ShopSecrets(secret=secrets.token_urlsafe(36)),
        # A Standard Webhooks secret is the base64 of its bytes behind a prefix.
        "reference": ShopSecrets(
            secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        ),
    }


def _read(path: Path) -> Secrets:
    try:
        return Secrets.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise Invalid(
            f"{path} is not as it was written: {error.error_count()} faults",
            field=str(path),
            remedy="restore it, or remove it: new secrets are then made at the next start",
        ) from error
