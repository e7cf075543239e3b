"""Histories that were recorded with earlier code still replay: running workflows survive a release.

After an intended change: RECORD_HISTORIES=tests/histories pytest tests/workflows/test_stories.py
"""

import asyncio
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workflows.worker import WORKFLOWS

FOLDER = Path(__file__).parents[1] / "histories"


def test_there_are_histories_of_every_long_lived_workflow() -> None:
    types = {
        json.loads(path.read_text())["events"][0]["workflowExecutionStartedEventAttributes"][
            "workflowType"
        ]["name"]
        for path in FOLDER.glob("*.json")
    }
    assert types >= {
        "OrderWorkflow",
        "ShipFulfilment",
        "PickupFulfilment",
        "TransferFulfilment",
        "FileManifest",
        "RoutingRun",
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_recorded_history_replays(path: Path) -> None:
    history = WorkflowHistory.from_json(path.stem, path.read_text())
    asyncio.run(Replayer(workflows=WORKFLOWS).replay_workflow(history))
