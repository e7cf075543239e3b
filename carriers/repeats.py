"""Purchases of one reference, where the carrier keeps a given-back label under its own.

The first is kept under our reference `R`, the one after a void under `R.2`, then `R.3`. So each
can be found again, by whoever looks, without a memory of ours.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from carriers.base import Refused

_MOST: Final = 20

Kept = TypeVar("Kept")


def purchases(reference: str, look: Callable[[str], Kept | None]) -> Iterator[Kept]:
    """What the carrier keeps for a reference, oldest first."""
    for at in range(1, _MOST + 1):
        found = look(numbered(reference, at))
        if found is None:
            return
        yield found


def latest(
    reference: str, look: Callable[[str], Kept | None], *, given_back: Callable[[Kept], bool]
) -> tuple[Kept | None, str]:
    """The purchase that stands, if any, and the reference it has or would have there.

    Raises `Refused` (`too_many_voids`) when every reference is spent.
    """
    spent = 0
    for at, kept in enumerate(purchases(reference, look), start=1):
        if not given_back(kept):
            return kept, numbered(reference, at)
        spent = at
    if spent == _MOST:
        raise Refused(f"{reference} was bought and given back too often", code="too_many_voids")
    return None, numbered(reference, spent + 1)


def numbered(reference: str, at: int) -> str:
    """The reference of the purchase of this number."""
    return reference if at == 1 else f"{reference}.{at}"
