"""How one carrier is played."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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
