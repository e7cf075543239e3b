"""Remember what became of the work that locations were given: done, or given back.

An outcome is counted in the transaction that makes it true, after every lock on stock is taken and
in one sequence, so that two of them at one location wait for each other and never in a circle.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, cast, extract, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from oms import clock
from oms.catalogue import queries as catalogue
from oms.fulfilments import queries
from oms.fulfilments.models import Fulfilment, RejectReason
from oms.fulfilments.outcome_models import OutcomeCount
from oms.settings import settings

EVERY_CLASS: Final = ""
"""Counts all fulfilments of a location; it also stands for articles without a category."""

DECLINES: Final = {
    RejectReason.NOT_FOUND: True,
    RejectReason.DAMAGED: True,
    RejectReason.TOO_BUSY: True,
    RejectReason.CLOSED: True,
}
"""Whether a reason says that the goods or the place cannot; one about the order would not."""

_ABOUT_GOODS: Final = frozenset({RejectReason.NOT_FOUND, RejectReason.DAMAGED})
_SECONDS_A_DAY: Final = 86_400
_MOST_HALVINGS: Final = 60
"""What is older counts nothing; PostgreSQL refuses smaller powers."""


def accepted(session: Session, fulfilment: Fulfilment) -> None:
    """The location has picked all that it was asked for."""
    skus = {part.sku for part in queries.lines(session, fulfilment.id)}
    _count(session, fulfilment, classes_of(session, skus), accepted=1)


def declined(
    session: Session, fulfilment: Fulfilment, *, reason: RejectReason, skus: Collection[str] = ()
) -> None:
    """The location gave the work back; `skus` are the articles at fault, all of them if empty."""
    if not DECLINES[reason]:
        return
    every = {part.sku for part in queries.lines(session, fulfilment.id)}
    at_fault = set(skus) if skus and reason in _ABOUT_GOODS else every
    _count(session, fulfilment, classes_of(session, at_fault), declined=1)


def classes_of(session: Session, skus: Collection[str]) -> set[str]:
    """The classes of some articles: their categories."""
    return {product.category for product in catalogue.products(session, list(skus)).values()}


def faded(count: Any, as_of: Any, now: Any) -> ColumnElement[float]:
    """A count that was kept at one moment, as it counts at a later one."""
    seconds = cast(extract("epoch", now - as_of), Float)
    halvings = seconds / (settings().acceptance_half_life_days * _SECONDS_A_DAY)
    kept = func.power(0.5, func.least(func.greatest(halvings, 0.0), float(_MOST_HALVINGS)))
    return cast(count * kept, Float)


def _count(
    session: Session,
    fulfilment: Fulfilment,
    classes: set[str],
    *,
    accepted: int = 0,
    declined: int = 0,
) -> None:
    row = {
        "location_id": fulfilment.location_id,
        "accepted": float(accepted),
        "declined": float(declined),
        "as_of": clock.now(),
    }
    statement = insert(OutcomeCount).values(
        [{"sku_class": one, **row} for one in sorted(classes | {EVERY_CLASS})]
    )
    new, old = statement.excluded, OutcomeCount
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["sku_class", "location_id"],
            set_={
                "accepted": faded(col(old.accepted), col(old.as_of), new.as_of) + new.accepted,
                "declined": faded(col(old.declined), col(old.as_of), new.as_of) + new.declined,
                "as_of": func.greatest(col(old.as_of), new.as_of),
            },
        ),
        execution_options={"synchronize_session": False},
    )
