"""What is wrong in a document that people write: each fault with its place."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from pydantic_core import ErrorDetails

from oms.errors import Invalid

_MOST_TOLD: Final = 50
_IN_WORDS: Final = {"missing": "is missing", "extra_forbidden": "is not a known field"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at one place of the file."""

    place: str
    what: str


def faulty(faults: Collection[Fault], *, remedy: str) -> Invalid:
    """The error that tells of all these faults and names the first; at most fifty are listed."""
    first, *rest = faults
    also = f" (and {len(rest)} more)" if rest else ""
    return Invalid(
        f"{first.place}: {first.what}{also}",
        field=first.place,
        remedy=remedy,
        facts={"faults": [f"{one.place}: {one.what}" for one in list(faults)[:_MOST_TOLD]]},
    )


def fault_of(error: ErrorDetails, *, whole: str) -> Fault:
    """What Pydantic found, in our words; `whole` names the document as such."""
    what = _IN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return Fault(path(error["loc"]) or whole, what[:1].lower() + what[1:])


def path(places: Iterable[str | int]) -> str:
    """A place in a document, written as people write it: `line_items[2].quantity`."""
    written = ""
    for place in places:
        if isinstance(place, int):
            written += f"[{place}]"
        else:
            written += f".{place}" if written else place
    return written
