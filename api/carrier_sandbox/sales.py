"""Labels that a stand-in has sold, and what happens to their parcels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from carriers.base import ScanCode, VoidState
from oms.errors import NotFound

_JOURNEY: Final = (
    (0, ScanCode.LABEL_CREATED),
    (1, ScanCode.ACCEPTED),
    (8, ScanCode.IN_TRANSIT),
    (44, ScanCode.OUT_FOR_DELIVERY),
    (50, ScanCode.DELIVERED),
)
"""Hours after the sale."""
_ENDS: Final = frozenset({ScanCode.DELIVERED, ScanCode.LOST, ScanCode.RETURNED_TO_SENDER})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a parcel."""

    code: ScanCode
    at: datetime


@dataclass(slots=True)
class Sale:
    """A shipment that the carrier keeps; `number` is empty until it is paid for."""

    id: str
    reference: str
    request: dict[str, Any]
    made_at: datetime
    number: str = ""
    service: str = ""
    amount: str = ""
    currency: str = ""
    sold_at: datetime | None = None
    void_asked_at: datetime | None = None
    told: list[Happened] = field(default_factory=list)
    """What somebody said at the controls has happened."""
    pushed: int = 0


_SALE: Final = TypeAdapter(Sale)


class Sales:
    """The stand-in's memory. Threads may share it; with a file it survives a restart.

    Each line of the file is the newest state of one shipment; the last one counts.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        void_takes: timedelta,
        speed: float,
        file: Path | None = None,
    ) -> None:
        self.clock = clock
        self._void_takes, self._speed = void_takes, speed
        self._file = file
        self._kept: list[Sale] = _remembered(file) if file else []
        self.lock = RLock()

    def keep(self, reference: str, request: dict[str, Any]) -> Sale:
        """Keep a new shipment."""
        with self.lock:
            sale = Sale(f"{self._next():032x}", reference, request, self.clock())
            self._kept.append(sale)
            return sale

    def _next(self) -> int:
        return max((int(sale.id, 16) for sale in self._kept), default=0) + 1

    def remember(self, sale: Sale) -> None:
        """Write a shipment's newest state down."""
        if self._file is not None:
            with self._file.open("ab") as file:
                file.write(_SALE.dump_json(sale) + b"\n")

    def sell(self, sale: Sale, *, number: str, service: str, amount: str, currency: str) -> None:
        """Take the money for a shipment's label."""
        sale.number, sale.service = number, service
        sale.amount, sale.currency = amount, currency
        sale.sold_at = self.clock()
        self.remember(sale)

    def __iter__(self) -> Iterator[Sale]:
        return iter(list(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def sold(self) -> list[Sale]:
        """The labels that were paid for."""
        return [sale for sale in self if sale.number]

    def of_id(self, wanted: str) -> Sale | None:
        """The shipment of an id."""
        return next((sale for sale in self if sale.id == wanted), None)

    def of_reference(self, wanted: str) -> Sale | None:
        """The newest shipment of a reference."""
        return next((sale for sale in reversed(list(self)) if sale.reference == wanted), None)

    def of_number(self, wanted: str) -> Sale | None:
        """The label of a tracking number."""
        return next((sale for sale in self if sale.number and sale.number == wanted), None)

    def require(self, number: str) -> Sale:
        """The label of a tracking number. Raises `NotFound`."""
        sale = self.of_number(number)
        if sale is None:
            raise NotFound(f"no label {number} was sold here", field="tracking_number")
        return sale

    def give_back(self, sale: Sale) -> VoidState:
        """Take a label back; it stays pending as long as the configuration says."""
        sale.void_asked_at = sale.void_asked_at or self.clock()
        self.remember(sale)
        return self.void_state(sale) or VoidState.PENDING

    def void_state(self, sale: Sale) -> VoidState | None:
        """How far the giving back is; None if nobody asked."""
        if sale.void_asked_at is None:
            return None
        if any(one.code is not ScanCode.LABEL_CREATED for one in self.events(sale)):
            return VoidState.REFUSED
        waited = self.clock() - sale.void_asked_at
        return VoidState.PENDING if waited < self._void_takes else VoidState.VOIDED

    def events(self, sale: Sale) -> list[Happened]:
        """What has happened to a parcel by now, oldest first.

        It travels by itself until somebody at the controls says otherwise.
        """
        if sale.told:
            return sorted(sale.told, key=lambda one: one.at)
        start = sale.sold_at
        if start is None:
            return []
        until = sale.void_asked_at or self.clock()
        planned = (
            Happened(code, start + timedelta(hours=hours) / self._speed) for hours, code in _JOURNEY
        )
        return [one for one in planned if one.at <= until]

    def happen(self, number: str, code: ScanCode, *, at: datetime | None = None) -> Sale:
        """Say that something has happened to a parcel; from now on it moves by word only."""
        sale = self.require(number)
        sale.told = [*self.events(sale), Happened(code, at or self.clock())]
        self.remember(sale)
        return sale


def _remembered(file: Path) -> list[Sale]:
    if not file.exists():
        return []
    sales: dict[str, Sale] = {}
    for line in file.read_bytes().splitlines():
        try:
            sale = _SALE.validate_json(line)
        except ValidationError:
            continue  # the last line of a file whose writer was killed
        sales[sale.id] = sale
    return list(sales.values())
