"""Ask the database what a batch must know, in one round trip."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from oms import clock
from oms.capture import questions, requests
from oms.capture.arrivals import Arrival, Message
from oms.capture.holding import Connection
from oms.capture.network import View
from oms.locations import geography
from oms.ordering import placing
from oms.orders.new_order import NewAddress


class NetworkChanged(Exception):
    """The network is not the one in memory. Read it again and start over."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The answers to a batch's questions."""

    locked: frozenset[str]
    messages: Mapping[tuple[str, str], UUID]
    requests: requests.Known
    orders: frozenset[tuple[str, str]]
    articles: Mapping[tuple[str, str], tuple[str, int, str]]
    """SKU, weight and category by channel and by what the channel calls it."""
    customers: Mapping[str, tuple[str, UUID | None]]
    """By e-mail address as it was written: as the database folds it, and whose it is."""
    postcodes: Mapping[tuple[str, str], tuple[float, float]]


async def ask(connection: Connection, view: View, arrivals: Sequence[Arrival]) -> Facts:
    """Ask all that can be asked at once. Raises `NetworkChanged`."""
    orders = [one.new for one in arrivals]
    references = {one.reference for one in arrivals}
    keys = {one.key for one in arrivals if isinstance(one.by, Message)}
    skus = {(new.channel, line.channel_sku) for new in orders for line in new.lines}
    emails = {email for new in orders if (email := new.customer_email.strip())}
    places = {place for new in orders if (place := _unmapped(new.address)) is not None}
    locks = sorted(placing.reference_lock(*reference) for reference in references)
    requested = await requests.ask(connection, arrivals)
    asked = [
        # The locks come first: what is read after them is not changed by others any more.
        await connection.execute(questions.LOCK_REFERENCES, [locks]),
        await connection.execute(questions.NETWORK),
        await connection.execute(questions.KNOWN_MESSAGES, _columns(keys)),
        # Planned anew each time: a plan made while the table was empty would read all of a
        # channel's rows by another index once it has grown, until the table is analysed.
        await connection.execute(questions.KNOWN_ORDERS, _columns(references), prepare=False),
        await connection.execute(questions.ARTICLES, [*_columns(skus), clock.now()]),
        await connection.execute(questions.CUSTOMERS, [list(emails)]),
        await connection.execute(questions.POSTCODES, _columns(places)),
    ]
    locked, network, messages, known, articles, customers, postcodes = [
        await cursor.fetchall() for cursor in asked
    ]
    if network != [(view.version,)]:
        raise NetworkChanged
    return Facts(
        locked=frozenset(name for name, got in locked if got),
        messages={(row[0], row[1]): row[2] for row in messages},
        requests=await requests.read(requested),
        orders=frozenset((row[0], row[1]) for row in known),
        articles={(row[0], row[1]): (row[2], row[3], row[4]) for row in articles},
        customers={row[0]: (row[1], row[2]) for row in customers},
        postcodes={(row[0], row[1]): (row[2], row[3]) for row in postcodes},
    )


def _unmapped(address: NewAddress | None) -> tuple[str, str] | None:
    """The postcode to look up, if the address has no coordinates."""
    if address is None or None not in (address.latitude, address.longitude):
        return None
    return place_of(address)


def place_of(address: NewAddress) -> tuple[str, str]:
    """Country and postcode as the map of postcodes has them."""
    plain = geography.plain_postcode(address.postcode, country=address.country)
    return address.country, plain


def _columns(rows: Collection[tuple[str, str]]) -> list[list[str]]:
    return [[first for first, _ in rows], [second for _, second in rows]]
