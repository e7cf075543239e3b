"""Hot questions use an index and read few rows, in a shop of five million balances.

Each question is asked through the function that asks it in production, and PostgreSQL tells which
plan it carried out: once planned for these very values, once as it is kept for all values.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from bench import ground, volume
from bench.volume import id_of, location_id
from oms import db
from oms.capture import questions
from oms.db import read_rows
from oms.fulfilments import queries as fulfilments
from oms.fulfilments import ship_queue
from oms.inventory import availability, checkout_holds, movements, reservations
from oms.inventory.models import MovementKind
from oms.inventory.movements import Cause, Change
from oms.locations.models import Location
from oms.ordering import counting, expecting
from oms.orders import listing
from oms.orders import queries as orders
from oms.orders.models import OrderStatus
from oms.outbox import delivering
from oms.pickup import finding, queue
from oms.publishing import ledger, owing
from oms.reports import stock_at
from oms.sourcing import decisions
from tests import plans

SIZE = volume.Size(orders=100_000, open_fulfilments=10_000)
BIG = 50_000
SKUS = ["SKU000007", "SKU001234", "SKU002500"]
NEWEST = SIZE.orders
PLACE = location_id(NEWEST // 2 % SIZE.locations + 1)
FEW = 100
Question: TypeAlias = Callable[[Session], object]


def take(session: Session) -> object:
    change = Change(SKUS[0], PLACE, MovementKind.RESERVE, reserved=1)
    return movements.apply(session, [change], cause=Cause("test", None, "test"))


def take_in_a_batch(session: Session) -> object:
    return read_rows(session, questions.RESERVE, [SKUS, [PLACE] * 3, [1] * 3])


def known_messages(session: Session) -> object:
    keys = [f"orders/create {number}" for number in range(1, 201)]
    return read_rows(session, questions.KNOWN_MESSAGES, [["shop"] * 200, keys])


def known_orders(session: Session) -> object:
    return read_rows(
        session, questions.KNOWN_ORDERS, [["shop"] * 200, [str(n) for n in range(1, 201)]]
    )


def in_store(session: Session) -> object:
    place = session.get_one(Location, PLACE)
    return stock_at.movements(session, SKUS[0], place)


ORDER = id_of("order", NEWEST)
QUESTIONS: dict[str, tuple[Question, int]] = {
    "availability of articles": (lambda s: availability.of(s, SKUS), 6_000),
    "promisable units": (lambda s: availability.promisable(s, SKUS), 6_000),
    "locking an article": (lambda s: availability.lock(s, SKUS[:1]), 2_000),
    "a guarded take": (take, FEW),
    "guarded takes in a batch": (take_in_a_batch, FEW),
    "reservations of an order": (lambda s: reservations.held(s, ORDER), FEW),
    "stock behind an order": (lambda s: reservations.lock_stock(s, ORDER), FEW),
    "reservations of a fulfilment": (
        lambda s: reservations.of_fulfilment(s, id_of("fulfilment", NEWEST)),
        FEW,
    ),
    "orders that hold an article here": (
        lambda s: counting.claims(s, sku=SKUS[0], location_id=PLACE),
        FEW,
    ),
    "the ledger of an article here": (in_store, FEW),
    "supply that nobody waits for": (lambda s: expecting.uncommitted(s, SKUS), FEW),
    "checkout holds that are due": (lambda s: checkout_holds.next_due(s, limit=50), 200),
    "lapsed holds of articles": (lambda s: checkout_holds.lapsed(s, SKUS), 1_000),
    "the outbox": (lambda s: delivering.claim(s, limit=100), 2_000),
    "known messages": (known_messages, 500),
    "known orders": (known_orders, 500),
    "the pickup queue of a store": (lambda s: queue.queue(s, location_id=PLACE), 200),
    "the shipments of a location": (lambda s: ship_queue.queue(s, location_id=PLACE), 200),
    "fulfilments of an order": (lambda s: fulfilments.of_order(s, ORDER), FEW),
    "decisions about an order": (lambda s: decisions.of_order(s, ORDER), FEW),
    "the newest orders": (lambda s: listing.page(s), 200),
    "older orders": (lambda s: listing.page(s, older_than=5_000), 200),
    "orders in a state": (lambda s: listing.page(s, status=OrderStatus.IN_FULFILMENT), 11_000),
    "orders of a channel": (lambda s: listing.page(s, channel="shop"), 1_000),
    "orders of this customer": (lambda s: listing.page(s, search="customer9@example.com"), FEW),
    "an order by a number": (lambda s: listing.page(s, search=f"#{NEWEST}"), FEW),
    "an order by its reference": (lambda s: orders.named(s, f"shop:#{NEWEST}"), FEW),
    "a pickup by its order's number": (
        lambda s: finding.find(s, f"#{NEWEST - 2 * SIZE.locations + 1}", location_id=PLACE),
        FEW,
    ),
    "channels that have orders": (listing.channels, FEW),
    "stock owed to a channel": (lambda s: owing.claim(s, channel="shop", limit=100), 1_000),
    "owing what moved": (lambda s: owing.owe(s, channels=["shop"], skus=SKUS), 7_000),
    "what is new in the ledger": (lambda s: ledger.advance(s, channels=["till"]), 7_000),
}


@pytest.fixture(scope="module")
def crowded(own_database: str) -> Iterator[Engine]:
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        ground.network(connection, locations=SIZE.locations, skus=SIZE.skus)
        connection.execute("ALTER TABLE stock_balances SET UNLOGGED")
        volume.stock(connection)
        volume.history(connection, SIZE)
        connection.execute(  # stock is strewn at random; here some is to be taken
            "UPDATE stock_balances SET on_hand = 40, reserved = 0"
            " WHERE sku = ANY(%s) AND location_id = %s",
            [SKUS, PLACE],
        )
    engine = create_engine(db.sqlalchemy_url(own_database), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_hot_question_reads_few_rows_by_an_index(crowded: Engine, name: str, mode: str) -> None:
    ask, most = QUESTIONS[name]
    with Session(crowded) as session:
        big = set(session.scalars(text(f"SELECT relname FROM pg_class WHERE reltuples > {BIG}")))
        with plans.watched(session, plan_cache_mode=mode) as found:
            ask(session)
        session.rollback()
    assert found.statements
    read = [reading for reading in found.readings if reading.table in big]
    assert [reading for reading in read if reading.index is None] == []
    assert [reading for reading in read if reading.rows > most] == []
