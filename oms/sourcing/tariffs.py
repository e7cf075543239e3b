"""The tariff that routing reckons with."""

from typing import Any

from sqlmodel import Session, col, select

from oms import clock
from oms.errors import Conflict, Invalid, NotFound
from oms.sourcing.models import TariffSheet
from routing.parse import ProblemFault, parse_tariff


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
    """Put a sheet in force from now on. Repeating it changes nothing.

    Raises `Invalid` for a sheet that routing cannot read, and `Conflict` if the name stands for
    other prices: stored decisions refer to those.
    """
    _require_readable(sheet)
    known = named(session, name)
    if known is not None:
        if (known.currency, known.sheet) != (currency, sheet):
            raise Conflict(
                f"there is another tariff sheet {name!r}, and decisions rest on it",
                field="name",
                remedy="give the new sheet a name of its own, such as its date",
            )
        return known
    row = TariffSheet(name=name, currency=currency, effective_from=clock.now(), sheet=sheet)
    session.add(row)
    session.flush()
    return row


def named(session: Session, name: str) -> TariffSheet | None:
    """The sheet of this name."""
    return session.exec(select(TariffSheet).where(TariffSheet.name == name)).first()


def _require_readable(sheet: dict[str, Any]) -> None:
    try:
        parse_tariff(sheet)
    except ProblemFault as fault:
        raise Invalid(
            str(fault),
            field=fault.field,
            remedy="write the sheet as the `tariff` of a routing problem file",
        ) from fault
