"""Keep who has a link from being asked too much of: so many requests a minute for each link.

Counted in this process; with several processes a link may be asked that many times in each.
"""

import time
from collections import OrderedDict
from threading import Lock
from typing import Final

from starlette.exceptions import HTTPException

_MINUTE_S: Final = 60.0
_MOST_KEYS: Final = 20_000
"""Beyond that the longest unused are forgotten, so that made-up links take no memory."""


class Pace:
    """A bucket for each key that fills up again by the minute."""

    def __init__(self, *, per_minute: int) -> None:
        self._most = float(per_minute)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str, *, now: float | None = None) -> None:
        """Take one; raises 429 with the seconds to wait when none is left."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            left, since = self._left.pop(key, (self._most, moment))
            left = min(self._most, left + (moment - since) * self._most / _MINUTE_S)
            self._left[key] = (max(left - 1.0, 0.0) if left >= 1.0 else left, moment)
            if len(self._left) > _MOST_KEYS:
                self._left.popitem(last=False)
        if left < 1.0:
            wait = max(1, round((1.0 - left) * _MINUTE_S / self._most))
            raise HTTPException(
                429,
                detail="this page was asked for too often",
                headers={"Retry-After": str(wait)},
            )


READING: Final = Pace(per_minute=60)
CHANGING: Final = Pace(per_minute=12)
"""Another way for an order is reckoned with the whole network; nobody needs more of it."""
