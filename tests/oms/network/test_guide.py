"""The example in docs/network-file.md is a network that can be loaded."""

import json
import re
from pathlib import Path

from sqlmodel import Session

from oms.network.loading import load
from oms.network.schema import NetworkFile

GUIDE = (Path(__file__).parents[3] / "docs" / "network-file.md").read_text()


def test_the_example_is_complete_and_right(session: Session) -> None:
    [example] = re.findall(r"^```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    loaded = load(session, json.loads(example), actor="cli")
    assert loaded.counts["products added"] == 2
    assert loaded.counts["locations added"] == 2
    assert loaded.counts["balances opened"] == 3
    assert loaded.counts["tariff sheets added"] == 1


def test_every_field_is_explained() -> None:
    schema = NetworkFile.model_json_schema()
    fields = set(schema["properties"])
    fields |= {name for part in schema["$defs"].values() for name in part.get("properties", ())}
    # Those of an address and a postcode explain themselves in the example.
    named = set(re.findall(r"`([a-z_]+)`", GUIDE)) | set(re.findall(r'"([a-z_]+)":', GUIDE))
    assert fields - named == set()
