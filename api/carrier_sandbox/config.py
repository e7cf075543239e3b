"""Which carriers are played, with which credentials, and how they behave."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from oms.errors import Invalid


class PlayedCarrier(BaseModel):
    """One carrier. The credentials are those of its settings on the other side."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["easypost", "sendcloud", "ups"]
    user: str = Field(min_length=1)
    """EasyPost: the API key; Sendcloud: the public key; UPS: the client id."""
    password: str = ""
    """Sendcloud: the secret key; UPS: the client secret."""
    account: str = "A1B2C3"
    """UPS: the shipper number."""
    webhook_secret: str = Field(min_length=1)
    void_takes_s: float = Field(0.0, ge=0)
    """How long a wish to give a label back stays pending."""
    speed: float = Field(1.0, gt=0)
    """Hours of a parcel's life that pass in one real hour."""


class CarrierSandboxConfig(BaseModel):
    """All carriers, and where their tracking goes: `{oms_url}/v1/webhooks/carriers/{code}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    oms_url: str = ""
    """Empty: nothing is pushed."""
    carriers: dict[str, PlayedCarrier] = Field(min_length=1)


def read_config(path: Path) -> CarrierSandboxConfig:
    """The configuration in a JSON file. Raises `Invalid` naming the wrong place in it."""
    try:
        return CarrierSandboxConfig.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Invalid(f"the configuration {path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise Invalid(f"the configuration {path} is wrong: {error}") from error
