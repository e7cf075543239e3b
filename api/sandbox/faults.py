"""Faults on demand: what real shops do to those who write to them."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response


class FaultMode(StrEnum):
    """How the shop misbehaves."""

    SLOW = "slow"
    """It answers rightly, but late."""
    FAIL = "fail"
    """It answers 500 and does nothing."""
    TIMEOUT_AFTER_SUCCESS = "timeout_after_success"
    """It does what it was asked and does not answer."""
    THROTTLE = "throttle"
    """It asks to come back later."""
    REFUSE = "refuse"
    """It says no, for good."""


class Fault(BaseModel):
    """The next `times` requests to a channel meet this; `seconds` is how long it keeps still."""

    model_config = ConfigDict(extra="forbid")

    channel: str
    mode: FaultMode
    times: int = Field(1, ge=1)
    seconds: float = Field(30.0, gt=0, le=300)
    on: Literal["orders", "stock"] = "orders"
    """Which requests it meets."""


_WRITES_ONLY: Final = frozenset({FaultMode.TIMEOUT_AFTER_SUCCESS, FaultMode.REFUSE})


class Faults:
    """The faults that are switched on, at most one a channel."""

    def __init__(self) -> None:
        self.active: dict[str, Fault] = {}

    def take(
        self, channel: str, *, write: bool, on: Literal["orders", "stock"] = "orders"
    ) -> Fault | None:
        """The fault that this request meets, counted down."""
        fault = self.active.get(channel)
        if fault is None or fault.on != on or (fault.mode in _WRITES_ONLY and not write):
            return None
        fault.times -= 1
        if fault.times == 0:
            del self.active[channel]
        return fault


async def answered(
    fault: Fault | None,
    *,
    act: Callable[[], Response],
    throttled: Callable[[], Response],
    refused: Callable[[], Response],
) -> Response:
    """Carry the request out as the fault has it."""
    match fault.mode if fault else None:
        case FaultMode.SLOW if fault:
            await asyncio.sleep(fault.seconds)
            return act()
        case FaultMode.FAIL:
            return JSONResponse({"error": "the sandbox was told to fail"}, 500)
        case FaultMode.TIMEOUT_AFTER_SUCCESS if fault:
            act()
            await asyncio.sleep(fault.seconds)
            return JSONResponse({"error": "the sandbox was told not to answer"}, 504)
        case FaultMode.THROTTLE:
            return throttled()
        case FaultMode.REFUSE:
            return refused()
        case _:
            return act()
