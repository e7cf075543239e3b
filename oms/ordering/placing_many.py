"""Take very many opening orders in at once, by COPY: the way of imports.

What is written for each order is what `placing.place` writes: customer, address, order, lines,
revision, audit, outbox, and reservations with their ledger rows where the caller asks for them.
Nothing is routed here; the orders' workflows do that afterwards.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, text
from sqlmodel import Session

from oms.catalogue import queries as catalogue
from oms.customers.matching import find_or_create_many
from oms.db import read_rows
from oms.ids import new_id_text
from oms.inventory import availability
from oms.locations.calendars import Calendar
from oms.locations.models import Location
from oms.ordering import writing_many
from oms.ordering.placing import promised_by
from oms.orders.new_order import NewOrder

Spot = tuple[str, UUID]
"""An article at a location."""

_KNOWN: Final = """
SELECT o.channel, o.external_id FROM orders AS o
JOIN unnest(%b::text[], %b::text[]) AS g (channel, external_id) USING (channel, external_id)
"""
_LOCK: Final = f"""
SELECT b.sku, b.location_id, b.by_channel, {availability.sellable_sql("b")}
FROM stock_balances AS b JOIN unnest(%b::text[], %b::uuid[]) AS g (sku, location_id)
  ON g.sku = b.sku AND g.location_id = b.location_id
