"""One carrier at play: its answers, its faults, and a record of what it was asked."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from api.carrier_sandbox import easypost, sendcloud, ups
from api.carrier_sandbox.asking import Asked, Reply
from api.carrier_sandbox.config import PlayedCarrier
from api.carrier_sandbox.faults import CarrierFaults
from api.carrier_sandbox.sales import Happened, Sale, Sales
from carriers.base import RawRequest
from oms import clock as clocks

_REMEMBERED: Final = 500


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its answer. The authorization is left out of it."""

    at: datetime
    asked: Asked
    status: int
    answer: bytes


class StandIn(Protocol):
    """What each carrier's module offers: answers, and the push that tells of an event."""

    def answer(self, asked: Asked) -> Reply:
        """The carrier's answer to a request."""

    def push(self, sale: Sale, happened: Happened, *, path: str) -> RawRequest:
        """The signed request with which the carrier tells of an event."""


Maker = Callable[[PlayedCarrier, Sales, Path | None], StandIn]
_MAKERS: Final[Mapping[str, Maker]] = {
    "easypost": easypost.EasyPostStandIn,
    "sendcloud": sendcloud.SendcloudStandIn,
    "ups": ups.UpsStandIn,
}


@dataclass(slots=True)
class Played:
    """A stand-in with its faults and its traffic."""

    code: str
    stand_in: StandIn
    sales: Sales
    faults: CarrierFaults = field(default_factory=CarrierFaults)
    traffic: deque[Exchange] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def answer(self, asked: Asked) -> Reply:
        """Answer, as the faults have it. Raises `Unanswered` for an answer that is kept back."""
        kept = [0, b""]

        def act() -> Reply:
            with self.sales.lock:
                given = self.stand_in.answer(asked)
            kept[:] = [given.status, given.body]
            return given

        try:
            given = self.faults.meet(asked, act)
            kept[:] = [given.status, given.body]
            return given
        finally:
            self._record(asked, kept)

    def due(self, *, path: str) -> list[RawRequest]:
        """The pushes of events that nobody was told of yet, and count them as told."""
        pushes: list[RawRequest] = []
        with self.sales.lock:
            for sale in self.sales.sold():
                events = self.sales.events(sale)
                fresh = events[sale.pushed :]
                if fresh:
                    sale.pushed = len(events)
                    self.sales.remember(sale)
                pushes += [self.stand_in.push(sale, one, path=path) for one in fresh]
        return pushes

    def _record(self, asked: Asked, kept: list[Any]) -> None:
        headers = {name: value for name, value in asked.headers.items() if name != "authorization"}
        shown = Asked(
            method=asked.method,
            path=asked.path,
            query=asked.query,
            headers=headers,
            body=asked.body,
        )
        self.traffic.append(Exchange(self.sales.clock(), shown, kept[0], kept[1]))


def play(
    code: str,
    config: PlayedCarrier,
    *,
    specs: Path | None = None,
    file: Path | None = None,
    clock: Callable[[], datetime] = clocks.now,
) -> Played:
    """A carrier as its file remembers it, or one that has sold nothing yet."""
    sales = Sales(
        clock=clock,
        void_takes=timedelta(seconds=config.void_takes_s),
        speed=config.speed,
        file=file,
    )
    return Played(code, _MAKERS[config.kind](config, sales, specs), sales)
