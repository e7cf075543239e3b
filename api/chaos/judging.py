"""Compare what was acknowledged with what the database has, by SQL and by the script alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, LiteralString

import psycopg

from api.chaos.journal import Acknowledgement
from api.chaos.network import Stock, on_hand
from api.chaos.script import Story

_WAITING: Final = frozenset({"captured", "backordered"})

_ORDERS: Final[LiteralString] = """
    SELECT o.channel || ' ' || o.external_id, o.id::text, o.status, o.total_minor,
           coalesce(jsonb_agg(jsonb_build_array(l.external_id, l.sku, l.quantity - l.cancelled))
                    FILTER (WHERE l.quantity > l.cancelled), '[]')
    FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id
    GROUP BY o.id"""
_MESSAGES: Final[LiteralString] = """
    SELECT channel, reference, topic, count(*),
           count(*) FILTER (WHERE status IN ('received', 'parked'))
    FROM channel_messages GROUP BY channel, reference, topic"""
_PROMISED: Final[LiteralString] = """
    SELECT r.sku, l.code, sum(r.quantity)
    FROM reservations r JOIN locations l ON l.id = r.location_id
    WHERE r.status = 'held' GROUP BY r.sku, l.code"""
_ON_HAND: Final[LiteralString] = """
    SELECT b.sku, l.code, b.on_hand FROM stock_balances b JOIN locations l ON l.id = b.location_id
    WHERE b.on_hand > 0"""


@dataclass(frozen=True, slots=True)
class Findings:
    """Whatever should not be, in words; all empty when the system kept its promises."""

    lost: tuple[str, ...]
    """Orders that were acknowledged and are not there."""
    lost_messages: tuple[str, ...]
    """Messages that were acknowledged and are not kept."""
    doubled: tuple[str, ...]
    """Orders that are there more than once, or that one command was answered with several of."""
    doubled_messages: tuple[str, ...]
    """Messages that are kept more than once."""
    oversold: tuple[str, ...]
    """More units promised than there are, by article and location."""
    wrong: tuple[str, ...]
    """There, but with other content or in another state than was told."""
    uncalled: tuple[str, ...]
    """There though nobody ordered it, or though it was refused."""
    unsettled: tuple[str, ...]
    """Messages that were kept but not applied."""
    unanswered: tuple[str, ...]
    """Orders that were never acknowledged, however often they were told."""
    improper: tuple[str, ...]
    """Answers that a sound system does not give, even while its parts are killed."""
    invariants: tuple[str, ...]
    """What `oms invariants` finds."""

    def counts(self) -> Mapping[str, int]:
        """How many there are of each kind."""
        return {field.name: len(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order as the database has it; `lines` without what was cancelled."""

    id: str
    status: str
    total_minor: int
    lines: Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database has after a run."""

    orders: Mapping[str, Sequence[KeptOrder]]
    """By channel and the channel's id."""
    messages: Mapping[tuple[str, str, str], tuple[int, int]]
    """How many of each channel, order and topic, and how many of them are not applied."""
    promised: Stock
    on_hand: Stock


@dataclass(frozen=True, slots=True)
class Told:
    """What was told, and how it was answered."""

    stories: Sequence[Story]
    acknowledged: Sequence[Acknowledgement]
    refused: frozenset[str]
    improper: Sequence[str]
    stock: Stock
    """Units that may be promised."""


def look(connection: psycopg.Connection[Any]) -> Kept:
    """Read what is there."""
    orders: dict[str, list[KeptOrder]] = defaultdict(list)
    for name, order_id, status, total_minor, lines in connection.execute(_ORDERS):
        content = {line: (sku, units) for line, sku, units in lines}
        orders[name].append(KeptOrder(order_id, status, total_minor, content))
    return Kept(
        orders,
        {(a, b, c): (kept, open_) for a, b, c, kept, open_ in connection.execute(_MESSAGES)},
        {(sku, place): units for sku, place, units in connection.execute(_PROMISED)},
        {(sku, place): units for sku, place, units in connection.execute(_ON_HAND)},
    )


