"""Read ahead: while one piece is written to the database, the next is read and checked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(pieces: Iterator[T]) -> Iterator[T]:
    """The same pieces; the one after that in hand is made in a thread beside."""
    nothing = object()
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as pool:
        coming = pool.submit(next, pieces, nothing)
        while (piece := coming.result()) is not nothing:
            coming = pool.submit(next, pieces, nothing)
            yield piece  # type: ignore[misc]  # it is not `nothing`
