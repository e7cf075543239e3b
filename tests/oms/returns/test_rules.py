"""The most particular rule holds, and the law holds beside it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from oms.returns.models import Ground
from oms.returns.rules import STANDARD, Facts, Rule, RuleSet, terms, together

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
HERE = Facts(
    sku="MUG", category="kitchen", channel="shopify", country="US", delivery="ship",
    received_at=NOON - timedelta(days=20),
)  # fmt: skip
THERE = replace(HERE, country="DE", received_at=NOON - timedelta(days=14))


def judge(facts: Facts, *rules: Rule, trusted: bool = False, **others: object) -> object:
    return terms(
        RuleSet(rules=rules, **others),  # type: ignore[arg-type]
        facts,
        now=NOON,
        trusted=trusted,
    )


def test_the_most_particular_rule_holds() -> None:
    anything = Rule(name="anything", days=5)
    kitchen = Rule(name="kitchen", category="kitchen", days=100)
    american = Rule(name="american", country="US", delivery="ship", days=5)
    the_mug = Rule(name="the mug", sku="MUG", returnable=False)
    assert judge(HERE).rule == STANDARD.name  # type: ignore[attr-defined]
    for rules, name in (
        ([anything], "anything"),
        ([anything, american], "american"),
        ([anything, american, kitchen], "kitchen"),
        ([the_mug, kitchen, american], "the mug"),
        ([replace_sku(the_mug, "LAMP"), anything], "anything"),
    ):
        assert judge(HERE, *rules).rule == name  # type: ignore[attr-defined]


def replace_sku(rule: Rule, sku: str) -> Rule:
    return rule.model_copy(update={"sku": sku})


def test_the_window_ends_with_its_last_day_and_begins_with_receipt() -> None:
    rule = Rule(name="twenty", days=20)
    assert judge(HERE, rule).refused == ""  # type: ignore[attr-defined]
    late = replace(HERE, received_at=NOON - timedelta(days=21))
    assert judge(late, rule).refused == (  # type: ignore[attr-defined]
        "MUG was received on 2026-06-09, more than 20 days ago (rule 'twenty')"
    )
    assert judge(replace(HERE, received_at=None), rule).refused == ""  # type: ignore[attr-defined]


def test_the_law_is_kept_apart_from_goodwill() -> None:
    strict = Rule(name="strict", returnable=False, fee_minor=500, label_paid_by="customer")
    found = judge(THERE, strict)
    assert (found.ground, found.refused, found.fee_minor) == (  # type: ignore[attr-defined]
        Ground.WITHDRAWAL, "", 0,
    )  # fmt: skip
    assert found.with_shipping  # type: ignore[attr-defined]
    assert found.label_paid_by == "customer"  # type: ignore[attr-defined]
    for facts, others in (
        (replace(THERE, received_at=NOON - timedelta(days=15)), {}),
        (replace(THERE, country="US"), {}),
        (replace(THERE, channel="till"), {}),
        (THERE, {"withdrawal_exempt": ("kitchen",)}),
    ):
        other = judge(facts, strict, **others)
        assert other.ground is Ground.GOODWILL  # type: ignore[attr-defined]
        assert other.refused == "MUG cannot be returned (rule 'strict')"  # type: ignore[attr-defined]


def test_money_may_go_back_at_once_to_those_who_are_trusted() -> None:
    by_trust = Rule(name="trust", refund="by_trust")
    assert judge(HERE, by_trust, trusted=True).instant  # type: ignore[attr-defined]
    assert not judge(HERE, by_trust).instant  # type: ignore[attr-defined]
    assert not judge(HERE, trusted=True).instant  # type: ignore[attr-defined]


def test_a_return_of_several_lines_has_the_careful_answer_of_each() -> None:
    kind = Rule(name="kind", refund="instant", with_shipping=True)
    strict = Rule(name="strict", sku="LAMP", fee_minor=300, approval="by_hand")
    rules = RuleSet(rules=(kind, strict))
    found = together(
        [terms(rules, facts, now=NOON, trusted=True) for facts in (HERE, replace(HERE, sku="LAMP"))]
    )
    assert (found.instant, found.with_shipping, found.fee_minor, found.by_hand) == (
        False, False, 300, True,
    )  # fmt: skip
    assert found.rule == "kind, strict"


def test_a_mistyped_rule_is_no_rule() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        RuleSet.model_validate({"rules": [{"name": "x", "dayz": 3}]})
