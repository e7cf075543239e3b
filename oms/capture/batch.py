"""Write a batch of arrivals in one transaction of three round trips.

First everything is asked, then customers are made and stock is taken, then all rows go in. What
turns out not to be a plain new order is left for the ordinary way; nothing of it is written here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor

from oms.capture import asking, customers, holding, questions, tables
from oms.capture.arrivals import LEFT, Arrival, Fate, Outcome
from oms.capture.asking import Facts
from oms.capture.holding import Connection
from oms.capture.network import View
from oms.capture.planning import Plan, Wanted
from oms.capture.rows import Placing, rows_of
from oms.capture.stock_view import StockView
from oms.channels.models import ARCHIVED, MessageStatus
from oms.ordering import placing
from oms.orders.models import Delivery
from oms.outbox.appending import WAKE_RELAY
from oms.sourcing import policy as policy_rules


@dataclass(slots=True)
class Sifted:
    """Arrivals by position, told apart."""

    fresh: list[int] = field(default_factory=list)
    known: dict[int, UUID] = field(default_factory=dict)
    """Repeats of a kept message."""
    twins: dict[int, int] = field(default_factory=dict)
    """Repeats of a message in this very batch, and where that one is."""


async def write(
    connection: Connection,
    view: View,
    stock: StockView,
    arrivals: Sequence[Arrival],
) -> list[Outcome]:
    """Write what can be written and say of each arrival, in their order, what became of it.

    All is committed when this returns; when it raises, nothing is. Raises `NetworkChanged`,
    `Outrun`, or what psycopg raises.
    """
    touched: set[str] = set()
    try:
        async with connection.pipeline(), connection.transaction():
            facts = await asking.ask(connection, view, arrivals)
            sifted = _sift(arrivals, facts)
            wanted = _wanted_of(view, facts, arrivals, sifted)
            touched.update(sku for one in wanted.values() for sku in one.skus)
            plans = await holding.choose(connection, view, stock, wanted)
            placings = {at: _placing(view, arrivals[at], plan) for at, plan in plans.items()}
            for first in sifted.twins.values():
                if first in placings:
                    placings[first].repeats += 1
            made = await customers.make(connection, facts, list(placings.values()))
            # Stock last, because whoever else wants it waits from here to the commit.
            taken = await holding.take(connection, view, list(plans.values()))
            await customers.settle(made, facts, list(placings.values()))
            await holding.settle(taken)
            await _insert(connection, view, list(placings.values()))
            counted = await _count_repeats(connection, sifted)
        statuses = dict(await counted.fetchall()) if counted is not None else {}
    except BaseException:
        stock.forget(touched)
        raise
    return [_outcome(at, sifted, placings, statuses) for at in range(len(arrivals))]


def _sift(arrivals: Sequence[Arrival], facts: Facts) -> Sifted:
    """Repeats are counted; an order that exists, or that somebody else works on, is left."""
    sifted = Sifted()
    first_of: dict[tuple[str, str], int] = {}
    busy = set(facts.orders)
    for at, arrival in enumerate(arrivals):
        if arrival.key in facts.messages:
            sifted.known[at] = facts.messages[arrival.key]
        elif arrival.key in first_of:
            sifted.twins[at] = first_of[arrival.key]
        elif (
            arrival.reference not in busy
            and placing.reference_lock(*arrival.reference) in facts.locked
        ):
            first_of[arrival.key] = at
            busy.add(arrival.reference)
            sifted.fresh.append(at)
    return sifted


def _wanted_of(
    view: View, facts: Facts, arrivals: Sequence[Arrival], sifted: Sifted
) -> dict[int, Wanted]:
    found = {at: _wanted(view, facts, arrivals[at]) for at in sifted.fresh}
    return {at: one for at, one in found.items() if one is not None}


def _wanted(view: View, facts: Facts, arrival: Arrival) -> Wanted | None:
    """What routing must know of an order; None for an article, store or currency that it lacks."""
    new = arrival.new
    articles = [facts.articles.get((new.channel, line.channel_sku)) for line in new.lines]
    store = view.by_code.get(new.pickup_store or "") if new.delivery is Delivery.PICKUP else None
    network = view.under(new.currency, now=arrival.at)
    if network is None or (new.delivery is Delivery.PICKUP and not (store and store.can_pickup)):
        return None
    known = [article for article in articles if article is not None]
    if len(known) < len(articles):
        return None
    promise_by = placing.promised_by(
        placed_at=new.placed_at,
        deliver_by=new.deliver_by,
        calendar=store.calendar if store else None,
    )
    policy = view.policy(now=arrival.at)
    service = policy_rules.service_of(
        policy, delivery=new.delivery, placed_at=new.placed_at, promise_by=promise_by
    )
    categories = {category for _, _, category in known}
    return Wanted(
        network=network,
        policy=policy,
        where=(store.latitude, store.longitude) if store else _where(view, facts, arrival),
        promise_by=promise_by,
        skus=tuple(sku for sku, _, _ in known),
        units=tuple(line.quantity for line in new.lines),
        weights_g=tuple(weight_g for _, weight_g, _ in known),
        pickup_at=store.at if store else None,
        excluded=policy_rules.excluded(
            policy, channel=new.channel, service=service, categories=categories
        ),
    )


def _where(view: View, facts: Facts, arrival: Arrival) -> tuple[float, float]:
    address = arrival.new.address
    if address is None:
        return view.middle
    if address.latitude is not None and address.longitude is not None:
        return (address.latitude, address.longitude)
    return facts.postcodes.get(asking.place_of(address), view.middle)


def _placing(view: View, arrival: Arrival, plan: Plan) -> Placing:
    at = plan.wanted.pickup_at
    return Placing(arrival, store=None if at is None else view.places[at], plan=plan)


async def _insert(connection: Connection, view: View, placings: Sequence[Placing]) -> None:
    rows = rows_of(placings, [place.id for place in view.places])
    for form, some in (
        (tables.ADDRESSES, rows.addresses),
        (tables.ORDERS, rows.orders),
        (tables.LINES, rows.lines),
        (tables.HOLDS, rows.holds),
        (tables.REVISIONS, rows.revisions),
        (tables.RESERVATIONS, rows.reservations),
        (tables.MOVEMENTS, rows.movements),
        (tables.AUDIT, rows.audit),
        (tables.OUTBOX, rows.outbox),
        (tables.MESSAGE_KEYS, rows.message_keys),
        (tables.MESSAGES, rows.messages),
    ):
        if some:
            await tables.insert(connection, form, some)
    if placings:
        await connection.execute(questions.WAKE, [WAKE_RELAY])


async def _count_repeats(
    connection: Connection, sifted: Sifted
) -> AsyncCursor[tuple[Any, ...]] | None:
    """Count them; the answer, which comes with the commit, is how each message stands."""
    times = Counter(sifted.known.values())
    if not times:
        return None
    ordered = sorted(times)
    counts = [times[message_id] for message_id in ordered]
    return await connection.execute(questions.COUNT_REPEATS, [ordered, counts])


def _outcome(
    at: int, sifted: Sifted, placings: Mapping[int, Placing], statuses: Mapping[UUID, str]
) -> Outcome:
    if at in sifted.known:
        message_id = sifted.known[at]
        return Outcome(Fate.REPEATED, message_id, statuses.get(message_id, ARCHIVED))
    placed = placings.get(sifted.twins.get(at, at))
    if placed is None:
        return LEFT
    fate = Fate.REPEATED if at in sifted.twins else Fate.PLACED
    return Outcome(fate, placed.message_id, MessageStatus.APPLIED.value)
