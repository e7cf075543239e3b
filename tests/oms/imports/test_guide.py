"""docs/imports.md lists the columns as they are."""

import re
from pathlib import Path

import pytest

from oms.imports.layouts import LAYOUTS
from oms.imports.models import ImportKind

GUIDE = (Path(__file__).parents[3] / "docs" / "imports.md").read_text()


@pytest.mark.parametrize("kind", list(ImportKind))
def test_every_column_is_listed_with_its_meaning(kind: ImportKind) -> None:
    section = GUIDE.split(f"### {kind.value}\n")[1].split("\n### ")[0]
    told = re.findall(r"^\| `(\w+)` \| (yes|no) \| (.+) \|$", section, re.MULTILINE)
    assert told == [
        (column.name, "yes" if column.required else "no", column.what)
        for column in LAYOUTS[kind].columns
    ]
