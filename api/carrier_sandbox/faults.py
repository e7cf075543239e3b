"""Faults on demand: what real carriers do to those who buy from them."""

import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from api.carrier_sandbox.asking import Asked, Reply, reply
from api.sandbox.faults import FaultMode


class CarrierFault(BaseModel):
    """The next `times` requests whose path contains `path` meet this."""

    model_config = ConfigDict(extra="forbid")

    mode: FaultMode
    path: str = ""
    times: int = Field(1, ge=1)
    seconds: float = Field(30.0, gt=0, le=300)


class Unanswered(Exception):
    """The request was carried out and the answer is kept back."""


class CarrierFaults:
    """The faults that are switched on for one carrier."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self.active: list[CarrierFault] = []
        self._sleep = sleep

    def meet(self, asked: Asked, act: Callable[[], Reply]) -> Reply:
        """Carry a request out as the fault has it. Raises `Unanswered` for an answer kept back."""
        fault = next((one for one in self.active if one.path in asked.path), None)
        if fault is None:
            return act()
        fault.times -= 1
        if fault.times == 0:
            self.active.remove(fault)
        match fault.mode:
            case FaultMode.SLOW:
                self._sleep(fault.seconds)
                return act()
            case FaultMode.FAIL:
                return reply({"error": "the stand-in was told to fail"}, 500)
            case FaultMode.TIMEOUT_AFTER_SUCCESS:
                act()
                self._sleep(fault.seconds)
                raise Unanswered
            case FaultMode.THROTTLE:
                limited = reply({"error": "the stand-in was told to throttle"}, 429)
                return Reply(429, limited.body, headers={"retry-after": "7"})
            case FaultMode.REFUSE:
                return reply({"error": {"message": "the stand-in was told to refuse"}}, 400)