def judge(told: Told, kept: Kept, *, invariants: Sequence[str]) -> Findings:
    """Say what is not as it should be."""
    references: dict[str, set[str]] = defaultdict(set)
    acknowledged: dict[str, set[str]] = defaultdict(set)
    for one in told.acknowledged:
        references[one.message].add(one.reference)
        acknowledged[one.story].add(one.message)
    whole = [story for story in told.stories if _is_whole(story, acknowledged[story.name])]
    return Findings(
        lost=tuple(
            f"{story.name}: no such order"
            for story in told.stories
            if acknowledged[story.name] and story.name not in kept.orders
        ),
        lost_messages=tuple(_messages(told.stories, kept, acknowledged, more=False)),
        doubled=tuple(_doubled(told.stories, kept, references)),
        doubled_messages=tuple(_messages(told.stories, kept, acknowledged, more=True)),
        oversold=tuple(_oversold(told.stock, kept)),
        wrong=(*_wrong(whole, kept, references), *_miscounted(told.stock, kept)),
        uncalled=tuple(_uncalled(told, kept, acknowledged)),
        unsettled=tuple(
            f"{' '.join(key)}: {open_}" for key, (_, open_) in kept.messages.items() if open_
        ),
        unanswered=tuple(
            story.name
            for story in told.stories
            if story.name not in told.refused and not _is_whole(story, acknowledged[story.name])
        ),
        improper=tuple(told.improper),
        invariants=tuple(invariants),
    )


def _is_whole(story: Story, acknowledged: set[str]) -> bool:
    return all(message.id in acknowledged for message in story.messages)


def _doubled(
    stories: Iterable[Story], kept: Kept, references: Mapping[str, set[str]]
) -> Iterable[str]:
    for name, found in kept.orders.items():
        if len(found) > 1:
            yield f"{name}: {len(found)} orders"
    for story in stories:
        answered = references.get(story.messages[0].id, set())
        if not story.is_webhook and len(answered) > 1:
            yield f"{story.name}: answered as {', '.join(sorted(answered))}"


def _messages(
    stories: Iterable[Story], kept: Kept, acknowledged: Mapping[str, set[str]], *, more: bool
) -> Iterable[str]:
    """Messages of which fewer are kept than were acknowledged, or more than there are."""
    for story in filter(lambda one: one.is_webhook, stories):
        there, thanked = Counter[str](), Counter[str]()
        for message in story.messages:
            there[message.topic] += 1
            thanked[message.topic] += message.id in acknowledged.get(story.name, ())
        for topic, count in there.items():
            found, _ = kept.messages.get((story.channel, story.external_id, topic), (0, 0))
            if found > count if more else found < thanked[topic]:
                wanted = count if more else thanked[topic]
                yield f"{story.name}: {wanted} messages {topic}, {found} kept"


def _oversold(stock: Stock, kept: Kept) -> Iterable[str]:
    for (sku, place), units in sorted(kept.promised.items()):
        if units > stock.get((sku, place), 0):
            yield f"{sku} at {place}: {units} promised, {stock.get((sku, place), 0)} there"


def _miscounted(stock: Stock, kept: Kept) -> Iterable[str]:
    counted = {spot: units for spot, units in on_hand(stock).items() if units}
    for spot in sorted(counted.keys() | kept.on_hand.keys()):
        have, had = kept.on_hand.get(spot, 0), counted.get(spot, 0)
        if have != had:
            yield f"{' at '.join(spot)}: {have} on hand, {had} were counted in"


def _wrong(whole: Iterable[Story], kept: Kept, references: Mapping[str, set[str]]) -> Iterable[str]:
    for story in whole:
        for order in kept.orders.get(story.name, ())[:1]:
            if order.lines != story.wanted:
                yield f"{story.name}: wants {dict(order.lines)}, told {dict(story.wanted)}"
            if not story.cancelled and order.total_minor != story.total_minor:
                yield f"{story.name}: costs {order.total_minor}, told {story.total_minor}"
            if (order.status == "cancelled") is not story.cancelled or (
                not story.cancelled and order.status not in _WAITING
            ):
                yield f"{story.name}: is {order.status}"
            answered = references[story.messages[0].id]
            if not story.is_webhook and order.id not in answered:
                yield f"{story.name}: is {order.id}, answered as {sorted(answered)}"


def _uncalled(told: Told, kept: Kept, acknowledged: Mapping[str, set[str]]) -> Iterable[str]:
    """Orders that nobody told of, or that were refused and never taken after all.

    A refusal is not recorded under the command's key: sent again, the command may find stock
    that was let go meanwhile.
    """
    known = {story.name for story in told.stories}
    for name in kept.orders:
        if name not in known:
            yield f"{name}: nobody ordered it"
        elif name in told.refused and not acknowledged.get(name):
            yield f"{name}: it was refused for want of stock"
