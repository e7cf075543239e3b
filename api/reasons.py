"""Why an order went where it went, as the API and the command line give it."""

from sqlmodel import Session

from api.schemas.orders import ToldDecisionOut, WhyOut
from oms.orders.models import Order
from oms.sourcing import decisions, reasons
from oms.sourcing.reasons import Told


def why(session: Session, order: Order) -> WhyOut:
    """Gather every decision of an order, and what would have changed the newest."""
    assert order.number is not None
    rows = decisions.of_order(session, order.id)
    names = reasons.location_names(session)
    supposed = reasons.supposed_of(rows[0], names) if rows else None
    return WhyOut(
        order_id=order.id,
        number=order.number,
        decisions=[_told(one) for one in reasons.told(rows, names)],
        suppositions=list(supposed.sentences) if supposed else [],
        counterfactuals=supposed.documents() if supposed else [],
    )


def _told(one: Told) -> ToldDecisionOut:
    row, kept = one.row, one.row.explanation
    return ToldDecisionOut(
        id=row.id,
        at=row.at,
        engine=row.engine,
        status=row.status,
        cost_minor=row.cost_minor,
        lower_bound_minor=row.lower_bound_minor,
        currency=row.currency,
        sentences=list(one.sentences),
        changed=list(one.since),
        winner=kept["winner"],
        runner_up=kept["runner_up"],
        dearer_minor=kept["dearer_cents"],
        rivals=kept["rivals"],
        removed=kept["removed"],
    )
