"""What is known of an order's money, and of a day's: for people, and for the bookkeeping."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from oms.money import to_decimal
from oms.orders.models import Order
from oms.payments.models import (
    EntryKind,
    Payment,
    PaymentEntry,
    Provider,
    Refund,
    RefundLine,
    Repayment,
)

COLUMNS: Final = (
    "at", "order", "channel", "provider", "tender", "kind", "amount", "currency", "reference",
    "key",
)  # fmt: skip
_UNCOVERED: Final = """
SELECT o.display_number, o.channel, o.currency, sum(w.worth) - coalesce(p.captured, 0) AS due
FROM orders o
JOIN (SELECT l.order_id, (l.goods_minor + l.tax_minor + l.extra_minor) * ol.fulfilled / l.units
             AS worth
      FROM priced_lines l JOIN order_lines ol ON ol.id = l.line_id WHERE l.units > 0) w
  ON w.order_id = o.id
LEFT JOIN (SELECT order_id, sum(captured_minor) AS captured FROM payments GROUP BY order_id) p
  ON p.order_id = o.id
WHERE o.captured_at >= :since
GROUP BY o.id, p.captured HAVING sum(w.worth) > coalesce(p.captured, 0)
ORDER BY o.number LIMIT 1000
"""
"""Orders whose goods left and that no tender covers."""
_LOOK_BACK: Final = timedelta(days=400)
"""Older orders are not looked at."""


@dataclass(frozen=True, slots=True)
class Statement:
    """All of an order's money."""

    order: Order
    payments: Sequence[Payment]
    entries: Sequence[PaymentEntry]
    refunds: Sequence[Refund]
    refund_lines: Sequence[RefundLine]
    repayments: Sequence[Repayment]

    @property
    def due_minor(self) -> int:
        """What no tender covers yet."""
        covered = sum(one.authorised_minor - one.voided_minor for one in self.payments)
        return max(0, self.order.total_minor - covered) if self.order.closed_at is None else 0


@dataclass(frozen=True, slots=True)
class Booked:
    """One line of a day's settlement."""

    at: datetime
    order: str
    channel: str
    provider: Provider
    tender: str
    kind: EntryKind
    amount_minor: int
    currency: str
    reference: str
    key: str


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An order whose goods left without being paid for in full."""

    order: str
    channel: str
    currency: str
    due_minor: int


def of_order(session: Session, order: Order) -> Statement:
    """What was authorised, captured, voided and refunded."""
    payments = session.exec(
        select(Payment).where(Payment.order_id == order.id).order_by(col(Payment.id))
    ).all()
    refunds = session.exec(
        select(Refund).where(Refund.order_id == order.id).order_by(col(Refund.number))
    ).all()
    ids = [one.id for one in refunds]
    return Statement(
        order=order,
        payments=payments,
        entries=session.exec(
            select(PaymentEntry)
            .where(col(PaymentEntry.payment_id).in_([one.id for one in payments]))
            .order_by(col(PaymentEntry.id))
        ).all(),
        refunds=refunds,
        refund_lines=session.exec(
            select(RefundLine).where(col(RefundLine.refund_id).in_(ids))
        ).all(),
        repayments=session.exec(
            select(Repayment).where(Repayment.order_id == order.id).order_by(col(Repayment.id))
        ).all(),
    )


def booked_on(session: Session, day: date) -> list[Booked]:
    """Every movement of money on a day of UTC, oldest first."""
    begin = datetime.combine(day, time(), UTC)
    rows = session.exec(
        select(PaymentEntry, Payment, Order)
        .join(Payment, col(Payment.id) == PaymentEntry.payment_id)
        .join(Order, col(Order.id) == Payment.order_id)
        .where(PaymentEntry.at >= begin, PaymentEntry.at < begin + timedelta(days=1))
        .order_by(col(PaymentEntry.at), col(PaymentEntry.id))
    ).all()
    return [
        Booked(
            at=entry.at,
            order=order.display_number,
            channel=order.channel,
            provider=payment.provider,
            tender=payment.tender,
            kind=entry.kind,
            amount_minor=entry.amount_minor,
            currency=payment.currency,
            reference=payment.reference,
            key=entry.key,
        )
        for entry, payment, order in rows
    ]


def as_csv(rows: Sequence[Booked]) -> str:
    """A day's settlement as a table for the bookkeeping; amounts are decimal."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        amount = to_decimal(row.amount_minor, currency=row.currency)
        table.writerow(
            [row.at.isoformat(), _safe(row.order), row.channel, row.provider.value,
             _safe(row.tender), row.kind.value, amount, row.currency, _safe(row.reference), row.key]
        )  # fmt: skip
    return written.getvalue()


def uncovered(session: Session, *, now: datetime) -> list[Uncovered]:
    """Orders whose goods left the house and that no tender covers: ask their channel or till."""
    rows = session.execute(text(_UNCOVERED), {"since": now - _LOOK_BACK}).all()
    return [Uncovered(row[0], row[1], row[2], int(row[3])) for row in rows]


def owed_repayments(session: Session, *, limit: int = 1_000) -> Sequence[Repayment]:
    """Money that customers still wait for, oldest first."""
    return session.exec(
        select(Repayment)
        .where(col(Repayment.status) == "owed")
        .order_by(col(Repayment.created_at))
        .limit(limit)
    ).all()


def repayment_of(session: Session, repayment_id: UUID) -> tuple[Repayment, Refund]:
    """A repayment and the refund that it is part of."""
    row = session.get_one(Repayment, repayment_id)
    return row, session.get_one(Refund, row.refund_id)


def _safe(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
