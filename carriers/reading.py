"""Read a carrier's JSON: what we use is checked, what we do not use may change at any time."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from carriers.base import MalformedScans, Unavailable

_LONGEST_TEXT = 500


class Part(BaseModel):
    """Part of a carrier's document; fields that we do not read do not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore")


P = TypeVar("P", bound=Part)


def read_answer(part: type[P], body: Any, *, carrier: str) -> P:
    """An answer as a document. Raises `Unavailable` naming what is wrong with it.

    It may yet be right the next time: what a write has done is asked for, never assumed.
    """
    try:
        return part.model_validate(body)
    except ValidationError as error:
        raise Unavailable(f"{carrier}'s answer cannot be read: {_first(error)[1]}") from None


def read_push(part: type[P], body: bytes) -> P:
    """A pushed body as a document. Raises `MalformedScans` naming what is wrong with it."""
    try:
        return part.model_validate_json(body)
    except ValidationError as error:
        place, words = _first(error)
        raise MalformedScans(words, field=place) from None


def clean(text: str) -> str:
    """Words that a database can hold, of a length that a person reads."""
    return text.replace("\x00", "")[:_LONGEST_TEXT]


def _first(error: ValidationError) -> tuple[str, str]:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "body"
    return place, f"{place}: {first['msg']}"
