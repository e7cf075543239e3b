"""The network of docs/network-file.md, in memory."""

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from oms.network.reading import read
from oms.network.schema import NetworkFile
from oms.simulation.planning import Wanted

_GUIDE = Path(__file__).parents[3] / "docs" / "network-file.md"
[EXAMPLE] = re.findall(r"```json\n(.*?)```", _GUIDE.read_text(encoding="utf-8"), re.DOTALL)
MONDAY = date(2026, 11, 2)
PATIENT: Mapping[str, Any] = {
    "name": "patient",
    "holds": [{"service": "standard", "minutes": 240}],
}


@pytest.fixture
def network() -> NetworkFile:
    return read(json.loads(EXAMPLE))


def wanted(**changes: Any) -> Wanted:
    given: dict[str, Any] = {
        "weeks": 1,
        "seed": 7,
        "orders_per_day": 1,
        "start": MONDAY,
        "restocked_every_days": 3,
    }
    return Wanted(**given | changes)
