"""Whatever happens to a sold order: goods are where they really are, and money adds up.

The model knows how many units of each article lie where and how many of them are set apart, and
which units were refunded. RETURN_SEQUENCES=2000 runs as many sequences; the tests run a few.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from oms import clock, db, invariants
from oms.errors import Conflict
from oms.locations import queries as locations
from oms.ordering import placing
from oms.orders import queries as orders
from oms.orders.new_order import NewLine
from oms.payments import capturing, ledger, refunding
from oms.returns import asking, disposing, queries, receiving, settling, states
from oms.returns.asking import Wanted
from oms.returns.models import Condition, Disposition, Return, ReturnStatus, Way
from tests.builders import a_new_order, stock
from tests.oms.returns.parcels import lying
from tests.oms.shop import a_shop, routed, shipped
from tests.oms.test_order_life import NOON, in_a_savepoint

SKUS = ("MUG", "LAMP")
SEQUENCES = int(os.environ.get("RETURN_SEQUENCES", "5"))


@st.composite
def priced(draw: st.DrawFn, sku: str) -> NewLine:
    """A line with a discount and a tax."""
    units, price = draw(st.integers(1, 3)), draw(st.integers(0, 5_000))
    discount = draw(st.integers(0, units * price))
    tax = (units * price - discount) * draw(st.sampled_from([0, 7, 19])) // 100
    return NewLine(sku, sku, sku, units, price, tax_minor=tax, discount_minor=discount)


class ReturnLife(RuleBasedStateMachine):
    """One order that was sent, and everything that may come of it."""

    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        self.session = in_a_savepoint(self.connection)
        self.now = NOON
        self.here: Counter[tuple[str, str]] = Counter()
        self.apart: Counter[tuple[str, str]] = Counter()

    def teardown(self) -> None:
        """Give the rest back: then all that was captured is given back, to the last unit."""
        if hasattr(self, "sold"):
            with self.moment() as session:
                self.refund_the_rest(session)
            payments = ledger.locked(self.session, self.order_id)
            assert sum(one.captured_minor for one in payments) == self.total
            assert sum(one.refunded_minor for one in payments) == self.total
            assert invariants.broken(self.session) == []
        self.session.close()

    @initialize(
        mug=priced("MUG"), lamp=priced("LAMP"), shipping=st.integers(0, 999), data=st.data()
    )
    def sell(self, mug: NewLine, lamp: NewLine, shipping: int, data: st.DataObject) -> None:
        """An order is placed, paid at its channel, and sent."""
        lines = (mug, lamp)
        goods = sum(
            line.unit_price_minor * line.quantity - line.discount_minor + line.tax_minor
            for line in lines
        )
        self.total = goods + shipping - data.draw(st.integers(0, goods // 3))
        new = replace(a_new_order(), lines=lines, shipping_minor=shipping, total_minor=self.total)
        with clock.at(self.now):
            self.places = {place.code: place for place in locations.active(self.session)}
            for place in self.places.values():
                stock(self.session, place, MUG=3, LAMP=3)
            order = placing.place(self.session, new, actor="channel:reference")
            for part in routed(self.session, order):
                shipped(self.session, part)
            capturing.settle(self.session, order.id)
        self.order_id: UUID = order.id
        self.lines = {line.sku: line.id for line in orders.lines(self.session, order.id)}
        self.sold = {line.channel_sku: line.quantity for line in lines}
        for place in self.places.values():
            for sku in SKUS:
                self.here[place.code, sku] = lying(self.session, place, sku)[0]

    @contextmanager
    def moment(self) -> Iterator[Session]:
        """A step a little later, that happens wholly or not at all."""
        self.now += timedelta(hours=1)
        with clock.at(self.now), self.session.begin_nested():
            yield self.session
        self.session.flush()

    def returns(self, *statuses: ReturnStatus) -> list[Return]:
        rows = queries.of_order(self.session, self.order_id)
        return [row for row in rows if row.status in statuses]

    def refund_the_rest(self, session: Session) -> None:
        done = refunding.refunded_units(session, self.order_id)
        left = {
            self.lines[sku]: units - done.get(self.lines[sku], 0)
            for sku, units in self.sold.items()
        }
        try:
            refunding.refund(
                session, self.order_id, {line: n for line, n in left.items() if n > 0},
                cause="the rest", reason="drained", actor="test",
            )  # fmt: skip
        except refunding.NotCaptured:
            assert self.total == 0 or not any(left.values()), "money was lost"

    @rule(units=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 4), min_size=1))
    def ask(self, units: dict[str, int]) -> None:
        """The customer wants to give something back, perhaps more than there is."""
        coming = queries.units_coming(self.session, self.order_id)
        possible = all(
            count <= self.sold[sku] - coming.get(self.lines[sku], 0) for sku, count in units.items()
        )
        wanted = [Wanted(self.lines[sku], count) for sku, count in units.items()]
        try:
            with self.moment() as session:
                row = asking.ask(session, self.order_id, wanted, way=Way.MAIL, actor="customer")
        except Conflict:
            assert not possible
        else:
            assert possible
            # All that comes of it is refunded whole, or the parts would not add up to the total.
            row.with_shipping = True

    @precondition(lambda self: self.returns(ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED))
    @rule(
        code=st.sampled_from(["S01", "W01"]),
        units=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 2), min_size=1),
        data=st.data(),
    )
    def receive(self, code: str, units: dict[str, int], data: st.DataObject) -> None:
        """Goods come in somewhere: those that were announced, or others."""
        open_rows = self.returns(ReturnStatus.AUTHORISED, ReturnStatus.RECEIVED)
        row = data.draw(st.sampled_from(open_rows))
        with self.moment() as session:
            receiving.receive(
                session, row.id, units, location_id=self.places[code].id, actor="anna"
            )
        for sku, count in units.items():
            self.here[code, sku] += count
            self.apart[code, sku] += count

    @precondition(lambda self: self.returns(ReturnStatus.RECEIVED, ReturnStatus.INSPECTED))
    @rule(disposition=st.sampled_from(Disposition), data=st.data())
    def work(self, disposition: Disposition, data: st.DataObject) -> None:
        """Somebody looks at goods, or decides what becomes of them."""
        rows = self.returns(ReturnStatus.RECEIVED, ReturnStatus.INSPECTED)
        row = data.draw(st.sampled_from(rows))
        goods = [one for one in queries.goods(self.session, row.id) if one.disposed_at is None]
        if not goods:
            return
        one = data.draw(st.sampled_from(goods))
        code = next(code for code, place in self.places.items() if place.id == one.location_id)
        if one.condition is None:
            with self.moment() as session:
                receiving.inspect(session, row.id, one.id, condition=Condition.OPENED, actor="anna")
            return
        to = self.places["S02"].id if disposition is Disposition.TRANSFER else None
        with self.moment() as session:
            disposing.dispose(session, row.id, one.id, disposition, actor="anna", to_location_id=to)
        if disposition is not Disposition.REFURBISH:
            self.apart[code, one.sku] -= one.units
        if disposition not in (Disposition.REFURBISH, Disposition.SELLABLE):
            self.here[code, one.sku] -= one.units

    @rule(twice=st.booleans())
    def steps(self, twice: bool) -> None:
        """The workflow takes what is owed, perhaps twice."""
        for row in queries.of_order(self.session, self.order_id):
            for _ in range(1 + twice):
                with self.moment() as session:
                    settling.give_money_back(session, row.id)
                    settling.close(session, row.id)

    @rule(sku=st.sampled_from(SKUS), key=st.sampled_from(["a", "b"]))
    def by_hand(self, sku: str, key: str) -> None:
        """Somebody gives the money of a unit back without its coming."""
        try:
            with self.moment() as session:
                refunding.refund(
                    session, self.order_id, {self.lines[sku]: 1}, cause=f"asked:{key}",
                    reason="sorry", actor="olga",
                )  # fmt: skip
        except Conflict:
            done = refunding.refunded_units(self.session, self.order_id)
            payments = ledger.locked(self.session, self.order_id)
            left = sum(ledger.left_minor(one) for one in payments)
            assert done.get(self.lines[sku], 0) == self.sold[sku] or left == 0

    @rule(days=st.sampled_from([1, 15, 25]))
    def wait(self, days: int) -> None:
        """Time passes; who waits too long is told, and then it is over."""
        self.now += timedelta(days=days)
        for row in self.returns(ReturnStatus.AUTHORISED):
            with self.moment() as session:
                settling.meet_deadline(session, row.id, version=row.version)

    @precondition(lambda self: self.returns(ReturnStatus.EXPIRED))
    @rule()
    def reopen(self) -> None:
        """Somebody gives in."""
        [row, *_] = self.returns(ReturnStatus.EXPIRED)
        try:
            with self.moment() as session:
                asking.authorise(session, row.id, reason="the post", actor="olga")
        except asking.ReturnedBefore:
            return
        assert row.status in states.LIVE

    @invariant()
    def goods_are_where_they_are_and_nothing_is_broken(self) -> None:
        if not hasattr(self, "sold"):
            return
        for code, place in self.places.items():
            for sku in SKUS:
                assert lying(self.session, place, sku) == (
                    self.here[code, sku], self.apart[code, sku],
                )  # fmt: skip
        assert invariants.broken(self.session) == []


def test_whatever_happens_to_a_sold_order_goods_and_money_add_up(database_url: str) -> None:
    engine = create_engine(db.sqlalchemy_url(database_url), poolclass=NullPool)
    with engine.connect() as connection:
        outer = connection.begin()
        with in_a_savepoint(connection) as session:
            a_shop(session)
            session.commit()
        ReturnLife.connection = connection
        run_state_machine_as_test(
            ReturnLife,
            settings=settings(
                max_examples=SEQUENCES,
                stateful_step_count=15,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
        outer.rollback()
    engine.dispose()
