"""Wait for a condition, never for a fixed time."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], *, timeout_s: float, every_s: float = 0.02) -> bool:
    """Ask until the answer is yes or the time is up; returns the last answer."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every_s)
    return True
