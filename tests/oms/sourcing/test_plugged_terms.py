"""A cost term that another package brings: the example of the docs, found, weighed and refused."""

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from api.cli import application
from oms.db import transaction
from oms.errors import Invalid
from oms.sourcing import decisions, plugged_terms, policies, runs
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import parse
from oms.sourcing.snapshots import unpack_snapshot
from routing.weighing import TermFault
from tests.builders import a_product, an_order, no_cut_off_soon, stock
from tests.oms.shop import Shop, a_shop, routed

PAGE = (Path(__file__).parents[3] / "docs" / "cost-terms.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
[ENTRY] = re.findall(r'```toml\n.*?\n(.*?) = "(.*?)"\n```', PAGE, re.DOTALL)
[POLICY] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

Bring = Callable[..., None]


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bring]:
    """Install a package of one module that brings cost terms, by their entry points."""

    def install(module: str, source: str, **entries: str) -> None:
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        points = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (info / "entry_points.txt").write_text(f"[{plugged_terms.GROUP}]\n{points}")
        sys.modules.pop(module, None)  # another test may have brought one of this name
        importlib.invalidate_caches()
        plugged_terms._points.cache_clear()

    monkeypatch.syspath_prepend(str(tmp_path))
    yield install
    plugged_terms._points.cache_clear()


def oms(*arguments: str) -> Result:
    return CliRunner().invoke(application("policy"), ["policy", *arguments])


def the_decision(session: Session, shop: Shop) -> RoutingDecision:
    """The decision for an order of two glasses: a store nearby and the depot have them."""
    a_product(session, "GLASS").category = "glass"
    session.flush()
    stock(session, shop.depot, GLASS=5)
    order = an_order(session, {"GLASS": 2})
    routed(session, order)
    [decision] = decisions.of_order(session, order.id)
    return decision


def test_the_example_counts_and_stands_in_the_explanation(
    session: Session, shop: Shop, bring: Bring
) -> None:
    name, value = ENTRY
    bring("breakage", EXAMPLE, **{name: value})
    assert plugged_terms.installed() == [name]
    policies.add(session, parse(json.loads(POLICY)), effective_from=None, actor="test")
    decision = the_decision(session, shop)
    [parcel] = decision.explanation["winner"]["parcels"]
    assert (parcel["location"], parcel["terms"]["breakage"]) == ("W01", 70)
    assert decision.snapshot["added"] == [{"term": "breakage", "cents": {"W01": 70}}]
    assert "breakage 0.70" in decision.explanation["sentences"][0]
    assert decision.notes == []


def test_a_term_that_fails_is_named_with_a_decision_that_is_made_all_the_same(
    session: Session, shop: Shop, bring: Bring
) -> None:
    bring("frail", EXAMPLE.replace('"glass"', "glass"), breakage="frail:TERM")
    policies.add(session, parse(json.loads(POLICY)), effective_from=None, actor="test")
    decision = the_decision(session, shop)
    assert [parcel["location"] for parcel in decision.plan["parcels"]] == ["W01"]
    assert "added" not in decision.snapshot
    assert decision.notes == [
        "The cost term 'breakage' was left out: it raised NameError: name 'glass' is not defined."
    ]


def test_a_term_that_is_gone_is_named_with_the_decision(
    session: Session, shop: Shop, bring: Bring
) -> None:
    bring("breakage", EXAMPLE, breakage="breakage:TERM")
    policies.add(session, parse(json.loads(POLICY)), effective_from=None, actor="test")
    with pytest.MonkeyPatch.context() as other_process:
        other_process.setattr(plugged_terms, "GROUP", "nothing")
        plugged_terms._points.cache_clear()
        decision = the_decision(session, shop)
    assert decision.plan["unfilled"] == []
    assert decision.notes == [
        "The cost term 'breakage' was left out: no package brings it; installed here: none."
    ]


def test_a_joint_run_says_what_it_could_not_weigh(live_database: str, bring: Bring) -> None:
    bring("frail", EXAMPLE.replace("35 *", "-35 *"), breakage="frail:TERM")
    waits = {"holds": [{"service": "standard", "minutes": 30}]}
    with transaction() as session:
        shop = a_shop(session)
        a_product(session, "GLASS").category = "glass"
        stock(session, shop.depot, GLASS=5)
        no_cut_off_soon(session)
        policies.add(session, parse(json.loads(POLICY) | waits), effective_from=None, actor="test")
        an_order(session, {"GLASS": 1})
    [run_id] = runs.collect("routing:test", asked_by="test")
    with transaction() as session:
        run = runs.read(session, run_id)
        assert run.notes == [
            "The cost term 'breakage' was left out: -35 cents are not between 0 and 100000000."
        ]
        assert unpack_snapshot(run.snapshot).problem.added == ()


def test_a_policy_may_only_name_what_is_installed(session: Session, bring: Bring) -> None:
    entries = {"other": "frail:TERM", "no-module": "nowhere:TERM", "view": "frail:View"}
    bring("frail", EXAMPLE, **entries)
    said = {
        "breakage": "no package brings it; installed here: no-module, other, view",
        "other": "frail:TERM calls itself 'breakage'",
        "no-module": "loading raised ModuleNotFoundError: No module named 'nowhere'",
        "view": "frail:View is a type, not a CostTerm",
    }
    for name, words in said.items():
        policy = parse({"name": "x", "weights": {"plugged_percent": {name: 50}}})
        with pytest.raises(Invalid) as refused:
            policies.add(session, policy, effective_from=None, actor="test")
        assert refused.value.field == f"weights.plugged_percent.{name}"
        assert words in refused.value.message
    assert policies.listed(session) == []


def test_two_packages_may_not_bring_the_same(bring: Bring) -> None:
    bring("one", EXAMPLE, breakage="one:TERM")
    bring("two", EXAMPLE, breakage="two:TERM")
    with pytest.raises(TermFault, match="several packages bring it"):
        plugged_terms.load("breakage")


def test_a_file_that_is_checked_elsewhere_is_only_noted(tmp_path: Path, bring: Bring) -> None:
    file = tmp_path / "policy.json"
    file.write_text(POLICY)
    answer = oms("check", str(file))
    assert answer.exit_code == 0
    assert "weights.plugged_percent.breakage: no package brings it" in answer.stderr
    bring("breakage", EXAMPLE, breakage="breakage:TERM")
    answer = oms("check", str(file))
    assert (answer.exit_code, answer.stderr) == (0, "")


def test_the_terms_there_are_can_be_listed(bring: Bring) -> None:
    bring("breakage", EXAMPLE, breakage="breakage:TERM", lost="nowhere:TERM")
    told = oms("terms").stdout.splitlines()
    assert [line.split(":")[0] for line in told[:4]] == [
        "opportunity",
        "acceptance",
        "congestion",
        "lateness",
    ]
    assert told[4:] == [
        "breakage, of another package: cents per unit of glass",
        "lost, of another package, cannot be used: loading raised ModuleNotFoundError:"
        " No module named 'nowhere'",
    ]
