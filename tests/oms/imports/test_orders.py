"""Opening orders by file: whole or not at all, unrouted or reserved as the file says."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, select

from oms.audit.models import AuditRow
from oms.customers.models import Address, Customer
from oms.db import transaction
from oms.imports.models import ImportKind
from oms.inventory import condition, rules
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.ordering import placing, revisions
from oms.orders import queries
from oms.orders.models import Order, OrderRevision
from oms.outbox.models import OutboxRow
from oms.sourcing import routing_orders
from tests.builders import a_new_order, later
from tests.oms.imports.files import ORDER, a_file, faults, imported, result
from tests.oms.shop import Shop, balance, buckets, fill, held

ORDERS = ImportKind.ORDERS


def stocked(shop: Shop) -> None:
    with transaction() as session:
        fill(session, shop)


def placed(external_id: str = "E1") -> Order:
    with transaction() as session:
        found = queries.by_reference(session, channel="reference", external_id=external_id)
        assert found is not None
        return found


def test_an_order_comes_in_with_its_history_and_is_routed_afterwards(
    shop: Shop, tmp_path: Path
) -> None:
    stocked(shop)
    rows = [ORDER, {**ORDER, "line_id": "2", "sku": "LAMP", "quantity": 1, "reserve_at": "S02"}]
    task = imported(ORDERS, a_file(tmp_path, rows))
    assert result(task) == ("done", 1, 0, 0, 0)
    order = placed()
    assert order.placed_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (order.status.value, order.version, order.display_number) == ("captured", 1, "E1")
    with transaction() as session:
        assert buckets(session, order) == [{"unrouted": 2}, {"reserved": 1}]
        assert held(session, order) == {("LAMP", "S02"): 1}
        assert balance(session, shop.harbour, "LAMP") == (5, 1)
        assert session.get_one(Customer, order.customer_id).email == "ada@example.com"
        assert session.get_one(Address, order.address_id).city == "New York"
        [revision] = session.exec(
            select(OrderRevision).where(OrderRevision.order_id == order.id)
        ).all()
        assert (revision.number, revision.changes) == (1, "imported")
        assert session.exec(
            select(AuditRow.action).where(AuditRow.subject_id == order.id)
        ).all() == ["order.imported"]
        assert session.exec(
            select(OutboxRow.topic).where(OutboxRow.subject_id == order.id)
        ).all() == ["order.imported"]  # no confirmation: the customer had one long ago
    made = routing_orders.route(order.id, actor="system")
    assert made is not None
    assert (len(made.fulfilment_ids) > 0, made.unfilled) == (True, 0)


def test_what_its_channel_has_sent_before_is_left_alone(shop: Shop, tmp_path: Path) -> None:
    stocked(shop)
    with transaction() as session:
        placing.place(session, a_new_order({"MUG": 1}, external_id="E1"), actor="test")
    version = placed().version
    rows = [ORDER, {**ORDER, "external_id": "E2"}]
    assert result(imported(ORDERS, a_file(tmp_path, rows))) == ("done", 1, 0, 1, 0)
    assert placed().version == version
    assert revisions is not None


def test_customers_are_recognised_by_their_address_within_a_file_and_before(
    shop: Shop, tmp_path: Path
) -> None:
    rows = [
        {**ORDER, "external_id": f"E{number}", "customer_email": email}
        for number, email in enumerate(["ada@example.com", "ADA@example.com", "", "", "b@x.org"])
    ]
    imported(ORDERS, a_file(tmp_path, rows))
    ids = [placed(f"E{number}").customer_id for number in range(5)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


def test_a_pickup_is_promised_by_its_stores_hours(shop: Shop, tmp_path: Path) -> None:
    row = {**ORDER, "delivery": "pickup", "pickup_store": "S01", "street": "", "city": ""}
    assert result(imported(ORDERS, a_file(tmp_path, [row]))) == ("done", 1, 0, 0, 0)
    order = placed()
    assert (order.pickup_location_id, order.address_id) == (shop.riverside.id, None)
    # Placed at five in the morning in New York; the store opens at eight and has two hours.
    assert order.promise_by == datetime(2026, 3, 1, 15, tzinfo=UTC)


def test_an_order_with_a_wrong_row_is_refused_whole(shop: Shop, tmp_path: Path) -> None:
    stocked(shop)
    one = {**ORDER, "delivery": "", "pickup_store": ""}
    rows = [
        one, {**one, "line_id": "2", "sku": "VASE"},
        {**one, "external_id": "E2"}, {**one, "external_id": "E2", "line_id": "2", "quantity": 0},
        {**one, "external_id": "E3", "reserve_at": "S01", "quantity": 4},
        {**one, "external_id": "E4", "reserve_at": "S01"},
        {**one, "external_id": "E5", "street": ""},
        {**one, "external_id": "E6", "delivery": "pickup", "pickup_store": "W01"},
        {**one, "external_id": "E7"}, {**one, "external_id": "E7", "line_id": "2", "city": "Rome"},
        {**one, "external_id": "E8"}, {**one, "external_id": "E8"},
        {**one, "external_id": "E9", "placed_at": "2026-03-01 10:00"},
        {**one, "external_id": "E10", "reserve_at": "S77"},
    ]  # fmt: skip
    task = imported(ORDERS, a_file(tmp_path, rows))
    assert (task.status.value, task.added, task.wrong) == ("done", 1, 13)
    assert [(one.line, one.column, one.reason) for one in faults(task)] == [
        (2, "", "is left out because line 3 is wrong"),
        (3, "sku", "there is no such product, nor a listing of the channel by this name"),
        (4, "", "is left out because line 5 is wrong"),
        (5, "quantity", "is less than 1"),
        (7, "reserve_at", "cannot be reserved: 1 free there"),
        (8, "street", "is empty, and the order is to be shipped"),
        (9, "pickup_store", "does not hand over pickups"),
        (10, "", "is left out because line 11 is wrong"),
        (11, "city", "differs from line 10 of the same order"),
        (12, "", "is left out because line 13 is wrong"),
        (13, "channel + external_id + line_id",
         "is there already, on line 12, which is the one that counts"),
        (14, "placed_at", "does not say its time zone; write it like 2026-05-01T12:00:00Z"),
        (15, "reserve_at", "there is no such location"),
    ]  # fmt: skip
    assert placed("E3").status.value == "captured"
    with transaction() as session:
        assert session.exec(select(col(Order.external_id))).all() == ["E3"]
        assert balance(session, shop.riverside) == (5, 4)


def test_rows_of_an_order_that_stand_apart_are_refused(shop: Shop, tmp_path: Path) -> None:
    rows = [{**ORDER, "external_id": f"E{number}"} for number in range(4_001)]
    rows.append({**ORDER, "external_id": "E0", "line_id": "2"})
    task = imported(ORDERS, a_file(tmp_path, rows))
    assert (task.added, task.wrong) == (4_001, 1)
    [fault] = faults(task)
    assert (fault.line, fault.reason) == (
        4_003,
        "is left out because line 2 belongs to the same order and does not stand beside it",
    )


def test_units_that_rules_keep_back_or_that_are_damaged_are_not_reserved(
    shop: Shop, tmp_path: Path
) -> None:
    stocked(shop)
    with transaction() as session:
        rules.set_rule(session, RuleKind.SAFETY, Scope(sku="MUG"), units=2, actor="olga")
        condition.set_apart(
            session, sku="MUG", location_id=shop.riverside.id, units=1, reason="x", actor="anna"
        )
        buffer = Scope(sku="LAMP", channel="reference")
        rules.set_rule(session, RuleKind.BUFFER, buffer, units=4, actor="olga")
    wanted = (("A", "MUG", 3), ("B", "MUG", 2), ("C", "LAMP", 2), ("D", "LAMP", 1))
    rows = [
        {**ORDER, "external_id": name, "sku": sku, "quantity": units, "reserve_at": "S01"}
        for name, sku, units in wanted
    ]
    task = imported(ORDERS, a_file(tmp_path, rows))
    assert result(task) == ("done", 2, 0, 0, 2)
    assert [one.reason for one in faults(task)] == [
        "cannot be reserved: 2 free there",
        "cannot be reserved: 1 free there",
    ]
    with transaction() as session:
        assert held(session, placed("B")) == {("MUG", "S01"): 2}
        assert held(session, placed("D")) == {("LAMP", "S01"): 1}


def test_units_ring_fenced_for_another_channel_are_not_reserved(shop: Shop, tmp_path: Path) -> None:
    stocked(shop)
    with transaction() as session:
        fence = Scope(sku="MUG", location_id=shop.riverside.id, channel="shopify")
        rules.set_rule(
            session, RuleKind.ALLOTMENT, fence, units=4, until=later(days=2), actor="olga"
        )
    task = imported(ORDERS, a_file(tmp_path, [{**ORDER, "quantity": 2, "reserve_at": "S01"}]))
    assert result(task) == ("done", 0, 0, 0, 1)
