"""A rate sheet: what a carrier charges by contract, for where it names no live price.

CSV with the columns `service,from_country,to_country,up_to_g,amount_minor,currency,days`. Of the
lines for a service and two countries the first whose `up_to_g` holds the parcel counts; `*` is
every country. `days` may be empty.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from carriers.base import Rate, RateSource, Shipment

COLUMNS: Final = (
    "service",
    "from_country",
    "to_country",
    "up_to_g",
    "amount_minor",
    "currency",
    "days",
)
_ANY: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One price."""

    service: str
    from_country: str
    to_country: str
    up_to_g: int
    amount_minor: int
    currency: str
    days: int | None


@dataclass(frozen=True, slots=True)
class RateSheet:
    """A carrier's prices by contract, each service's lightest first."""

    code: str
    lines: tuple[SheetLine, ...]

    def rates(self, shipment: Shipment) -> list[Rate]:
        """The price of each service that goes there and takes the weight, cheapest first."""
        found: dict[str, SheetLine] = {}
        for line in self.lines:
            if _fits(line, shipment):
                found.setdefault(line.service, line)
        rates = [self._rate(line, shipment) for line in found.values()]
        return sorted(rates, key=lambda rate: (rate.amount_minor, rate.service))

    def _rate(self, line: SheetLine, shipment: Shipment) -> Rate:
        days = line.days
        return Rate(
            carrier=self.code,
            service=line.service,
            amount_minor=line.amount_minor,
            currency=line.currency,
            transit_days=days,
            delivery_on=shipment.ship_on + timedelta(days=days) if days is not None else None,
            source=RateSource.SHEET,
        )


def read_sheet(path: Path, *, code: str) -> RateSheet:
    """The sheet in a file. Raises `ValueError` naming the line and column that is wrong."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        lacking = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if lacking:
            raise ValueError(f"{path.name} lacks the column {', '.join(lacking)}")
        return RateSheet(code, tuple(_sorted(_line(row, reader.line_num) for row in reader)))


def _line(row: dict[str, str], number: int) -> SheetLine:
    def whole(name: str) -> int:
        text = (row[name] or "").strip()
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"line {number}: {name} {text!r} is no whole number")
        return int(text)

    def word(name: str) -> str:
        text = (row[name] or "").strip()
        if not text:
            raise ValueError(f"line {number}: {name} is empty")
        return text

    return SheetLine(
        service=word("service"),
        from_country=word("from_country").upper(),
        to_country=word("to_country").upper(),
        up_to_g=whole("up_to_g"),
        amount_minor=whole("amount_minor"),
        currency=word("currency").upper(),
        days=whole("days") if (row["days"] or "").strip() else None,
    )


def _sorted(lines: Iterable[SheetLine]) -> list[SheetLine]:
    return sorted(lines, key=lambda line: line.up_to_g)


def _fits(line: SheetLine, shipment: Shipment) -> bool:
    return (
        line.from_country in (_ANY, shipment.sender.country)
        and line.to_country in (_ANY, shipment.recipient.country)
        and shipment.parcel.weight_g <= line.up_to_g
    )
