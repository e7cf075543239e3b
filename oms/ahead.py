"""Work ahead: while something is written to the database, what comes next is made."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(pieces: Iterator[T], *, most: int = 1) -> Iterator[T]:
    """The same pieces; up to `most` after that in hand are made in a thread beside."""
    nothing = object()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming: deque[Future[T | object]] = deque()
        try:
            while True:
                while len(coming) < most:
                    coming.append(pool.submit(next, pieces, nothing))
                piece = coming.popleft().result()
                if piece is nothing:
                    return
                coming.append(pool.submit(next, pieces, nothing))
                yield piece  # type: ignore[misc]  # it is not `nothing`
        finally:
            for one in coming:
                one.cancel()
