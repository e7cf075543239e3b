"""The judge, on what a database may hold after a run: each fault is found, and no other."""

from dataclasses import fields, replace

import pytest

from api.chaos.journal import Acknowledgement
from api.chaos.judging import Findings, Kept, KeptOrder, Told, judge
from api.chaos.script import Message, Sequencing, Story

LINES = {"1": ("MUG", 2)}
STOCK = {("MUG", "S01"): 3}


def a_story(external_id: str = "7", *, topics: tuple[str, ...] = ("order.created",)) -> Story:
    messages = tuple(
        Message(f"shop-{external_id}-{step}", "/", topic, b"", {})
        for step, topic in enumerate(topics)
    )
    return Story("reference", external_id, messages, Sequencing.IN_ORDER, LINES, 2_500)


def thanks(story: Story, message: int = 0, *, reference: str = "m1") -> Acknowledgement:
    return Acknowledgement(story.name, story.messages[message].id, 0, 200, reference, 1.0, 2.0)


STORY = a_story()
TILL = replace(STORY, channel="till", refusable=True)
ORDER = KeptOrder("o1", "captured", 2_500, LINES)
TOLD = Told([STORY], [thanks(STORY)], frozenset(), (), STOCK)
KEPT = Kept(
    {STORY.name: [ORDER]},
    {("reference", "7", "order.created"): (1, 0)},
    {("MUG", "S01"): 2},
    {("MUG", "S01"): 4},  # one of them is safety stock
)


def found(told: Told = TOLD, kept: Kept = KEPT) -> dict[str, tuple[str, ...]]:
    """The findings there are."""
    findings = judge(told, kept, invariants=())
    return {
        field.name: value for field in fields(Findings) if (value := getattr(findings, field.name))
    }


def test_all_is_well_when_what_was_told_is_there() -> None:
    assert found() == {}


def test_an_acknowledged_order_that_is_not_there_is_lost() -> None:
    kept = replace(KEPT, orders={}, messages={})
    assert found(kept=kept) == {
        "lost": ("reference 7: no such order",),
        "lost_messages": ("reference 7: 1 messages order.created, 0 kept",),
    }


def test_an_order_that_was_never_acknowledged_may_be_missing_but_is_reported() -> None:
    kept = replace(KEPT, orders={}, messages={})
    assert found(replace(TOLD, acknowledged=[]), kept) == {"unanswered": ("reference 7",)}


def test_an_acknowledged_change_that_is_not_kept_is_lost() -> None:
    story = a_story(topics=("order.created", "order.updated"))
    told = replace(TOLD, stories=[story], acknowledged=[thanks(story), thanks(story, 1)])
    assert found(told) == {"lost_messages": ("reference 7: 1 messages order.updated, 0 kept",)}


def test_two_orders_of_one_id_are_doubled() -> None:
    kept = replace(
        KEPT,
        orders={STORY.name: [ORDER, replace(ORDER, id="o2")]},
        messages={("reference", "7", "order.created"): (2, 0)},
    )
    assert found(kept=kept) == {
        "doubled": ("reference 7: 2 orders",),
        "doubled_messages": ("reference 7: 1 messages order.created, 2 kept",),
    }


def test_one_command_answered_with_two_orders_is_doubled() -> None:
    told = replace(
        TOLD,
        stories=[TILL],
        acknowledged=[thanks(TILL, reference="o1"), thanks(TILL, reference="o2")],
    )
    kept = replace(KEPT, orders={TILL.name: [ORDER]})
    assert found(told, kept) == {"doubled": ("till 7: answered as o1, o2",)}


def test_a_command_answered_with_an_order_that_is_not_the_one_there_is_wrong() -> None:
    told = replace(TOLD, stories=[TILL], acknowledged=[thanks(TILL, reference="o2")])
    kept = replace(KEPT, orders={TILL.name: [ORDER]})
    assert found(told, kept) == {"wrong": ("till 7: is o1, answered as ['o2']",)}


@pytest.mark.parametrize(
    ("units", "finding"),
    [(3, {}), (4, {"oversold": ("MUG at S01: 4 promised, 3 there",)})],
)
def test_the_last_unit_may_be_promised_and_the_safety_stock_may_not(
    units: int, finding: dict[str, tuple[str, ...]]
) -> None:
    assert found(kept=replace(KEPT, promised={("MUG", "S01"): units})) == finding


def test_stock_that_came_from_nowhere_is_wrong() -> None:
    kept = replace(KEPT, on_hand={("MUG", "S01"): 5})
    assert found(kept=kept) == {"wrong": ("MUG at S01: 5 on hand, 4 were counted in",)}


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (
            replace(ORDER, lines={"1": ("MUG", 1)}),
            "wants {'1': ('MUG', 1)}, told {'1': ('MUG', 2)}",
        ),
        (replace(ORDER, total_minor=1), "costs 1, told 2500"),
        (replace(ORDER, status="cancelled"), "is cancelled"),
        (replace(ORDER, status="shipped"), "is shipped"),
    ],
)
def test_an_order_that_is_not_as_it_was_told_is_wrong(order: KeptOrder, words: str) -> None:
    assert found(kept=replace(KEPT, orders={STORY.name: [order]})) == {
        "wrong": (f"reference 7: {words}",)
    }


def test_a_cancelled_order_is_cancelled() -> None:
    told = replace(TOLD, stories=[replace(STORY, wanted={}, cancelled=True)])
    alive = replace(KEPT, orders={STORY.name: [replace(ORDER, lines={})]})
    dead = replace(ORDER, status="cancelled", lines={}, total_minor=0)
    assert found(told, alive) == {"wrong": ("reference 7: is captured",)}
    assert found(told, replace(KEPT, orders={STORY.name: [dead]})) == {}


def test_a_refused_order_must_not_be_there() -> None:
    told = replace(TOLD, stories=[TILL], acknowledged=[], refused=frozenset({TILL.name}))
    assert found(told, replace(KEPT, orders={}, promised={})) == {}
    kept = replace(KEPT, orders={TILL.name: [ORDER]})
    assert found(told, kept) == {"uncalled": ("till 7: it was refused for want of stock",)}


def test_a_refused_order_may_be_taken_when_it_is_sent_again() -> None:
    answered = [thanks(TILL, reference="o1")]
    told = replace(TOLD, stories=[TILL], acknowledged=answered, refused=frozenset({TILL.name}))
    assert found(told, replace(KEPT, orders={TILL.name: [ORDER]})) == {}
    assert "lost" in found(told, replace(KEPT, orders={}))


def test_an_order_that_nobody_told_of_is_found() -> None:
    kept = replace(KEPT, orders={**KEPT.orders, "till 8": [ORDER]})
    assert found(kept=kept) == {"uncalled": ("till 8: nobody ordered it",)}


def test_a_message_that_was_not_applied_is_found() -> None:
    kept = replace(KEPT, messages={("reference", "7", "order.created"): (1, 1)})
    assert found(kept=kept) == {"unsettled": ("reference 7 order.created: 1",)}


def test_what_the_senders_and_the_invariants_found_is_passed_on() -> None:
    findings = judge(replace(TOLD, improper=["500"]), KEPT, invariants=("broken",))
    assert (findings.improper, findings.invariants) == (("500",), ("broken",))
