"""What moved is learnt from the ledger, also what was committed out of order."""

import time

from sqlalchemy import delete
from sqlmodel import Session

from oms import db
from oms.inventory import receiving
from oms.locations import queries as locations
from oms.publishing import ledger
from oms.publishing.models import LedgerCursor, StockOwed
from tests.builders import an_order, stock
from tests.oms.publishing.stocked import a_listed_shop, owed
from tests.oms.shop import fill, routed, shipped

CHANNELS = ["shopify", "woocommerce"]


def forget(session: Session) -> None:
    session.execute(delete(StockOwed))


def test_the_first_look_owes_all_that_is_listed(session: Session) -> None:
    a_listed_shop(session)
    assert ledger.advance(session, channels=CHANNELS) is False
    assert set(owed(session)) == {(code, sku) for code in CHANNELS for sku in ("LAMP", "MUG")}


def test_a_movement_owes_its_article_to_the_channels_that_list_it(session: Session) -> None:
    shop = a_listed_shop(session, "shopify")
    ledger.advance(session, channels=CHANNELS)
    forget(session)
    stock(session, shop.depot, MUG=3)
    ledger.advance(session, channels=CHANNELS)
    assert owed(session) == {("shopify", "MUG"): 1}
    ledger.advance(session, channels=CHANNELS)
    assert owed(session) == {("shopify", "MUG"): 1}


def test_many_movements_make_one_row(session: Session) -> None:
    shop = a_listed_shop(session, "shopify")
    ledger.advance(session, channels=CHANNELS)
    forget(session)
    for _ in range(20):
        stock(session, shop.depot, MUG=1)
    ledger.advance(session, channels=CHANNELS)
    assert owed(session) == {("shopify", "MUG"): 1}


def test_goods_that_were_reserved_and_leave_change_nothing_for_sale(session: Session) -> None:
    shop = a_listed_shop(session, "shopify")
    fill(session, shop)
    [fulfilment] = routed(session, an_order(session, {"MUG": 1}))
    ledger.advance(session, channels=CHANNELS)
    forget(session)
    shipped(session, fulfilment)
    ledger.advance(session, channels=CHANNELS)
    assert owed(session) == {}


def test_a_channel_that_is_not_told_is_owed_nothing(session: Session) -> None:
    a_listed_shop(session, "shopify", "woocommerce")
    ledger.advance(session, channels=["woocommerce"])
    assert {channel for channel, _ in owed(session)} == {"woocommerce"}


def test_a_movement_that_is_committed_after_later_ones_is_found(live_database: str) -> None:
    with db.transaction() as session:
        a_listed_shop(session, "shopify")
    with db.transaction() as session:
        ledger.advance(session, channels=CHANNELS)
        forget(session)
    with Session(db.engine()) as late:
        stock(late, locations.by_code(late, "W01"), MUG=2)  # its id is drawn, not committed
        with db.transaction() as session:
            receiving.receive(
                session,
                sku="LAMP",
                location_id=locations.by_code(session, "S01").id,
                units=1,
                actor="test",
            )
        for _ in range(4):
            with db.transaction() as session:
                ledger.advance(session, channels=CHANNELS)
        with db.transaction() as session:
            assert owed(session) == {("shopify", "LAMP"): 1}
            cursor = session.get_one(LedgerCursor, "publishing")
            assert cursor.settled_to < cursor.read_to  # it waits for the one that still runs
        late.commit()
    # What is still open in other databases of the server counts as running, too: be patient.
    deadline = time.monotonic() + 60
    settled = False
    while not settled and time.monotonic() < deadline:
        with db.transaction() as session:
            ledger.advance(session, channels=CHANNELS)
            cursor = session.get_one(LedgerCursor, "publishing")
            settled = cursor.settled_to == cursor.read_to
    with db.transaction() as session:
        assert owed(session)["shopify", "MUG"] == 1
        cursor = session.get_one(LedgerCursor, "publishing")
        assert (cursor.settled_to, cursor.seen) == (cursor.read_to, 0)


def test_the_ledger_in_good_order_is_counted_and_not_owed_twice(live_database: str) -> None:
    with db.transaction() as session:
        shop = a_listed_shop(session, "shopify")
    with db.transaction() as session:
        ledger.advance(session, channels=CHANNELS)
        forget(session)
    with db.transaction() as session:
        stock(session, shop.depot, MUG=2)
    for _ in range(6):
        with db.transaction() as session:
            ledger.advance(session, channels=CHANNELS)
    with db.transaction() as session:
        assert owed(session) == {("shopify", "MUG"): 1}


def test_two_readers_do_not_disturb_each_other(live_database: str) -> None:
    with db.transaction() as session:
        a_listed_shop(session, "shopify")
    with db.transaction() as session:
        ledger.advance(session, channels=CHANNELS)
        forget(session)
    with db.transaction() as first:
        stock(first, locations.by_code(first, "W01"), MUG=2)
    with db.transaction() as first, db.transaction() as second:
        ledger.advance(first, channels=CHANNELS)
        assert ledger.advance(second, channels=CHANNELS) is False
    with db.transaction() as session:
        assert owed(session) == {("shopify", "MUG"): 1}