ORDER BY b.sku COLLATE "C", b.location_id FOR UPDATE OF b
"""  # noqa: S608 - constants only
"""`oms.inventory.availability` says what `by_channel` means."""
_TAKE: Final = """
UPDATE stock_balances AS b SET reserved = b.reserved + g.units
FROM unnest(:skus, :places, :units) AS g (sku, location_id, units)
WHERE b.sku = g.sku AND b.location_id = g.location_id
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """An order that was placed before we counted orders. Its quantities are those still open.

    `store` is where it is collected, if it is; `reserve_at` says by a line's external id at which
    location its units are set aside, and leaves out lines for which nothing is reserved.
    """

    new: NewOrder
    store: Location | None = None
    reserve_at: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the order at a position was not placed, and which of its lines is to blame."""

    position: int
    line_id: str
    column: str
    value: str
    reason: str
    remedy: str


@dataclass(slots=True)
class Placed:
    """How many orders are new, how many were known before, and which were refused."""

    placed: int = 0
    known: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def place_many(
    session: Session,
    openings: Sequence[Opening],
    *,
    calendars: Mapping[str, Calendar],
    actor: str,
) -> Placed:
    """Write orders that are new; leave those alone that their channel has sent before.

    `calendars` has the opening hours of the stores by code. An order with an article that is not
    in the catalogue, or with units to reserve that are not free, is refused whole; the others go
    in. Raises a unique violation when one of the orders comes in beside: the caller then rolls
    back and asks again.
    """
    done = Placed()
    known = _known(session, openings)
    done.known = sum(1 for one in openings if _reference(one) in known)
    waiting = [(at, one) for at, one in enumerate(openings) if _reference(one) not in known]
    skus = _skus(session, [one for _, one in waiting])
    waiting = _sellable(waiting, skus, done)
    taken: dict[Spot, int] = {}
    waiting = _filled(session, waiting, skus, taken, done)
    if not waiting:
        return done
    orders = [one for _, one in waiting]
    places = {place: str(place) for one in orders for place in one.reserve_at.values()}
    customers = find_or_create_many(
        session,
        [(one.new.customer_name, one.new.customer_email, one.new.customer_phone) for one in orders],
    )
    writing_many.write(
        session,
        [
            writing_many.Entry(
                id=new_id_text(),
                new=one.new,
                customer_id=str(customer),
                store_id=str(one.store.id) if one.store else None,
                promise_by=promised_by(
                    placed_at=one.new.placed_at,
                    deliver_by=one.new.deliver_by,
                    calendar=calendars[one.store.code] if one.store else None,
                ),
                reserve_at={line: places[place] for line, place in one.reserve_at.items()},
            )
            for one, customer in zip(orders, customers, strict=True)
        ],
        skus=skus,
        actor=actor,
    )
    _take(session, taken)
    done.placed = len(orders)
    return done


def _known(session: Session, openings: Sequence[Opening]) -> set[tuple[str, str]]:
    channels, ids = [one.new.channel for one in openings], [one.new.external_id for one in openings]
    return set(read_rows(session, _KNOWN, [channels, ids]))


def _reference(one: Opening) -> tuple[str, str]:
    return one.new.channel, one.new.external_id


def _skus(session: Session, openings: Sequence[Opening]) -> dict[str, Mapping[str, str]]:
    """Our SKUs by channel and by what the channel calls them."""
    wanted: dict[str, set[str]] = {}
    for one in openings:
        wanted.setdefault(one.new.channel, set()).update(line.channel_sku for line in one.new.lines)
    return {
        channel: catalogue.skus_of_channel(session, channel=channel, channel_skus=skus)
        for channel, skus in wanted.items()
    }


def _sellable(
    waiting: list[tuple[int, Opening]], skus: Mapping[str, Mapping[str, str]], done: Placed
) -> list[tuple[int, Opening]]:
    """Orders whose articles are all in the catalogue."""
    sellable = []
    for at, one in waiting:
        known = skus[one.new.channel]
        unknown = [line for line in one.new.lines if line.channel_sku not in known]
        done.refusals += [
            Refusal(
                at,
                line.external_id,
                "sku",
                line.channel_sku,
                "there is no such product, nor a listing of the channel by this name",
                "import the product or the listing first",
            )
            for line in unknown
        ]
        if not unknown:
            sellable.append((at, one))
    return sellable


def _filled(
    session: Session,
    waiting: list[tuple[int, Opening]],
    skus: Mapping[str, Mapping[str, str]],
    taken: dict[Spot, int],
    done: Placed,
) -> list[tuple[int, Opening]]:
    """Orders for which all that is to be reserved is free, first come first served."""
    spots = {
        (skus[one.new.channel][line.channel_sku], one.reserve_at[line.external_id])
        for _, one in waiting
        for line in one.new.lines
        if line.external_id in one.reserve_at
    }
    free, unlike = _lock(session, spots)
    channels = {one.new.channel for _, one in waiting}
    kept = _kept_back(session, channels, {spot: free[spot] for spot in unlike})
    filled = []
    for at, one in waiting:
        mine: dict[Spot, int] = {}
        short: Refusal | None = None
        for line in one.new.lines:
            place = one.reserve_at.get(line.external_id)
            if place is None:
                continue
            spot = (skus[one.new.channel][line.channel_sku], place)
            mine[spot] = mine.get(spot, 0) + line.quantity
            left = free.get(spot, 0) - kept.get((one.new.channel, spot), 0)
            if mine[spot] > left:
                short = Refusal(
                    at,
                    line.external_id,
                    "reserve_at",
                    str(line.quantity),
                    f"cannot be reserved: {max(0, left)} free there",
                    "import the stock first, or leave reserve_at empty",
                )
        if short:
            done.refusals.append(short)
            continue
        for spot, units in mine.items():
            free[spot] -= units
            taken[spot] = taken.get(spot, 0) + units
        filled.append((at, one))
    return filled


def _lock(session: Session, spots: set[Spot]) -> tuple[dict[Spot, int], set[Spot]]:
    """What is free at each spot, and where channels are treated unlike.

    The balances stay locked until the transaction ends; they are locked in the one lock order.
    """
    if not spots:
        return {}, set()
    ordered = sorted(spots)
    skus, places = [sku for sku, _ in ordered], [place for _, place in ordered]
    rows = read_rows(session, _LOCK, [skus, places])
    return {row[:2]: row[3] for row in rows}, {row[:2] for row in rows if row[2]}


def _kept_back(
    session: Session, channels: Collection[str], free: Mapping[Spot, int]
) -> dict[tuple[str, Spot], int]:
    """Of what is free, how much is kept back from one channel alone.

    What is left of a channel's own allotment stays where it is: these orders were placed before.
    """
    if not free:
        return {}
    skus = {sku for sku, _ in free}
    kept = {}
    for channel in channels:
        promisable = availability.promisable(session, skus, channel=channel)
        for spot, units in free.items():
            kept[channel, spot] = max(0, units - promisable.get(spot, 0))
    return kept


def _take(session: Session, taken: Mapping[Spot, int]) -> None:
    if taken:
        ordered = sorted(taken)
        session.execute(
            text(_TAKE).bindparams(
                bindparam("skus", [sku for sku, _ in ordered], type_=ARRAY(Text)),
                bindparam("places", [place for _, place in ordered], type_=ARRAY(Uuid())),
                bindparam("units", [taken[spot] for spot in ordered], type_=ARRAY(Integer)),
            )
        )
