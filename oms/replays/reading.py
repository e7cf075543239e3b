"""Read the decisions of some days, a few at a time: a snapshot may be as large as a network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from oms.db import transaction
from oms.orders.models import Order
from oms.sourcing.models import RoutingDecision
from oms.sourcing.run_models import RoutingRun

_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Days:
    """Some dates on the clock of a time zone."""

    days: tuple[date, ...]
    zone: ZoneInfo

    def spans(self) -> Sequence[tuple[datetime, datetime]]:
        """From when to when (UTC) each of them lasts."""
        return [(self._begin(day), self._begin(day + timedelta(days=1))) for day in self.days]

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self.zone).astimezone(UTC)


def decision_ids(session: Session, days: Days) -> Sequence[UUID]:
    """The decisions of these days, the first made first."""
    return session.exec(
        select(RoutingDecision.id)
        .where(or_(*_within(col(RoutingDecision.at), days)))
        .order_by(col(RoutingDecision.at), col(RoutingDecision.id))
    ).all()


def run_ids(session: Session, days: Days) -> Sequence[UUID]:
    """The joint runs of these days that are still kept, the first begun first."""
    return session.exec(
        select(RoutingRun.id)
        .where(or_(*_within(col(RoutingRun.at), days)))
        .order_by(col(RoutingRun.number))
    ).all()


def decisions(ids: Sequence[UUID]) -> Iterator[tuple[RoutingDecision, int]]:
    """These decisions in their sequence, each with its order's number; read outside of solving."""
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        with transaction() as session:
            rows = session.exec(
                select(RoutingDecision, Order.number)
                .join(Order, col(Order.id) == RoutingDecision.order_id)
                .where(col(RoutingDecision.id).in_(some))
                .order_by(col(RoutingDecision.at), col(RoutingDecision.id))
            ).all()
        for row, number in rows:
            yield row, number or 0


def _within(moment: Mapped[datetime], days: Days) -> list[ColumnElement[bool]]:
    return [moment.between(begin, end - timedelta(microseconds=1)) for begin, end in days.spans()]
