"""Choose locations for a batch of arrivals from what is believed, then take the stock for good."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor

from oms import clock
from oms.capture import planning, questions
from oms.capture.network import View
from oms.capture.planning import Lacking, Plan, Wanted
from oms.capture.stock_view import StockView
from oms.inventory import availability

Connection: TypeAlias = AsyncConnection[tuple[Any, ...]]


class Outrun(Exception):
    """Somebody else took stock that was believed to be there. Undo everything and start over."""


async def choose(
    connection: Connection, view: View, stock: StockView, wanted: Mapping[int, Wanted]
) -> dict[int, Plan]:
    """Plan each arrival, by its position; the earlier ones choose first.

    Nobody is told that there is nothing left on the strength of a belief: stock that is missing
    is read again, and whoever missed it chooses again. Left out are arrivals that need a closer
    look: for articles of which channels have unlike shares, or that a checkout hold keeps which
    has run out, or of which more is to come on a day that their sender is to be told, or that
    may come from several locations, or to the store of a pickup, where the policy allows it.
    """
    skus = {sku for one in wanted.values() for sku in one.skus}
    fresh = set(stock.unknown(skus))
    await _learn(connection, stock, fresh)
    plans = {
        at: planning.choose(view, stock, one)
        for at, one in wanted.items()
        if not stock.by_channel(one.skus)
    }
    missing = _missing(plans)
    if all(fresh.issuperset(plan.wanted.skus) for plan in missing.values()):
        missing = {}
    if missing:
        again = {sku for plan in missing.values() for sku in plan.wanted.skus}
        for plan in missing.values():
            planning.give_back(stock, plan)
        await _learn(connection, stock, again)
        for at, plan in plans.items():
            if at not in missing:
                planning.take(stock, plan, only=again)
        plans |= {at: planning.choose(view, stock, plan.wanted) for at, plan in missing.items()}
    for at in await _for_a_closer_look(connection, _missing(plans)):
        planning.give_back(stock, plans.pop(at))
    return plans


def _missing(plans: Mapping[int, Plan]) -> dict[int, Plan]:
    return {at: plan for at, plan in plans.items() if None in plan.at}


async def _for_a_closer_look(
    connection: Connection, missing: Mapping[int, Plan]
) -> Collection[int]:
    if not missing:
        return ()
    lacking = {at: set(plan.missing_units()) for at, plan in missing.items()}
    skus = list(set().union(*lacking.values()))
    kept = await connection.execute(questions.LAPSED, [skus, clock.now()])
    coming = await connection.execute(questions.ANNOUNCED, [skus])
    lapsed = {row[0] for row in await kept.fetchall()}
    announced = {row[0] for row in await coming.fetchall()}
    return [
        at
        for at, some in lacking.items()
        if not lapsed.isdisjoint(some)
        or (missing[at].wanted.lacking is Lacking.DATED and not announced.isdisjoint(some))
        or missing[at].wanted.may_be_joined
    ]


@dataclass(frozen=True, slots=True)
class Taking:
    """A question for stock that was sent, and how many balances it must have changed."""

    answer: AsyncCursor[tuple[Any, ...]]
    balances: int


async def take(connection: Connection, view: View, plans: Collection[Plan]) -> Taking:
    """Ask for all stock that the plans hold; `settle` tells whether it was given."""
    wants: dict[tuple[str, UUID], int] = {}
    for plan in plans:
        for sku, at, units in plan.takes:
            balance = (sku, view.places[at].id)
            wants[balance] = wants.get(balance, 0) + units
    columns = [[sku for sku, _ in wants], [place for _, place in wants], list(wants.values())]
    return Taking(await connection.execute(questions.RESERVE, columns), len(wants))


async def settle(taking: Taking) -> None:
    """Raise `Outrun` unless all of the stock was there."""
    if len(await taking.answer.fetchall()) != taking.balances:
        raise Outrun


async def _learn(connection: Connection, stock: StockView, skus: Collection[str]) -> None:
    if skus:
        cursor = await connection.execute(availability.PROMISABLE, [list(skus)])
        stock.learn(skus, await cursor.fetchall())
