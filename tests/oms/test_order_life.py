"""Everything that can happen to one order, in any sequence, against a model of three sentences.

The model knows for each unit whether somebody waits for it, whether it was given up, or whether it
has left the house; how many units each location has, how many of them are damaged, and where they
are in doubt; and which baskets keep some. After every step the shop must agree with
the model and every invariant must hold.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
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
from sqlmodel import Session, col, select

from oms import clock, db, invariants
from oms.audit.models import AuditRow
from oms.errors import Conflict, Locked, OmsError
from oms.fulfilments import giving_back, handing_over, packing, scanning
from oms.fulfilments import queries as fulfilments
from oms.fulfilments.models import Fulfilment, FulfilmentStatus, ParcelStatus, RejectReason
from oms.fulfilments.scanning import CarrierScan
from oms.inventory import availability, checkout_holds, condition, receiving, rules
from oms.inventory.checkout_models import CheckoutHold, CheckoutHoldLine, CheckoutHoldStatus
from oms.inventory.models import Reservation, ReservationStatus, StockBalance
from oms.inventory.movements import InsufficientStock
from oms.inventory.rule_models import CountWanted, RuleKind
from oms.inventory.rules import Scope
from oms.locations import queries as locations
from oms.locations.models import Location
from oms.ordering import cancelling, checkout, holds, placing, rerouting
from oms.ordering.cancelling import TooLate
from oms.ordering.checkout import Basket
from oms.orders import queries as orders
from oms.orders import states as order_states
from oms.orders.models import Delivery, HoldKind, Order
from oms.orders.new_order import NewOrder
from oms.outbox.models import OutboxRow
from oms.pickup import expiry, handover, preparing, settling, undoing
from oms.pickup.handover import Shown
from oms.pickup.models import Pickup, PickupStatus, Proof, Rest
from oms.sourcing import problems
from tests.builders import NEW_YORK, a_new_order, stock
from tests.oms.shop import a_label, a_shop, balance, packed, ready, routed, the_pickup, wanted

NOON = datetime(2026, 6, 15, 16, 0, tzinfo=UTC)
SKUS = ("MUG", "LAMP")
SCANS = ("accepted", "in_transit", "out_for_delivery", "delivered", "returned_to_sender", "lost")
LET_LIVE = 12
"""Steps before an order may be cancelled, or most would not live to see anything else."""
MEANWHILE = (
    "receive", "count", "hold", "forget", "set apart", "rule", "rule", "basket", "basket",
    "shopper leaves",
)  # fmt: skip
SELDOM = st.sampled_from([False, False, False, True])
IN_THE_HOUSE = (FulfilmentStatus.ALLOCATED, FulfilmentStatus.PICKING, FulfilmentStatus.PACKED)


@dataclass(slots=True)
class Model:
    """What must be true, kept apart from how the shop does it."""

    ordered: dict[str, int]
    open: dict[str, int]
    gone: dict[str, int] = field(default_factory=dict)
    given_up: dict[str, int] = field(default_factory=dict)
    on_hand: dict[tuple[str, str], int] = field(default_factory=dict)
    damaged: dict[tuple[str, str], int] = field(default_factory=dict)
    doubted: set[tuple[str, str]] = field(default_factory=set)
    baskets: dict[UUID, int] = field(default_factory=dict)
    """Units that each open checkout hold keeps."""

    def leave(self, units: dict[str, int], place: str) -> None:
        """These units have left the house, from this location."""
        for sku, count in units.items():
            self.open[sku] -= count
            self.gone[sku] = self.gone.get(sku, 0) + count
            self.on_hand[place, sku] -= count

    def give_up(self, units: dict[str, int]) -> None:
        """Nobody waits for these units any more; they stay where they are."""
        for sku, count in units.items():
            self.open[sku] -= count
            self.given_up[sku] = self.given_up.get(sku, 0) + count


class OrderLife(RuleBasedStateMachine):
    """One order, from its placing to whatever end."""

    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        self.session = in_a_savepoint(self.connection)
        self.now = NOON
        self.steps = 0
        self.told = 0
        self.known_parts: list[Fulfilment] | None = None
        self.known_pickups: list[Pickup] | None = None

    def teardown(self) -> None:
        """Undo everything but the shop."""
        self.session.close()

    @initialize(
        units=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1),
        pickup=st.booleans(),
        held=SELDOM,
        slow=SELDOM,
        basket=st.booleans(),
        lying=st.dictionaries(
            st.tuples(st.sampled_from(["S01", "S02", "W01"]), st.sampled_from(SKUS)),
            st.integers(1, 4),
            min_size=2,
        ),
    )
    def place(
        self,
        units: dict[str, int],
        pickup: bool,
        held: bool,
        slow: bool,
        basket: bool,
        lying: dict[tuple[str, str], int],
    ) -> None:
        """A channel sends an order to a shop that may or may not have the goods."""
        with clock.at(self.now):
            self.places = {place.code: place for place in locations.active(self.session)}
            for (code, sku), count in lying.items():
                stock(self.session, self.places[code], **{sku: count})
            new = a_new_order(units, pickup_store="S01" if pickup else None)
            hold = self.basket_of(new) if basket else None
            order = placing.place(
                self.session,
                replace(new, hold_id=hold.id if hold else None),
                actor="channel:reference",
            )
            if hold is not None:
                assert (hold.status, hold.order_id) == (CheckoutHoldStatus.CONVERTED, order.id)
                assert self.lines_at(Reservation) == self.lines_at(CheckoutHoldLine)
            if held:
                holds.place_hold(
                    self.session, order.id, kind=HoldKind.MANUAL, reason="look", actor="operator:o"
                )
        self.order_id: UUID = order.id
        self.model = Model(ordered=dict(units), open=dict(units), on_hand=dict(lying))
        if not slow:
            self.route()

    def basket_of(self, new: NewOrder) -> CheckoutHold | None:
        """The checkout hold that went before the order, if all of it was there."""
        basket = Basket(
            channel=new.channel,
            currency=new.currency,
            lines=tuple((line.channel_sku, line.quantity) for line in new.lines),
            delivery=new.delivery,
            pickup_store=new.pickup_store,
            country="US",
            postcode="10002",
            latitude=NEW_YORK[0],
            longitude=NEW_YORK[1],
        )
        try:
            with self.session.begin_nested():
                return checkout.keep(self.session, basket, actor="web")
        except placing.OutOfStock:
            return None

    def lines_at(self, table: type[Reservation | CheckoutHoldLine]) -> list[tuple[str, int, UUID]]:
        rows = self.session.exec(select(table)).all()
        return sorted((row.sku, row.quantity, row.location_id) for row in rows)

    @contextmanager
    def moment(self) -> Iterator[Session]:
        """A step a little later, that happens wholly or not at all."""
        self.now += timedelta(minutes=7)
        self.steps += 1
        self.known_parts, self.known_pickups = None, None
        with clock.at(self.now), self.session.begin_nested():
            yield self.session
        self.session.flush()

    def order(self) -> Order:
        return self.session.get_one(Order, self.order_id, populate_existing=True)

    def parts(self, *statuses: FulfilmentStatus) -> list[Fulfilment]:
        if self.known_parts is None:
            self.known_parts = list(fulfilments.of_order(self.session, self.order_id))
        return [part for part in self.known_parts if not statuses or part.status in statuses]

    def pickups(self, *statuses: PickupStatus) -> list[Pickup]:
        if self.known_pickups is None:
            rows = select(Pickup).where(Pickup.order_id == self.order_id)
            self.known_pickups = list(self.session.exec(rows).all())
        return [pickup for pickup in self.known_pickups if pickup.status in statuses]

    def code_of(self, part: Fulfilment) -> str:
        return next(code for code, place in self.places.items() if place.id == part.location_id)

    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        """Somebody does the next thing that is owed: route, pick, stage, hand over, carry."""
        steps = [self.route, *(partial(self.go_on, part, data) for part in self.workable())]
        data.draw(st.sampled_from(steps))()

    def workable(self) -> list[Fulfilment]:
        return [
            part
            for part in self.parts(*IN_THE_HOUSE, FulfilmentStatus.HANDED_OVER)
            if (part.kind.value, part.status.value) != ("pickup", "handed_over")
        ]

    def route(self) -> None:
        """Route what is open, unless a hold forbids it."""
        with self.moment() as session:
            if orders.open_holds(session, self.order_id):
                return
            if problems.task(session, orders.locked(session, self.order_id)) is not None:
                routed(session, self.order())

    def go_on(self, part: Fulfilment, data: st.DataObject) -> None:
        """Bring one fulfilment a step on."""
        match part.status, part.kind:
            case FulfilmentStatus.ALLOCATED, Delivery.SHIP:
                self.pack(part)
            case FulfilmentStatus.ALLOCATED, Delivery.PICKUP:
                with self.moment() as session:
                    ready(session, part)
            case FulfilmentStatus.PACKED, Delivery.SHIP:
                units = wanted(self.session, part)
                with self.moment() as session:
                    handing_over.to_carrier(session, part.id, actor="anna")
                self.model.leave(units, self.code_of(part))
            case FulfilmentStatus.PACKED, Delivery.PICKUP:
                self.collect(part, data)
            case _:
                self.scan(part, data.draw(st.sampled_from(SCANS)), data.draw(st.integers(0, 30)))

    def pack(self, part: Fulfilment) -> None:
        with self.moment() as session:
            for parcel in packed(session, part):
                label = a_label(f"T{part.number}-{parcel.number}")
                packing.attach_label(session, parcel.id, label, actor="carrier:simulated")

    def collect(self, part: Fulfilment, data: st.DataObject) -> None:
        """Somebody comes to the counter with the right code or a wrong one, and takes a part."""
        units = wanted(self.session, part)
        mistaken, undone = data.draw(SELDOM), data.draw(SELDOM)
        rest = data.draw(st.sampled_from(Rest))
        taken = {sku: data.draw(st.integers(0, count)) for sku, count in units.items()}
        taken = taken if any(taken.values()) else units
        with self.moment() as session:
            waiting = the_pickup(session, part)
            shown = Shown(Proof.CODE, "wrong!" if mistaken else waiting.code)
            try:
                outcome = handover.hand_over(
                    session, waiting.id, shown, taken=taken, rest=rest, actor="anna"
                )
            except Locked:
                return
            if not isinstance(outcome, Pickup):
                return
            if undone:
                undoing.undo(session, waiting.id, actor="anna")
                return
        with self.moment() as session:
            settling.settle(session, waiting.id)
        self.model.leave(taken, self.code_of(part))
        if rest is Rest.DECLINED:
            self.model.give_up({sku: count - taken.get(sku, 0) for sku, count in units.items()})

    def scan(self, part: Fulfilment, code: str, hours_ago: int) -> None:
        """The carrier reports something of a parcel, late or not."""
        parcel = fulfilments.parcels(self.session, part.id)[0]
        scan = CarrierScan(f"{code}-{self.now}", code, self.now - timedelta(hours=hours_ago))
        with self.moment() as session:
            scanning.add_scans(session, parcel.id, [scan], actor="carrier:simulated")

    @precondition(lambda self: self.parts(FulfilmentStatus.ALLOCATED))
    @rule(reason=st.sampled_from(RejectReason), named=st.booleans(), data=st.data())
    def reject(self, reason: RejectReason, named: bool, data: st.DataObject) -> None:
        """A location gives its work back, perhaps because goods are not there."""
        part = data.draw(st.sampled_from(self.parts(FulfilmentStatus.ALLOCATED)))
        units = wanted(self.session, part)
        skus = [min(units)] if named else []
        with self.moment() as session:
            if part.kind is Delivery.PICKUP:
                waiting = the_pickup(session, part)
                preparing.reject(session, waiting.id, reason=reason, skus=skus, actor="anna")
            else:
                giving_back.reject(session, part.id, reason=reason, skus=skus, actor="anna")
        for sku in skus or units:
            spot = (self.code_of(part), sku)
            if reason is RejectReason.NOT_FOUND:
                self.model.on_hand[spot] -= units[sku]
                self.model.doubted.add(spot)
            elif reason is RejectReason.DAMAGED:
                self.model.damaged[spot] = self.model.damaged.get(spot, 0) + units[sku]

    @precondition(lambda self: self.pickups(PickupStatus.READY))
    @rule(days=st.sampled_from([1, 3, 9]))
    def wait(self, days: int) -> None:
        """Days pass; reminders go out, and in the end the waiting is over."""
        self.now += timedelta(days=days)
        with self.moment() as session:
            for waiting in self.pickups(PickupStatus.READY):
                expiry.meet_deadline(session, waiting.id, version=waiting.version)

    @precondition(lambda self: self.pickups(PickupStatus.EXPIRED, PickupStatus.TO_PUT_BACK))
    @rule()
    def put_back(self) -> None:
        """The goods nobody fetched, or nobody wants, are on the shelf again."""
        waiting = self.pickups(PickupStatus.EXPIRED, PickupStatus.TO_PUT_BACK)[0]
        expired = waiting.status is PickupStatus.EXPIRED
        part = self.session.get_one(Fulfilment, waiting.fulfilment_id)
        with self.moment() as session:
            expiry.put_back(session, waiting.id, actor="anna")
        if expired:
            self.model.give_up(wanted(self.session, part))

    @precondition(lambda self: self.steps > LET_LIVE)
    @rule()
    def cancel(self) -> None:
        """The customer calls it off; what has left stays so."""
        left = {sku: count for sku, count in self.model.open.items() if count}
        try:
            with self.moment() as session:
                cancelling.cancel(session, self.order_id, actor="operator:o", reason="test")
        except TooLate:
            assert not left
        else:
            assert left
            self.model.give_up(left)

    @rule(data=st.data())
    def meanwhile(self, data: st.DataObject) -> None:
        """Something else happens in the shop."""
        code, sku = data.draw(st.sampled_from(["S01", "S02"])), data.draw(st.sampled_from(SKUS))
        match data.draw(st.sampled_from(MEANWHILE)):
            case "receive":
                self.receive(code, sku)
            case "count":
                self.count(code, sku, data.draw(st.integers(0, 9)))
            case "hold":
                self.hold(place=data.draw(SELDOM))
            case "set apart":
                self.set_apart(code, sku, data.draw(st.integers(-2, 2)))
            case "rule":
                self.rule(data, code, sku)
            case "basket":
                self.keep_basket(data, sku)
            case "shopper leaves":
                self.shoppers_leave(expired=data.draw(st.booleans()))
            case _:
                with self.moment() as session:
                    rerouting.forget_rejections(session, self.order_id, actor="operator:o")

    def receive(self, code: str, sku: str) -> None:
        place = self.places[code]
        with self.moment() as session:
            receiving.receive(session, sku=sku, location_id=place.id, units=2, actor="dock")
        self.model.on_hand[code, sku] = self.model.on_hand.get((code, sku), 0) + 2

    def count(self, code: str, sku: str, units: int) -> None:
        """Somebody counts a shelf; a count below what is promised and damaged is refused."""
        place = self.places[code]
        promised = self.model.damaged.get((code, sku), 0)
        if (code, sku) in self.model.on_hand:
            promised += balance(self.session, place, sku)[1]
        try:
            with self.moment() as session:
                receiving.count(session, sku=sku, location_id=place.id, units=units, actor="anna")
        except Conflict:
            assert units < promised
        else:
            assert units >= promised
            self.model.on_hand[code, sku] = units
            self.model.doubted.discard((code, sku))

    def set_apart(self, code: str, sku: str, units: int) -> None:
        """Somebody finds damaged units, or finds that they are not so bad."""
        if not units or (code, sku) not in self.model.on_hand:
            return
        place, spot = self.places[code], (code, sku)
        on_hand, reserved = balance(self.session, place, sku)
        apart = self.model.damaged.get(spot, 0)
        change = condition.set_apart if units > 0 else condition.restore
        try:
            with self.moment() as session:
                change(
                    session,
                    sku=sku,
                    location_id=place.id,
                    units=abs(units),
                    reason="look",
                    actor="anna",
                )
        except InsufficientStock:
            assert apart + units < 0 or apart + units + reserved > on_hand
        else:
            self.model.damaged[spot] = apart + units

    def rule(self, data: st.DataObject, code: str, sku: str) -> None:
        """Somebody keeps stock back, for everybody or for one channel, or stops doing so."""
        with self.moment() as session:
            known = rules.in_force(session)
            if known and data.draw(SELDOM):
                rule = data.draw(st.sampled_from(list(known)))
                rules.end_rule(session, rule.id, actor="olga", because="test")
                return
            channel = data.draw(st.sampled_from(["reference", "shopify"]))
            kind, scope = data.draw(
                st.sampled_from(
                    [
                        (RuleKind.SAFETY, Scope()),
                        (RuleKind.SAFETY, Scope(sku=sku, channel=channel)),
                        (RuleKind.BUFFER, Scope(channel=channel)),
                        (RuleKind.ALLOTMENT, Scope(sku, None, self.places[code].id, channel)),
                    ]
                )
            )
            units = data.draw(st.integers(0, 3))
            rules.set_rule(session, kind, scope, units=units, actor="olga")

    def keep_basket(self, data: st.DataObject, sku: str) -> None:
        """Another shopper keeps some of what is there; what channels may have is never exceeded."""
        channel = data.draw(st.sampled_from(["reference", "shopify"]))
        units = data.draw(st.integers(1, 3))
        basket = Basket(
            channel=channel, currency="USD", lines=((sku, units),), country="US", postcode="10002"
        )
        with clock.at(self.now):
            most = max(
                availability.promisable(self.session, [sku], channel=channel).values(), default=0
            )
            others = {
                place: availability.promisable(self.session, [sku], channel=place)
                for place in ("reference", "shopify", None)
                if place != channel
            }
        lapsed = any(
            hold.expires_at <= self.now + timedelta(minutes=7) for hold in self.open_baskets()
        )
        try:
            with self.moment() as session:
                hold = checkout.keep(session, basket, actor="web", minutes=10)
        except placing.OutOfStock:
            assert units > most
            return
        assert units <= most or lapsed
        self.model.baskets[hold.id] = units
        if not lapsed:
            self.nobody_lost_what_is_theirs(sku, hold, others)

    def nobody_lost_what_is_theirs(
        self,
        sku: str,
        hold: CheckoutHold,
        before: dict[str | None, Mapping[tuple[str, UUID], int]],
    ) -> None:
        """A basket takes from others at most what was common, never what is ring-fenced."""
        [line] = checkout_holds.lines(self.session, hold.id)
        spot = (sku, line.location_id)
        for channel, had in before.items():
            has = availability.promisable(self.session, [sku], channel=channel).get(spot, 0)
            assert has >= had.get(spot, 0) - (line.quantity - line.allotted)

    def open_baskets(self) -> list[CheckoutHold]:
        return list(
            self.session.exec(
                select(CheckoutHold).where(CheckoutHold.status == CheckoutHoldStatus.OPEN)
            ).all()
        )

    def shoppers_leave(self, *, expired: bool) -> None:
        """A shopper says that nothing will come of it; or says nothing, and time passes."""
        if expired:
            self.now += timedelta(minutes=10)
            with self.moment() as session:
                due = checkout_holds.next_due(session, limit=99)
                assert set(due) == set(self.model.baskets)
                checkout_holds.expire(session, due)
        elif self.model.baskets:
            with self.moment() as session:
                checkout_holds.release(session, min(self.model.baskets), actor="web")

    def hold(self, *, place: bool) -> None:
        """Somebody holds the order, or lets it go; what does not fit is refused."""
        has = bool(orders.open_holds(self.session, self.order_id))
        closed = self.order().status in order_states.CLOSED
        about = {"kind": HoldKind.MANUAL, "actor": "operator:o"}
        try:
            with self.moment() as session:
                if place:
                    holds.place_hold(session, self.order_id, reason="look", **about)  # type: ignore[arg-type]
                else:
                    holds.release_hold(session, self.order_id, **about)  # type: ignore[arg-type]
        except OmsError:
            assert (has or closed) if place else not has

    @invariant()
    def the_shop_agrees_with_the_model(self) -> None:
        """Every unit is where the model has it, and nothing that must hold is broken."""
        if not hasattr(self, "model"):
            return
        for line in orders.lines(self.session, self.order_id):
            sku = line.sku
            assert line.quantity == self.model.ordered[sku]
            assert line.unrouted + line.reserved + line.backordered == self.model.open[sku]
            assert line.fulfilled == self.model.gone.get(sku, 0)
            assert line.cancelled == self.model.given_up.get(sku, 0)
            assert line.short == 0
        lying = self.session.exec(
            select(Location.code, StockBalance.sku, StockBalance.on_hand).join(
                Location, col(Location.id) == StockBalance.location_id
            )
        ).all()
        assert {(code, sku): units for code, sku, units in lying if units} == {
            spot: units for spot, units in self.model.on_hand.items() if units
        }
        self.stock_states_agree()
        order = self.order()
        waits = any(self.model.open.values())
        under_way = any(
            part.kind.value == "ship" for part in self.parts(FulfilmentStatus.HANDED_OVER)
        )
        assert (order.status in order_states.CLOSED) is not (waits or under_way)
        assert (order.closed_at is not None) is (order.status in order_states.CLOSED)
        if not waits:
            assert not self.parts(*IN_THE_HOUSE)
        assert invariants.broken(self.session) == []

    def stock_states_agree(self) -> None:
        """Damaged and doubted units and open baskets are those that the model knows."""
        codes = {place.id: code for code, place in self.places.items()}
        rows = self.session.exec(
            select(
                StockBalance.sku,
                StockBalance.location_id,
                StockBalance.damaged,
                StockBalance.reserved,
            )
        ).all()
        apart = {(codes[place], sku): damaged for sku, place, damaged, _ in rows if damaged}
        assert apart == {spot: units for spot, units in self.model.damaged.items() if units}
        wanted_counts = self.session.exec(
            select(CountWanted).where(col(CountWanted.done_at).is_(None))
        )
        assert {(codes[row.location_id], row.sku) for row in wanted_counts} == self.model.doubted
        still_open = {hold.id for hold in self.open_baskets()}
        assert still_open <= set(self.model.baskets)
        for gone in set(self.model.baskets) - still_open:
            del self.model.baskets[gone]
        lines = orders.lines(self.session, self.order_id)
        reserved = sum(line.reserved for line in lines) + sum(self.model.baskets.values())
        lying = select(Reservation).where(Reservation.status == ReservationStatus.ASIDE)
        aside = list(self.session.exec(lying).all())
        reserved += sum(row.quantity for row in aside)
        assert bool(aside) is bool(self.pickups(PickupStatus.TO_PUT_BACK))
        assert sum(row[3] for row in rows) == reserved

    @invariant()
    def everything_is_told_and_nothing_is_untold(self) -> None:
        """Audit and outbox only grow, and each state of a part was told exactly once."""
        if not hasattr(self, "model"):
            return
        audit = self.session.exec(select(AuditRow).where(AuditRow.order_id == self.order_id)).all()
        outbox = self.session.exec(
            select(OutboxRow).where(OutboxRow.order_id == self.order_id)
        ).all()
        assert len(audit) + len(outbox) >= self.told
        self.told = len(audit) + len(outbox)
        for part in self.parts():
            moves = [row for row in audit if row.subject_id == part.id]
            versions = [row.version for row in outbox if row.subject_id == part.id]
            assert sorted(row.facts["version"] for row in moves) == sorted(versions)
            assert sorted(versions) == list(range(1, part.version + 1))
            for parcel in fulfilments.parcels(self.session, part.id):
                voided = parcel.status is ParcelStatus.VOIDED
                assert voided is (part.status is FulfilmentStatus.CANCELLED)


def in_a_savepoint(connection: Connection) -> Session:
    return Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)


def test_whatever_happens_to_an_order_every_unit_is_accounted_for(database_url: str) -> None:
    engine = create_engine(db.sqlalchemy_url(database_url), poolclass=NullPool)
    with engine.connect() as connection:
        outer = connection.begin()
        with in_a_savepoint(connection) as session:
            a_shop(session)
            session.commit()
        OrderLife.connection = connection
        run_state_machine_as_test(
            OrderLife,
            settings=settings(
                max_examples=70,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
        outer.rollback()
    engine.dispose()
