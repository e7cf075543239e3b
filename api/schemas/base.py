"""What every schema shares."""

from pydantic import BaseModel, ConfigDict


class In(BaseModel):
    """What a caller sends; an unknown field is an error, because it is a mistyped one."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Out(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
