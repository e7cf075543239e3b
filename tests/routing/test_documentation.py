"""The example in docs/routing-problem.md is a problem file, and its answer the true one."""

import json
import re
from pathlib import Path
from typing import Any

from routing import exact
from routing.method import Method
from routing.parse import parse_problem
from routing.plan import Status
from routing.solve import solve_document

PAGE = (Path(__file__).parents[2] / "docs" / "routing-problem.md").read_text(encoding="utf-8")
PROBLEM, ANSWER = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def described(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return set(re.findall(r"`([a-z_]+)(?:\[\])?`", " ".join(rows)))


def names_in(document: Any) -> set[str]:
    """Every field name of a document."""
    match document:
        case dict():
            return set(document).union(*(names_in(inner) for inner in document.values()))
        case list():
            return set().union(*(names_in(inner) for inner in document))
        case _:
            return set()


def test_the_example_has_the_answer_shown() -> None:
    answer = solve_document(PROBLEM, method=Method.EXACT, elapsed=lambda: ANSWER["wall_s"])
    assert answer == ANSWER


def test_every_field_of_the_example_is_described() -> None:
    used = names_in(PROBLEM) - {place.id for place in parse_problem(PROBLEM).locations}
    assert used <= described("Fields")
    assert set(ANSWER) == described("Answer")


def test_every_method_and_status_is_described() -> None:
    for method in Method:
        assert f"`{method.value}`" in PAGE
    for status in Status:
        assert f"`{status.value}`" in PAGE
    assert f"Up to {exact.EXACT_LINES} lines" in PAGE
