"""Each invariant finds the corruption that it is there for, and is silent about a healthy shop."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from oms import invariants
from oms.inventory import rules, supplies
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.ordering import checkout, placing
from oms.pickup import arrivals, calling_off, slots
from oms.pickup.arrivals import Car
from oms.pickup.models import Pickup
from oms.publishing import owing
from oms.transfers import sending
from tests.builders import a_listing, a_new_order, an_order, later, stock
from tests.oms.ordering.test_checkout import a_basket
from tests.oms.pickup.car import at_the_car
from tests.oms.planting import Plant, found_after
from tests.oms.returns.plants import MONEY_AND_RETURNS
from tests.oms.shop import Shop, collected, fill, ready, routed, shipped

MESSAGE = (
    "INSERT INTO channel_messages (id, channel, dedupe_key, topic, reference, received_at,"
    " headers, body, status, attempts, repeats, outcome) VALUES (gen_random_uuid(), 'shopify',"
    " 'key', 'orders/create', '1', now(), '{}', '', '{status}', 0, 0, '')"
)

KEYED = (
    "WITH made AS (INSERT INTO stock_movement_keys VALUES ('k', now()) ON CONFLICT DO NOTHING)"
    " INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta,"
    " cause_type, actor, at, idempotency_key)"
    " SELECT sku, location_id, 'count', 0, 0, 'test', 'anna', now(), 'k' FROM stock_balances"
    " LIMIT 1"
)

TOLD = (
    "INSERT INTO stock_published (channel, channel_sku, place, sku, quantity, sellable, codes,"
    " version, published_at) VALUES"
    " ('shopify', 'MUG', '{place}', 'MUG', 90, 90, '{codes}', 1, now())"
)

PLANTS = (
    Plant(
        "reserved lies between zero and on hand",
        ("UPDATE stock_balances SET on_hand = 0 WHERE reserved > 0",),
        without=("stock_balances ck_stock_balances_reserved_within_on_hand",),
    ),
    Plant(
        "balances are the sum of the ledger",
        ("UPDATE stock_balances SET on_hand = on_hand + 1 WHERE sku = 'MUG'",),
    ),
    Plant(
        "balances are the sum of the ledger",
        ("DELETE FROM stock_movements WHERE kind = 'ship'",),
    ),
    Plant(
        "what is packed lies in live parcels, each unit once, and is filled while it is picked",
        ("UPDATE parcel_lines SET quantity = quantity + 1",),
    ),
    Plant(
        "what is packed lies in live parcels, each unit once, and is filled while it is picked",
        (
            "INSERT INTO open_parcels (fulfilment_id, number, length_mm, width_mm, height_mm,"
            " tare_g, closed) SELECT id, 1, 1, 1, 1, 0, false FROM fulfilments LIMIT 1",
        ),
    ),
    Plant(
        "balances are the sum of the ledger",
        (
            "INSERT INTO stock_carried SELECT sku, location_id, 1, 0, 0 FROM stock_balances"
            " WHERE sku = 'MUG'",
        ),
    ),
    Plant(
        "a movement that is made once has its key, and no other has it",
        (KEYED, "DELETE FROM stock_movement_keys"),
    ),
    Plant("a movement that is made once has its key, and no other has it", (KEYED, KEYED)),
    Plant(
        "reserved is the sum of held reservations, open checkout holds and transfers to be sent",
        (
            "UPDATE reservations SET status = 'released' WHERE id ="
            " (SELECT id FROM reservations WHERE status = 'held' LIMIT 1)",
        ),
    ),
    Plant(
        "reserved is the sum of held reservations, open checkout holds and transfers to be sent",
        ("UPDATE checkout_holds SET status = 'released', closed_at = now() WHERE status = 'open'",),
    ),
    Plant(
        "balances are the sum of the ledger",
        ("UPDATE stock_balances SET damaged = damaged + 1 WHERE on_hand > reserved + damaged",),
    ),
    Plant(
        "what a balance withholds is what rules, doubts and allotments keep back",
        ("UPDATE stock_balances SET withheld = withheld + 1 WHERE sku = 'LAMP'",),
    ),
    Plant(
        "what a balance withholds is what rules, doubts and allotments keep back",
        ("UPDATE stock_rules SET ended_at = now() WHERE kind = 'allotment'",),
    ),
    Plant(
        "what a balance withholds is what rules, doubts and allotments keep back",
        ("DELETE FROM stock_rules WHERE kind = 'buffer'",),
    ),
    Plant(
        "an allotment has no more units left and held than it was given",
        ("UPDATE stock_rules SET remaining = units WHERE kind = 'allotment'",),
    ),
    Plant(
        "units of an allotment are held where and for whom it is",
        ("UPDATE stock_rules SET channel = 'other' WHERE kind = 'allotment'",),
    ),
    Plant(
        "what was received of a supply is in the ledger",
        ("UPDATE supplies SET received = received + 1 WHERE kind = 'purchase'",),
    ),
    Plant(
        "what a transfer moves has left the place that it comes from",
        ("UPDATE supplies SET announced = announced + 1 WHERE kind = 'transfer'",),
    ),
    Plant(
        "an open checkout hold keeps stock, and a converted one was of its order's channel",
        ("DELETE FROM checkout_hold_lines",),
    ),
    Plant(
        "an open checkout hold keeps stock, and a converted one was of its order's channel",
        ("UPDATE checkout_holds SET channel = 'other' WHERE status = 'converted'",),
    ),
    Plant(
        "a line's reserved units are held for it",
        (
            "UPDATE order_lines SET reserved = 0, unrouted = reserved WHERE id ="
            " (SELECT line_id FROM reservations WHERE status = 'held' LIMIT 1)",
        ),
    ),
    Plant(
        "every ordered unit is in one bucket",
        ("UPDATE order_lines SET quantity = quantity + 1 WHERE reserved > 0",),
        without=("order_lines ck_order_lines_every_unit_in_one_bucket",),
    ),
    Plant(
        "a line is fulfilled by goods that left once",
        ("UPDATE order_lines SET fulfilled = 0, cancelled = fulfilled WHERE fulfilled > 0",),
    ),
    Plant(
        "a line is fulfilled by goods that left once",
        ("UPDATE fulfilments SET status = 'picking' WHERE status = 'handed_over'",),
    ),
    Plant(
        "one order per channel and external id",
        ("UPDATE orders SET external_id = 'same'",),
        without=("orders uq_orders_channel_external_id",),
    ),
    Plant(
        "every settled message has an order, a case, or carried none",
        (MESSAGE.replace("{status}", "applied"),),
    ),
    Plant(
        "every settled message has an order, a case, or carried none",
        (MESSAGE.replace("{status}", "parked"),),
    ),
    Plant(
        "a message is kept once, under its own key",
        (MESSAGE.replace("{status}", "ignored"),),
    ),
    Plant(
        "a message is kept once, under its own key",
        (
            "INSERT INTO channel_message_keys VALUES ('shopify', 'key', gen_random_uuid())",
            MESSAGE.replace("{status}", "ignored"),
        ),
    ),
    Plant(
        "at most one accepted writeback per fact and channel",
        tuple(
            "INSERT INTO writebacks (id, channel, kind, subject_id, order_id, status, version,"
            " attempts, created_at, accepted_at) SELECT gen_random_uuid(), 'shopify', 'shipped',"
            " min(id::text)::uuid, min(id::text)::uuid, 'accepted', 2, 1, now(), now() FROM orders"
            for _ in range(2)
        ),
        without=("writebacks uq_writebacks_channel_kind_subject_id",),
    ),
    Plant(
        "no channel was told of more than is unpromised, unless a correction is owed",
        (TOLD.format(place="", codes="*"),),
    ),
    Plant(
        "no channel was told of more than is unpromised, unless a correction is owed",
        (TOLD.format(place="L1", codes="S01 S02"),),
    ),
    Plant(
        "a collected pickup has proof, actor and time, and its goods have left",
        ("UPDATE pickups SET handed_over_by = NULL WHERE status = 'collected'",),
        without=("pickups ck_pickups_collected_has_proof",),
    ),
    Plant(
        "a collected pickup has proof, actor and time, and its goods have left",
        ("UPDATE pickups SET status = 'ready' WHERE status = 'collected'",),
    ),
    Plant(
        "a ready pickup lies on a shelf, and a closed one keeps no tote",
        ("UPDATE pickup_packages SET gone = false",),
    ),
    Plant(
        "goods lie aside as long as they are to be put back, and no longer",
        ("UPDATE pickups SET status = 'put_back' WHERE status = 'to_put_back'",),
    ),
    Plant(
        "a closed pickup has no visitor, and a visit that is over says nothing of the car",
        (
            "UPDATE arrivals SET status = 'here', here_at = now(), closed_at = NULL"
            " WHERE status = 'served'",
        ),
    ),
    Plant(
        "a closed pickup has no visitor, and a visit that is over says nothing of the car",
        ("UPDATE arrivals SET plate = 'AB 123' WHERE status = 'served'",),
        without=("arrivals ck_arrivals_car_is_forgotten",),
    ),
    Plant(
        "a slot has no more customers than its store received when they booked",
        (
            "INSERT INTO slot_bookings (id, order_id, location_id, starts_at, ends_at, capacity,"
            " promised_before, booked_at) SELECT gen_random_uuid(), o.id, b.location_id,"
            " b.starts_at, b.ends_at, 1, now(), now() FROM slot_bookings b"
            " JOIN orders o ON o.id <> b.order_id LIMIT 1",
        ),
    ),
    Plant(
        "reserved is the sum of held reservations, open checkout holds and transfers to be sent",
        ("UPDATE transfer_lines SET requested = requested + 1",),
    ),
    Plant(
        "what a transfer has sent is in transit, has come, or is missing on its document",
        ("UPDATE transfer_lines SET requested = 2, picked = 2 WHERE supply_id IS NOT NULL",),
    ),
    Plant(
        "what a transfer has sent is in transit, has come, or is missing on its document",
        ("UPDATE transfer_lines SET supply_id = NULL",),
    ),
    Plant(
        "what is sent to a store for a line is on transfers for its order that are under way",
        (
            "UPDATE order_lines SET reserved = reserved - 1, in_transfer = 1 WHERE id ="
            " (SELECT id FROM order_lines WHERE reserved > 0 LIMIT 1)",
        ),
    ),
    Plant(
        "a transfer that routing asked for cites a decision of its own order",
        ("UPDATE transfers SET decision_id = (SELECT id FROM routing_decisions LIMIT 1)",),
    ),
    Plant(
        "every fulfilment cites a decision of its own order",
        (
            "UPDATE fulfilments SET decision_id = (SELECT id FROM routing_decisions"
            " WHERE order_id <> fulfilments.order_id LIMIT 1)",
        ),
    ),
    Plant(
        "a line's stock is held where its fulfilment is",
        (
            "UPDATE fulfilments SET location_id ="
            " (SELECT id FROM locations WHERE code = 'W01') WHERE status = 'packed'",
        ),
    ),
    Plant(
        "a line's stock is held where its fulfilment is",
        ("UPDATE fulfilments SET status = 'cancelled' WHERE status = 'packed'",),
    ),
)


@pytest.fixture
def busy(session: Session, shop: Shop) -> Callable[[], list[str]]:
    """A shop with orders at every step; calling it says what is broken."""
    fill(session, shop)
    _rules_holds_and_supply(session, shop)
    an_order(session, {"MUG": 1})
    [sent] = routed(session, an_order(session, {"MUG": 1}))
    shipped(session, sent)
    [waits] = routed(session, an_order(session, {"LAMP": 1}, pickup_store="S01"))
    ready(session, waits)
    [fetched] = routed(session, an_order(session, {"LAMP": 1}, pickup_store="S01"))
    pickup = ready(session, fetched)
    _visitors(session, shop, waiting=waits.order_id)
    [unwanted] = routed(session, an_order(session, {"LAMP": 1}, pickup_store="S01"))
    calling_off.decline(session, ready(session, unwanted).id, actor="anna")
    collected(session, pickup)
    _transfers(session, shop)
    session.flush()
    assert invariants.broken(session) == []
    return lambda: invariants.broken(session)


def _visitors(session: Session, shop: Shop, *, waiting: UUID) -> None:
    """Both pickups have a customer at the car, and one of them a slot for one."""
    at_the_car(session, shop, slot_minutes=60, slot_capacity=1)
    for token in session.exec(select(Pickup.qr_token)).all():
        arrivals.here(session, token, Car(vehicle="blue hatchback"))
    slot = slots.free(session, shop.riverside, since=later(days=2), limit=1)[0]
    slots.reserve(session, waiting, starts_at=slot.starts_at, actor="web")


def _transfers(session: Session, shop: Shop) -> None:
    """One is asked for, one is on the way."""
    for leaves in (False, True):
        transfer = sending.request(
            session,
            from_location_id=shop.depot.id,
            to_location_id=shop.harbour.id,
            wanted={"ANVIL": 1},
            expected_at=later(days=2),
            actor="anna",
        )
        if leaves:
            sending.pick(session, transfer.id, picked={"ANVIL": 1}, actor="ben")
            sending.ship(session, transfer.id, actor="ben")


def _rules_holds_and_supply(session: Session, shop: Shop) -> None:
    spot = Scope(sku="MUG", location_id=shop.riverside.id, channel="reference")
    stock(session, shop.depot, ANVIL=9)
    rules.set_rule(session, RuleKind.ALLOTMENT, spot, units=4, actor="olga")
    rules.set_rule(session, RuleKind.BUFFER, Scope(channel="shopify"), units=1, actor="olga")
    hold = checkout.keep(session, a_basket(("MUG", 1)), actor="web")
    placing.place(session, replace(a_new_order({"MUG": 1}), hold_id=hold.id), actor="web")
    checkout.keep(session, a_basket(("LAMP", 1)), actor="web")
    expected = {"sku": "ANVIL", "units": 3, "expected_at": later(days=3), "actor": "buyer"}
    supply = supplies.announce(
        session,
        document="PO-1",
        location_id=shop.depot.id,
        **expected,  # type: ignore[arg-type]
    )
    supplies.receive(session, supply.id, units=1, actor="dock")
    supplies.transfer_out(
        session,
        document="TR-1",
        from_location_id=shop.depot.id,
        to_location_id=shop.harbour.id,
        **expected,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.finds.replace(" ", "_"))
@pytest.mark.usefixtures("busy")
def test_a_planted_corruption_is_found(session: Session, plant: Plant) -> None:
    assert found_after(session, plant)


def test_what_is_about_to_be_corrected_breaks_nothing(
    session: Session, busy: Callable[[], list[str]]
) -> None:
    session.execute(text(TOLD.format(place="", codes="*")))
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    assert busy()  # the article is not listed, so nothing is owed
    a_listing(session, channel="shopify", channel_sku="MUG", sku="MUG")
    owing.owe(session, channels=["shopify"], skus=["MUG"])
    assert busy() == []


def test_every_invariant_has_a_plant() -> None:
    planted = {plant.finds for plant in (*PLANTS, *MONEY_AND_RETURNS)}
    assert {name for name, _ in invariants.CHECKS} == planted


def test_a_finding_is_told_as_a_document(session: Session, shop: Shop) -> None:
    findings = invariants.check(session)
    assert [finding.document() for finding in findings] == [
        {"invariant": name, "violations": []} for name, _ in invariants.CHECKS
    ]


def test_at_most_twenty_violations_of_each_are_listed(session: Session, shop: Shop) -> None:
    savepoint = session.begin_nested()
    for number in range(25):
        session.execute(
            text(
                "INSERT INTO products (sku, name, category, weight_g, length_mm, width_mm,"
                " height_mm, price_minor, currency, created_at) VALUES"
                f" ('P{number}', '', '', 1, 1, 1, 1, 1, 'USD', now())"
            )
        )
        session.execute(
            text(
                "INSERT INTO stock_balances (sku, location_id, on_hand, reserved, safety)"
                f" VALUES ('P{number}', :place, 1, 0, 0)"
            ),
            {"place": shop.riverside.id},
        )
    found = invariants.broken(session)
    savepoint.rollback()
    assert len(found) == 20
