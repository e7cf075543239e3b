"""The tariff that routing reckons with."""

from typing import Any

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import NotFound
from oms.sourcing.models import TariffSheet


def current(session: Session, *, currency: str) -> TariffSheet:
    """The newest sheet in force for orders in this currency."""
    sheet = session.exec(
        select(TariffSheet)
        .where(TariffSheet.currency == currency, TariffSheet.effective_from <= clock.now())
        .order_by(col(TariffSheet.effective_from).desc())
        .limit(1)
    ).first()
    if sheet is None:
        raise NotFound(
            f"there is no tariff sheet in {currency}",
            field="currency",
            remedy=f"load one with `oms tariff load FILE --currency {currency}`",
        )
    return sheet


def load(session: Session, *, name: str, currency: str, sheet: dict[str, Any]) -> TariffSheet:
    """Store a sheet that is in force from now on."""
    row = TariffSheet(name=name, currency=currency, effective_from=clock.now(), sheet=sheet)
    session.add(row)
    session.flush()
    return row
