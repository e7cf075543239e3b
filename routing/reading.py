"""Read plain JSON values strictly, and name the place of what is wrong."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from typing import Final

LONGEST_TEXT: Final = 500


class ProblemFault(Exception):
    """A routing problem is not as documented; `field` is the place in the file."""

    code = "problem_fault"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(_printable(f"{field}: {message}"))
        self.field = field
        self.message = message


def record(
    value: object, field: str, *, required: Sequence[str], optional: Sequence[str] = ()
) -> Mapping[str, object]:
    """Return a JSON object that has all required fields and none unknown."""
    if not isinstance(value, dict):
        raise ProblemFault(field or "problem", f"must be an object, got {shown(value)}")
    for name in required:
        if name not in value:
            raise ProblemFault(inside(field, name), "is missing")
    for name in value:
        if name not in required and name not in optional:
            known = ", ".join([*required, *optional])
            raise ProblemFault(inside(field, str(name)), f"is not a known field; known: {known}")
    return value


def items(value: object, field: str, *, least: int = 0) -> list[object]:
    """Return a JSON array of at least so many values."""
    if not isinstance(value, list):
        raise ProblemFault(field, f"must be an array, got {shown(value)}")
    if len(value) < least:
        raise ProblemFault(field, f"must have at least {least}, has {len(value)}")
    return value


def text(value: object, field: str) -> str:
    """Return a string that says something."""
    if not isinstance(value, str):
        raise ProblemFault(field, f"must be text, got {shown(value)}")
    if not value.strip():
        raise ProblemFault(field, "must not be empty")
    if not value.isprintable() and any(unicodedata.category(sign) == "Cs" for sign in value):
        raise ProblemFault(field, f"must be valid Unicode, got {shown(value)}")
    if len(value) > LONGEST_TEXT:
        raise ProblemFault(field, f"must have at most {LONGEST_TEXT} characters, has {len(value)}")
    return value


def whole(value: object, field: str, *, least: int, most: int) -> int:
    """Return an integer; `true` and `1.0` are none."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        kind = "a positive integer" if least == 1 else "zero or a positive integer"
        raise ProblemFault(field, f"must be {kind}, got {shown(value)}")
    if value > most:
        raise ProblemFault(field, f"must be at most {most}, got {shown(value)}")
    return value


def yes_or_no(value: object, field: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ProblemFault(field, f"must be true or false, got {shown(value)}")
    return value


def number(value: object, field: str, *, least: float, most: float) -> float:
    """Return a finite number within limits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProblemFault(field, f"must be a number, got {shown(value)}")
    if isinstance(value, float) and not isfinite(value):
        raise ProblemFault(field, f"must be a finite number, got {shown(value)}")
    if not least <= value <= most:
        raise ProblemFault(field, f"must be from {least:g} to {most:g}, got {shown(value)}")
    return float(value)


def ascending(figures: Sequence[float], field: str) -> None:
    """Refuse figures that do not rise from each to the next."""
    for at in range(1, len(figures)):
        if figures[at] <= figures[at - 1]:
            raise ProblemFault(
                f"{field}[{at}]",
                f"must be more than the one before it, {figures[at - 1]:g}, got {figures[at]:g}",
            )


def once(known: set[str], name: str, field: str) -> None:
    """Refuse a name that was there before, and remember it."""
    if name in known:
        raise ProblemFault(field, f"{shown(name)} is there twice")
    known.add(name)


def among(value: object, field: str, known: Collection[str]) -> str:
    """Return the id of a location that the problem has."""
    name = text(value, field)
    if name not in known:
        raise ProblemFault(field, f"{shown(name)} is not among the locations")
    return name


def inside(field: str, name: str) -> str:
    """Return the place of a field within an object; the outermost object has no name."""
    return f"{field}.{name}" if field else name


def shown(value: object) -> str:
    """Return a value as JSON would write it, shortened."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case dict():
            return "an object"
        case list():
            return "an array"
        case str():
            written = f'"{value}"'
        case int() if value.bit_length() > 200:  # too long for Python to write out safely
            return "an integer of more than 60 digits"
        case _:
            written = str(value)
    return written if len(written) <= 60 else f"{written[:57]}..."


def _printable(words: str) -> str:
    """Return words that any terminal can show: line breaks and the like as escapes."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in words
    )
