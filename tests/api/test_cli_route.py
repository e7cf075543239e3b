"""`oms route` as it is typed: a file is solved, and any order explained."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from api.cli import application, command_of
from oms.db import transaction
from oms.errors import NotFound
from oms.fulfilments import giving_back
from oms.fulfilments.models import RejectReason
from oms.orders.models import Order
from tests.api.asking import Api, an_order, routed

PAGE = (Path(__file__).parents[2] / "docs" / "routing-problem.md").read_text(encoding="utf-8")


def oms(*arguments: str) -> Result:
    words = ["route", *arguments]
    return CliRunner().invoke(application(command_of(words)), words)


def flat(text: str) -> str:
    """What was printed, without its line breaks."""
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def problem(tmp_path: Path) -> str:
    """The documented example as a file."""
    [document, *_] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "problem.json"
    file.write_text(document)
    return str(file)


@pytest.fixture
def order(api: Api) -> Order:
    """An order that its first location gave back, and that was routed again."""
    placed = api.post("/v1/orders", an_order(reference="T-1")).json()
    [first] = routed(placed["order_id"])
    with transaction() as session:
        giving_back.reject(session, first, reason=RejectReason.DAMAGED, actor="anna")
    routed(placed["order_id"])
    with transaction() as session:
        return session.get_one(Order, UUID(placed["order_id"]))


def test_the_documented_explanation_is_what_is_printed(problem: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "explaining.md").read_text(encoding="utf-8")
    shown = page.split("## One explanation")[1].split("```")[1]
    printed = oms("explain", "--problem", problem, "--order", "1001").stdout
    assert flat(printed).strip() == flat(shown).strip()


def test_a_file_is_solved_wherever_its_options_stand(problem: str) -> None:
    for arguments in ([problem, "--json"], ["--json", problem]):
        answer = oms(*arguments)
        assert answer.exit_code == 0
        assert json.loads(answer.stdout)["cost_cents"] == 2798


def test_a_transfer_is_shown_with_where_it_goes_and_a_wrong_lane_refused(problem: str) -> None:
    document = json.loads(Path(problem).read_text())
    [pickup] = [order for order in document["orders"] if order.get("pickup_at")]
    document["orders"] = [pickup | {"promise_days": 5}]
    document["stock"] = [["ROGERS", "MUG", 3]]
    lane = {"from": "ROGERS", "to": "NEWARK", "parcel_cents": 220, "line_cents": 10, "days": 3}
    document["transfers"] = [lane]
    Path(problem).write_text(json.dumps(document))
    answer = oms(problem)
    assert answer.exit_code == 0
    assert re.search(r"1002 +ROGERS to NEWARK +1 +580", answer.stdout)
    assert re.search(r"1002 +NEWARK +150", answer.stdout)
    explained = oms("explain", "--problem", problem, "--order", "1002")
    assert "ROGERS sends the line to NEWARK for 5.80 USD" in flat(explained.stdout)
    document["transfers"] = [lane | {"to": "ROGERS"}]
    Path(problem).write_text(json.dumps(document))
    refused = oms(problem)
    assert refused.exit_code == 2
    assert 'transfers[0].to: "ROGERS" is where it comes from' in flat(refused.stderr)


def test_an_order_of_a_file_is_explained(problem: str) -> None:
    answer = oms("explain", "--problem", problem, "--order", "1001")
    assert answer.exit_code == 0
    told = flat(answer.stdout)
    assert "NEWARK would ship if it had 1 more LAMP" in told
    assert "postage 10.68 6.37 7.23" in told
    assert "1 day too late for the promise RENO" in told
    document = json.loads(oms("explain", "--problem", problem, "--order", "1001", "--json").stdout)
    assert document["decision"]["plan"]["parcels"][0]["location"] == "ROGERS"
    assert document["counterfactuals"][0]["words"] == "NEWARK would ship if it had 1 more LAMP."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--problem", "{problem}", "--order", "9"], "there is no order 9 in it; its orders: 1001"),
        (["--problem", "{problem}"], "say which with --order"),
        (["--problem", "nowhere.json", "--order", "9"], "nowhere.json cannot be read"),
        ([], "no order given"),
    ],
)
def test_wrong_input_is_refused(problem: str, arguments: list[str], said: str) -> None:
    answer = oms("explain", *(one.format(problem=problem) for one in arguments))
    assert answer.exit_code == 2
    assert said in answer.stderr


def test_all_decisions_of_an_order_are_told_by_any_of_its_names(order: Order) -> None:
    answers = [
        oms("explain", name).stdout
        for name in (str(order.number), f"#{order.number}", str(order.id), "till:T-1")
    ]
    assert len(set(answers)) == 1
    told = flat(answers[0])
    assert told.startswith(f"Order {order.number} (till T-1), decision 2 of 2,")
    assert "decision 1 of 2" in told
    assert "Store S01 would ship if it were not excluded" in told
    assert "Store S02 instead of Store S01." in told
    document = json.loads(oms("explain", str(order.number), "--json").stdout)
    assert [one["winner"]["parcels"][0]["location"] for one in document["decisions"]] == [
        "S02",
        "S01",
    ]


@pytest.mark.parametrize("name", ["99999999", "till:T-2", "nonsense", "#"])
def test_an_unknown_order_is_named(order: Order, name: str) -> None:
    answer = oms("explain", name)
    assert isinstance(answer.exception, NotFound)
    assert str(answer.exception) == f"there is no order {name}"


def test_an_order_that_was_not_routed_says_so(api: Api) -> None:
    placed = api.post("/v1/orders", an_order()).json()
    answer = oms("explain", str(placed["number"]))
    assert answer.stdout.endswith("has not been routed.\n")
