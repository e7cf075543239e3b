"""Goods without a receipt: taken for store credit at the lowest recent price, where policy lets."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from oms import clock
from oms.audit.recording import record
from oms.catalogue import queries as catalogue
from oms.catalogue.models import Product
from oms.errors import Conflict, Invalid, NotFound
from oms.ids import new_id
from oms.inventory import condition as stock
from oms.inventory import receiving
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.orders.models import Delivery
from oms.payments import crediting
from oms.payments.crediting import Opened
from oms.returns import queries, rules
from oms.returns.models import Condition, Disposition, Unreceipted
from oms.returns.rules import Facts

WAYS: Final = (Disposition.SELLABLE, Disposition.WRITE_OFF, Disposition.SUPPLIER)
"""What may become of them: decided at the counter, so that nothing is left in quarantine."""
MOST_UNITS: Final = 100
_SOUND: Final = frozenset({Condition.AS_NEW, Condition.OPENED})
# Every line that was ever promised has a reservation, and these are found by article.
_LOWEST: Final = """
SELECT min((l.unit_price_minor * l.quantity - l.discount_minor) / l.quantity)
FROM reservations r JOIN order_lines l ON l.id = r.line_id JOIN orders o ON o.id = l.order_id
WHERE r.sku = :sku AND r.created_at >= :since AND o.currency = :currency AND l.quantity > 0
"""
_LISTED: Final = """
SELECT min(price_minor) FROM listings WHERE sku = :sku AND currency = :currency AND published
"""


class NeedsReceipt(Conflict):
    """Policy, or the article's rule, takes nothing back without a receipt."""

    code = "needs_receipt"


def offer(session: Session, sku: str, *, place: Location) -> tuple[Product, int]:
    """The article and what one unit of it is taken back for. Raises `NeedsReceipt` and the rule."""
    current, _ = queries.current_rules(session)
    if current.no_receipt == "refuse":
        raise NeedsReceipt(
            "goods without a receipt are not taken back (policy no_receipt)",
            field="receipt",
            remedy="look for the order by the customer's e-mail address or the card they paid with",
        )
    product = catalogue.products(session, [sku]).get(sku)
    if product is None:
        raise NotFound(
            f"not in the catalogue: {sku}", field="sku", remedy="scan the article's barcode"
        )
    found = rules.terms(
        current,
        Facts(
            sku=sku,
            category=product.category,
            channel="till",
            country=place.country,
            delivery=Delivery.PICKUP.value,
            received_at=None,
        ),
        now=clock.now(),
        trusted=False,
    )
    if found.refused or found.by_hand:
        raise NeedsReceipt(
            found.refused or f"{sku} is taken back by operations only (rule {found.rule!r})",
            field="sku",
            remedy="ask operations",
        )
    return product, _lowest(session, product, days=current.no_receipt_days)


def take(
    session: Session,
    sku: str,
    *,
    units: int,
    condition: Condition,
    disposition: Disposition,
    place: Location,
    actor: str,
) -> tuple[Unreceipted, Opened]:
    """Take goods back for store credit, and decide on them at once."""
    locations.require_returns(place)
    product, each = offer(session, sku, place=place)
    _require_sense(units, condition, disposition)
    if each <= 0:
        raise NeedsReceipt(
            f"{sku} was given away lately, so it is worth nothing without a receipt",
            field="sku",
            remedy="ask for the receipt",
        )
    opened = crediting.for_refunds(session, currency=product.currency, actor=actor)
    row = Unreceipted(
        id=new_id(),
        location_id=place.id,
        sku=sku,
        units=units,
        unit_minor=each,
        currency=product.currency,
        condition=condition,
        disposition=disposition,
        credit_id=opened.credit.id,
        taken_at=clock.now(),
        taken_by=actor,
    )
    session.add(row)
    session.flush()
    key = f"unreceipted:{row.id}"
    _book(session, row, key=key)
    crediting.load(session, opened.credit, units * each, key=key, actor=actor)
    record(
        session,
        action="return.without_receipt",
        subject_type="unreceipted_return",
        subject_id=row.id,
        actor=actor,
        facts={"sku": sku, "units": units, "unit_minor": each, "credit": opened.credit.ending},
    )
    return row, opened


def _book(session: Session, row: Unreceipted, *, key: str) -> None:
    """Into quarantine and out of it again: they are decided on already."""
    receiving.take_back(
        session,
        sku=row.sku,
        location_id=row.location_id,
        units=row.units,
        cause_id=row.id,
        key=key,
        actor=row.taken_by,
    )
    stock.leave_quarantine(
        session,
        sku=row.sku,
        location_id=row.location_id,
        units=row.units,
        sellable=row.disposition is Disposition.SELLABLE,
        reason=f"without a receipt: {row.condition.value}",
        key=f"disposed:{row.id}",
        actor=row.taken_by,
    )


def _lowest(session: Session, product: Product, *, days: int) -> int:
    """The lowest of what it costs now and of what was paid for it lately, in its currency."""
    about = {
        "sku": product.sku,
        "currency": product.currency,
        "since": clock.now() - timedelta(days=days),
    }
    found = [session.execute(text(query), about).scalar() for query in (_LOWEST, _LISTED)]
    return min([product.price_minor, *(int(one) for one in found if one is not None)])


def _require_sense(units: int, condition: Condition, disposition: Disposition) -> None:
    if not 0 < units <= MOST_UNITS:
        raise Invalid(
            f"{units} units without a receipt",
            field="units",
            remedy=f"take 1 to {MOST_UNITS} at a time",
        )
    if disposition not in WAYS:
        raise Invalid(
            f"goods without a receipt are decided on at once, not {disposition.value}",
            field="disposition",
            remedy="sell them again, write them off, or send them back to the supplier",
        )
    if disposition is Disposition.SELLABLE and condition not in _SOUND:
        raise Invalid(
            f"goods that are {condition.value.replace('_', ' ')} are not sold again",
            field="disposition",
            remedy="write them off",
        )
