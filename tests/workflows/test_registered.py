"""An activity or workflow that no worker knows would show only as a workflow that hangs."""

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import Any

import workflows
from workflows import worker

ACTIVITY, WORKFLOW = "__temporal_activity_definition", "__temporal_workflow_definition"


def written(mark: str) -> set[Callable[..., Any]]:
    """Everything in the package that is declared so, wherever it stands."""
    return {
        thing
        for module in modules()
        for thing in vars(module).values()
        if callable(thing) and mark in getattr(thing, "__dict__", ())
    }


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(workflows.__path__, "workflows."):
        yield import_module(found.name)


def test_a_worker_knows_every_workflow() -> None:
    assert written(WORKFLOW) == set(worker.WORKFLOWS)


def test_a_worker_knows_every_activity() -> None:
    known = (
        worker.CORE_ACTIVITIES,
        worker.CHANNEL_ACTIVITIES,
        worker.CARRIER_ACTIVITIES,
        worker.NOTIFY_ACTIVITIES,
        worker.PAYMENTS_ACTIVITIES,
        worker.SOLVER_ACTIVITIES,
    )
    assert written(ACTIVITY) == set(chain(*known))
