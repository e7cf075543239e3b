"""The habits of the house, checked on its source."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("oms", "routing", "workflows", "carriers", "api")
SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "versions" not in path.parts
]
MOST_MODULE_LINES = 400
MOST_FUNCTION_LINES = 50
MAY_COMMIT = {"oms/db.py"}


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=ids)
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_MODULE_LINES


def test_a_function_fits_on_a_screen() -> None:
    long = [
        f"{ids(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in functions(path)
        if _lines(node) > MOST_FUNCTION_LINES
    ]
    assert long == []


def test_a_transaction_is_committed_where_it_is_opened() -> None:
    commits = {
        ids(path) for path in SOURCES if re.search(r"(?<!savepoint)\.commit\(\)", path.read_text())
    }
    assert commits <= MAY_COMMIT


def test_a_status_is_assigned_in_states_only() -> None:
    assigning = {
        ids(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr == "status"
        if path.name != "states.py" and path.is_relative_to(ROOT / "oms")
    }
    assert assigning == set()


def test_only_settings_reads_the_environment_in_the_business() -> None:
    readers = {
        ids(path)
        for path in SOURCES
        if re.search(r"os\.(environ|getenv)", path.read_text())
        and not path.is_relative_to(ROOT / "api")
    }
    assert readers == {"oms/settings.py"}


def test_the_lock_holds_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": [
            *project["project"]["dependencies"],
            *(one for one in project["dependency-groups"]["dev"] if isinstance(one, str)),
        ],
    }
    for name, wishes in asked.items():
        text = (ROOT / name).read_text()
        pinned = {
            canonicalize_name(found[1]): found[2]
            for found in re.finditer(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)
        }
        for wish in map(Requirement, wishes):
            version = pinned.get(canonicalize_name(wish.name))
            assert version is not None, f"{name} lacks {wish.name}: run `make lock`"
            assert wish.specifier.contains(version), f"{name}: {wish} against {version}"
        assert "://" not in text, f"{name} names an address"


def test_the_installed_package_is_this_one() -> None:
    assert requires("tributary")


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Length without the docstring, which is there to be read, not to be scrolled past."""
    body = node.body
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    doc = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - doc


def test_a_web_process_loads_no_solver() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, api.app; print('ortools' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "False"
