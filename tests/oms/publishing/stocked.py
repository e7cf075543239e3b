"""A small shop that lists mugs and lamps on its channels, and shorthand for what is owed."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from oms.channels.stock import Figure, Place, Spot
from oms.publishing import sending
from oms.publishing.models import StockOwed
from oms.publishing.sending import Phase, Plan
from tests.builders import a_listing
from tests.oms.shop import Shop, a_shop

ALL = Place("", frozenset({"S01", "S02", "W01"}))
STORE, REST = Place("L1", frozenset({"S01"})), Place("L2", frozenset({"S02", "W01"}))


def a_listed_shop(session: Session, *channels: str) -> Shop:
    """The small shop, its mugs and lamps listed under names of the channels' own."""
    shop = a_shop(session)
    for channel in channels or ("shopify", "woocommerce"):
        for sku in ("MUG", "LAMP"):
            a_listing(session, channel=channel, channel_sku=f"{channel[0]}-{sku}", sku=sku)
    return shop


def owed(session: Session) -> dict[tuple[str, str], int]:
    """The versions of what is owed, by channel and SKU."""
    rows = session.exec(
        select(StockOwed)
        .order_by(col(StockOwed.channel), col(StockOwed.sku))
        .execution_options(populate_existing=True)
    ).all()
    return {(row.channel, row.sku): row.version for row in rows}


def told(
    session: Session, figures: Mapping[Spot, Figure], *places: Place, channel: str = "shopify"
) -> Mapping[Spot, Figure]:
    """Tell a channel that takes everything, in both phases; its figures afterwards."""
    now = dict(figures)
    for phase in Phase:
        plan = planned(session, now, *places, phase=phase, channel=channel)
        sending.intend(session, channel=channel, plan=plan)
        now |= sending.record(
            session, channel=channel, plan=plan, refused={}, at=plan.telling.as_of
        )
    return now


def planned(
    session: Session,
    figures: Mapping[Spot, Figure],
    *places: Place,
    phase: Phase,
    channel: str = "shopify",
) -> Plan:
    """What would be told of the mugs."""
    return sending.plan(
        session,
        channel=channel,
        skus=["MUG"],
        places=list(places or (ALL,)),
        figures=figures,
        phase=phase,
    )


def levels(plan: Plan) -> dict[Spot, int]:
    """What a plan sets."""
    return {level.spot: level.quantity for level in plan.telling.levels}
