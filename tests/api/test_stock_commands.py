"""`oms atp` and `oms rules`, as their user sees them; the guide shows what they print."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import application
from oms.catalogue.models import Product
from oms.db import transaction
from oms.errors import OmsError
from oms.inventory import condition, rules, supplies
from oms.inventory.rule_models import RuleKind
from oms.inventory.rules import Scope
from oms.ordering import checkout
from oms.orders.models import Delivery
from tests.builders import an_order, stock
from tests.oms.ordering.test_checkout import a_basket
from tests.oms.shop import a_shop

GUIDE = Path(__file__).parents[2] / "docs/inventory.md"
SET = "rules set safety 2 --category tableware --note walk-ins"


def run(command: str) -> Result:
    words = command.split()
    return CliRunner().invoke(application(words[0]), words, catch_exceptions=True)


@pytest.fixture
def shop(live_database: str) -> str:
    """The shop of the guide's example."""
    friday = datetime(2030, 11, 29, 8, tzinfo=UTC)
    with transaction() as session:
        shop = a_shop(session)
        place = shop.riverside
        session.get_one(Product, "MUG").category = "tableware"
        stock(session, place, MUG=20)
        scope = Scope("MUG", None, place.id, "marketplace")
        rules.set_rule(session, RuleKind.ALLOTMENT, scope, units=5, until=friday, actor="olga")
        an_order(session, {"MUG": 1}, channel="marketplace")
        an_order(session, {"MUG": 2}, channel="shopify")
        basket = a_basket(delivery=Delivery.PICKUP, pickup_store="S01", channel="shopify")
        checkout.keep(session, basket, actor="web")
        condition.set_apart(
            session, sku="MUG", location_id=place.id, units=2, reason="fell", actor="anna"
        )
        supplies.announce(
            session, document="PO-118", sku="MUG", location_id=place.id, units=12,
            expected_at=datetime(2030, 11, 20, tzinfo=UTC), actor="buyer",
        )  # fmt: skip
    for command in (SET, "rules set buffer 1 --channel shopify"):
        assert run(command).exit_code == 0
    return live_database


def test_the_explanation_is_the_one_in_the_guide(shop: str) -> None:
    command = "atp explain MUG --location S01 --channel shopify"
    shown = run(command)
    assert shown.exit_code == 0, shown.output
    _, _, rest = GUIDE.read_text().partition(f"$ oms {command}\n")
    example, _, _ = rest.partition("```")
    assert shown.output == example


def test_the_explanation_for_programs_adds_up(shop: str) -> None:
    [found] = json.loads(run("atp explain MUG --location S01 --channel shopify --json").output)
    taken = sum(part["units"] for part in found["deductions"])
    assert (found["on_hand"], taken, found["promisable"]) == (20, 13, 7)
    assert {part["what"] for part in found["deductions"] if part["rule_id"]} == {
        "safety by rule", "ring-fenced", "buffer",
    }  # fmt: skip
    assert found["incoming"][0]["units"] == 12


def test_rules_are_listed_ended_and_kept(shop: str) -> None:
    listed = json.loads(run("rules list --json").output)
    assert [(row["kind"], row["location"]) for row in listed] == [
        ("buffer", None), ("safety", None), ("allotment", "S01"),
    ]  # fmt: skip
    assert "tableware" in run("rules list").output
    ended = run(f"rules end {listed[0]['id']} --because over")
    assert ended.output == f"{listed[0]['id']} has ended\n"
    assert len(json.loads(run("rules list --json").output)) == 2
    assert len(json.loads(run("rules list --json --history").output)) == 3
    assert run(SET.replace("2", "3")).output.endswith("safety of 3 for category tableware\n")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("atp explain VASE", "not in the catalogue: VASE"),
        ("atp explain MUG --location S99", "there is no location 'S99'"),
        ("rules set buffer 1", "names its channel"),
        ("rules set safety -- -1", "is not between 0"),
        ("rules set safety 1 --until 2020-01-01", "has passed"),
    ],
)
def test_a_mistake_is_told_in_words(shop: str, command: str, says: str) -> None:
    error = run(command).exception
    assert isinstance(error, OmsError)
    assert says in error.message


def test_an_article_that_was_never_in_stock_is_told_so(shop: str) -> None:
    assert run("atp explain LAMP").output == "LAMP has never been in stock\n"
