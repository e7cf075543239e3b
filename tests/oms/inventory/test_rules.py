"""Rules keep stock back: the best match counts, history stays, every balance follows at once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.models import AuditRow
from oms.catalogue.models import Product
from oms.errors import Conflict, Invalid
from oms.inventory import availability, opening, rules
from oms.inventory.availability import Availability
from oms.inventory.models import StockBalance
from oms.inventory.opening import Opening
from oms.inventory.rule_models import RuleKind, StockRule
from oms.inventory.rules import Scope
from oms.locations.models import Location
from oms.network import loading
from tests.builders import a_product, later, refused, stock
from tests.oms.shop import Shop, fill


def at(session: Session, place: Location, sku: str = "MUG", **asked: str) -> Availability:
    [row] = [
        row
        for row in availability.of(session, [sku], **asked)
        if row.location_id == place.id  # type: ignore[arg-type]
    ]
    return row


def rule(session: Session, kind: RuleKind, units: int, **scope: object) -> StockRule:
    return rules.set_rule(session, kind, Scope(**scope), units=units, actor="olga")  # type: ignore[arg-type]


def withheld(session: Session, place: Location, sku: str = "MUG") -> tuple[int, bool]:
    session.flush()
    row = session.get_one(StockBalance, (sku, place.id), populate_existing=True)
    return row.withheld, row.by_channel


@pytest.fixture
def full(session: Session, shop: Shop) -> Shop:
    """Ten mugs and lamps everywhere; mugs are tableware."""
    fill(session, shop, 10)
    session.get_one(Product, "MUG").category = "tableware"
    session.flush()
    return shop


def test_the_rule_that_says_most_exactly_what_it_means_counts(session: Session, full: Shop) -> None:
    here, there = full.riverside, full.harbour
    for units, scope, promised_here, promised_there in (
        (1, {}, 9, 9),
        (2, {"location_id": here.id}, 8, 9),
        (3, {"category": "tableware"}, 7, 7),
        (4, {"category": "tableware", "location_id": here.id}, 6, 7),
        (5, {"sku": "MUG"}, 5, 5),
        (0, {"sku": "MUG", "location_id": here.id}, 10, 5),
    ):
        rule(session, RuleKind.SAFETY, units, **scope)
        assert at(session, here).promisable == promised_here, scope
        assert at(session, there).promisable == promised_there, scope
    assert at(session, here, "LAMP").promisable == 8
    assert at(session, there, "LAMP").promisable == 9


def test_every_deduction_is_listed_and_they_add_up(session: Session, full: Shop) -> None:
    here = full.riverside
    spot = {"sku": "MUG", "location_id": here.id}
    opening.set_safety(session, [Opening("MUG", here.id, 0, safety=1)])
    rule(session, RuleKind.SAFETY, 2, category="tableware")
    rule(session, RuleKind.SAFETY, 3, **spot, channel="shopify")
    rule(session, RuleKind.BUFFER, 1, channel="shopify")
    rule(session, RuleKind.ALLOTMENT, 2, **spot, channel="shopify")
    rule(session, RuleKind.ALLOTMENT, 3, **spot, channel="marketplace")
    for channel, fenced, more, buffer, promisable in (
        ("shopify", 3, 1, 1, 2),
        ("marketplace", 2, 0, 0, 5),
        (None, 5, 0, 0, 2),
    ):
        assert at(session, here, channel=channel) == Availability(  # type: ignore[arg-type]
            sku="MUG", location_id=here.id, on_hand=10, reserved=0, safety=1, rule_safety=2,
            ring_fenced=fenced, channel_safety=more, buffer=buffer,
        )  # fmt: skip
        assert at(session, here, channel=channel).promisable == promisable  # type: ignore[arg-type]
    assert availability.promisable(session, ["MUG"], channel="shopify")["MUG", here.id] == 2


def test_more_deductions_than_goods_promise_nothing(session: Session, full: Shop) -> None:
    rule(session, RuleKind.SAFETY, 50)
    assert at(session, full.riverside).promisable == 0
    assert availability.promisable(session, ["MUG"]) == {}


def test_a_rule_set_anew_ends_the_old_one_and_both_are_in_the_history(
    session: Session, full: Shop
) -> None:
    first = rule(session, RuleKind.SAFETY, 2, sku="MUG")
    second = rule(session, RuleKind.SAFETY, 4, sku="MUG")
    assert at(session, full.riverside).promisable == 6
    assert [row.id for row in rules.in_force(session, sku="MUG")] == [second.id]
    assert [row.id for row in rules.in_force(session, with_history=True)] == [second.id, first.id]
    assert (first.units, first.ended_by, first.ended_because) == (2, "olga", "it was set anew")
    trail = session.exec(
        select(AuditRow.action, AuditRow.actor)
        .where(AuditRow.subject_type == "stock_rule")
        .order_by(col(AuditRow.id))
    ).all()
    assert trail == [("stock_rule.set", "olga"), ("stock_rule.set", "olga")]


def test_an_ended_rule_keeps_nothing_back_and_ends_once(session: Session, full: Shop) -> None:
    made = rule(session, RuleKind.BUFFER, 2, channel="shopify")
    assert withheld(session, full.riverside) == (0, True)
    rules.end_rule(session, made.id, actor="olga", because="season over")
    assert withheld(session, full.riverside) == (0, False)
    with refused(session, Conflict, "season over"):
        rules.end_rule(session, made.id, actor="olga", because="again")


def test_rules_whose_end_has_come_are_found(session: Session, full: Shop) -> None:
    made = rules.set_rule(
        session, RuleKind.SAFETY, Scope(), units=2, until=later(hours=1), actor="olga"
    )
    assert rules.next_due(session, limit=9) == []
    with clock.at(later(hours=2)):
        assert rules.next_due(session, limit=9) == [made.id]
        rules.end_rule(session, made.id, actor="system", because="its end date has come")
        assert rules.next_due(session, limit=9) == []
    assert at(session, full.riverside).promisable == 10


@pytest.mark.parametrize(
    ("kind", "scope", "units", "field"),
    [
        (RuleKind.SAFETY, {}, -1, "units"),
        (RuleKind.SAFETY, {}, 10**9, "units"),
        (RuleKind.SAFETY, {"sku": "MUG", "category": "tableware"}, 1, "category"),
        (RuleKind.BUFFER, {"sku": "MUG"}, 1, "channel"),
        (RuleKind.ALLOTMENT, {"sku": "MUG", "channel": "shopify"}, 1, "location"),
        (RuleKind.ALLOTMENT, {"channel": "shopify"}, 1, "sku"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_field(
    session: Session, full: Shop, kind: RuleKind, scope: dict[str, str], units: int, field: str
) -> None:
    with refused(session, Invalid) as refusal:
        rule(session, kind, units, **scope)
    assert refusal.error.field == field


def test_an_end_in_the_past_is_refused(session: Session, full: Shop) -> None:
    with refused(session, Invalid, "has passed"):
        rules.set_rule(
            session,
            RuleKind.SAFETY,
            Scope(),
            units=1,
            until=clock.now() - timedelta(minutes=1),
            actor="olga",
        )


def test_a_balance_that_is_opened_later_obeys_the_rules(session: Session, full: Shop) -> None:
    rule(session, RuleKind.SAFETY, 3)
    rule(session, RuleKind.BUFFER, 1, channel="shopify")
    a_product(session, "VASE")
    a_product(session, "BOWL")
    stock(session, full.riverside, VASE=5)
    opening.open_balances(session, [Opening("BOWL", full.harbour.id, 5)], awaited=(), actor="test")
    assert at(session, full.riverside, "VASE").promisable == 2
    assert at(session, full.harbour, "BOWL", channel="shopify").promisable == 1


def test_an_article_that_changes_its_category_follows_the_rules_of_the_new_one(
    session: Session, full: Shop
) -> None:
    rule(session, RuleKind.SAFETY, 4, category="sale")
    row = session.get_one(Product, "MUG")
    product = {
        "sku": "MUG", "name": row.name, "category": "sale", "weight_g": row.weight_g,
        "length_mm": row.length_mm, "width_mm": row.width_mm, "height_mm": row.height_mm,
        "price_minor": row.price_minor,
    }  # fmt: skip
    loading.load(session, {"currency": "USD", "products": [product]}, actor="test")
    assert at(session, full.riverside).promisable == 6


def test_one_place_says_what_of_a_balance_may_be_promised() -> None:
    root = Path(availability.__file__).parents[1]
    spelt = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"on_hand\s*-[^;\"]*withheld", path.read_text())
    }
    assert spelt == {"inventory/availability.py"}


def test_a_rule_for_one_location_counts_there_only_for_its_channel(
    session: Session, full: Shop
) -> None:
    here, there = full.riverside, full.harbour
    rule(session, RuleKind.BUFFER, 1, channel="shopify")
    rule(session, RuleKind.BUFFER, 3, channel="shopify", location_id=here.id)
    rows = availability.of(session, ["MUG", "LAMP"], channel="shopify")
    assert {(row.sku, row.location_id): row.buffer for row in rows} == {
        (sku, place.id): units
        for sku in ("MUG", "LAMP")
        for place, units in ((here, 3), (there, 1), (full.depot, 1))
    }
