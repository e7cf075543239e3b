"""Write a batch of arrivals in one transaction of three round trips.

First everything is asked, then customers are made and stock is taken, then all rows go in. What
turns out not to be a plain new order is left for the ordinary way; nothing of it is written here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from psycopg import AsyncCursor

from oms import clock
from oms.capture import asking, customers, holding, questions, requests, tables
from oms.capture.arrivals import LEFT, Arrival, Fate, Message, Outcome, Request
from oms.capture.asking import Facts
from oms.capture.holding import Connection
from oms.capture.network import View
from oms.capture.planning import Lacking, Plan, Wanted
from oms.capture.rows import Placing, rows_of
from oms.capture.stock_view import StockView
from oms.channels.inbox import actor_of
from oms.channels.models import ARCHIVED, MessageStatus
from oms.ids import new_id
from oms.ordering import placing
from oms.orders.models import Delivery
from oms.outbox.appending import WAKE_RELAY
from oms.sourcing import policy as policy_rules


@dataclass(slots=True)
class Sifted:
    """Arrivals by position, told apart."""

    fresh: list[int] = field(default_factory=list)
    settled: dict[int, Outcome] = field(default_factory=dict)
    """Those about which nothing is to be written: most repeat what was here before."""
    twins: dict[int, int] = field(default_factory=dict)
    """Repeats of what is in this very batch, and where that is."""


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
            placings = {
                at: _placing(view, facts, arrivals[at], plan)
                for at, plan in plans.items()
                if not plan.refused
            }
            for first in sifted.twins.values():
                if first in placings:
                    placings[first].repeats += 1
            made = await customers.make(connection, facts, list(placings.values()))
            # Stock last, because whoever else wants it waits from here to the commit.
            taken = await holding.take(connection, view, list(plans.values()))
            await customers.settle(made, facts, list(placings.values()))
            await holding.settle(taken)
            await _insert(connection, view, list(placings.values()))
            kept = await requests.keep(connection, list(placings.values()))
            await requests.note_use(connection, facts.requests, at=clock.now())
            counted = await _count_repeats(connection, sifted)
    except BaseException:
        stock.forget(touched)
        raise
    answers = await requests.numbered(kept)
    statuses = dict(await counted.fetchall()) if counted is not None else {}
    new = {at: _told(plan, placings.get(at), answers) for at, plan in plans.items()}
    return [_outcome(at, sifted, new, statuses) for at in range(len(arrivals))]


def _sift(arrivals: Sequence[Arrival], facts: Facts) -> Sifted:
    """Repeats are told apart; an order that exists, or that somebody works on, is left."""
    sifted = Sifted()
    first_of: dict[tuple[str, str], int] = {}
    busy = set(facts.orders)
    for at, arrival in enumerate(arrivals):
        if (settled := _settled(arrival, facts)) is not None:
            sifted.settled[at] = settled
        elif arrival.key in first_of:
            if _same(arrival, arrivals[first_of[arrival.key]]):
                sifted.twins[at] = first_of[arrival.key]
        elif (
            arrival.reference not in busy
            and placing.reference_lock(*arrival.reference) in facts.locked
        ):
            first_of[arrival.key] = at
            busy.add(arrival.reference)
            sifted.fresh.append(at)
    return sifted


def _settled(arrival: Arrival, facts: Facts) -> Outcome | None:
    if isinstance(arrival.by, Request):
        return facts.requests.outcome(arrival.by)
    known = facts.messages.get(arrival.key)
    return Outcome(Fate.REPEATED, known, ARCHIVED) if known else None


def _same(one: Arrival, other: Arrival) -> bool:
    """Whether two arrivals with one key ask for the same; a message's key is proof enough."""
    if isinstance(one.by, Request) and isinstance(other.by, Request):
        return one.by.digest == other.by.digest
    return True


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
        categories=tuple(category for _, _, category in known),
        bare=view.bare_under(new.currency, now=arrival.at),
        lacking=_lacking(arrival),
    )


def _lacking(arrival: Arrival) -> Lacking:
    if isinstance(arrival.by, Message):
        return Lacking.WAITS
    return Lacking.DATED if arrival.by.backorder else Lacking.REFUSED


def _where(view: View, facts: Facts, arrival: Arrival) -> tuple[float, float]:
    address = arrival.new.address
    if address is None:
        return view.middle
    if address.latitude is not None and address.longitude is not None:
        return (address.latitude, address.longitude)
    return facts.postcodes.get(asking.place_of(address), view.middle)


def _placing(view: View, facts: Facts, arrival: Arrival, plan: Plan) -> Placing:
    at = plan.wanted.pickup_at
    store = None if at is None else view.places[at]
    if isinstance(arrival.by, Request):
        actor = facts.requests.callers[arrival.key]
        return Placing(arrival, store, plan, actor=actor, message_id=None)
    actor = actor_of(arrival.new.channel)
    return Placing(arrival, store, plan, actor=actor, message_id=new_id())


async def _insert(connection: Connection, view: View, placings: Sequence[Placing]) -> None:
    rows = rows_of(placings, view.places)
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
    times = Counter(one.message_id for one in sifted.settled.values() if one.message_id)
    if not times:
        return None
    ordered = sorted(times)
    counts = [times[message_id] for message_id in ordered]
    return await connection.execute(questions.COUNT_REPEATS, [ordered, counts])


def _told(plan: Plan, placed: Placing | None, answers: Mapping[str, Mapping[str, Any]]) -> Outcome:
    """What the sender of a planned order is told."""
    if placed is None:
        return Outcome(Fate.REFUSED, missing=plan.missing_units())
    return Outcome(
        Fate.PLACED,
        placed.message_id,
        MessageStatus.APPLIED.value,
        answers.get(str(placed.order_id)),
    )


def _outcome(
    at: int, sifted: Sifted, new: Mapping[int, Outcome], statuses: Mapping[UUID, str]
) -> Outcome:
    if at in sifted.settled:
        settled = sifted.settled[at]
        status = statuses.get(settled.message_id) if settled.message_id else None
        return settled if status is None else replace(settled, status=status)
    told = new.get(sifted.twins.get(at, at), LEFT)
    if at in sifted.twins and told.fate is Fate.PLACED:
        return replace(told, fate=Fate.REPEATED)
    return told
