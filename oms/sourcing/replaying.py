"""Decide again what was decided, from what was kept of it alone: as it was, or by another policy.

A replay asks of each decision what another policy would have made of the very same moment: the
same stock, capacity, tariff, hours and goods held. What the one would have left to later orders is
not followed; `oms.simulation` does that.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from oms.errors import Conflict, Invalid
from oms.sourcing import freezing
from oms.sourcing.deciding import Solved
from oms.sourcing.inputs import inputs_document, parse_inputs, stock_document, under
from oms.sourcing.knowing import Known, known_document
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import Policy, document, parse
from oms.sourcing.problems import Task
from routing.decide import Decision, decide
from routing.parse import parse_problem
from routing.problem import Problem, Stock
from routing.reading import ProblemFault


class NotReplayable(Conflict):
    """What was kept of a decision does not suffice to put it to another policy."""

    code = "not_replayable"


def replay(row: RoutingDecision) -> Decision:
    """The decision once more; its plan is the stored one, whatever has changed since."""
    problem = parse_problem(row.snapshot)
    return decide(problem, problem.orders[0].id)


def kept_inputs(task: Task, solved: Solved, known: Known) -> dict[str, Any]:
    """What the snapshot of a decision hides of the task, as plain JSON."""
    whole = task.problem.stock == solved.problem.stock
    return {
        **inputs_document(task.inputs, solved.problem.orders[0]),
        "known": known_document(known),
        **({} if whole else {"stock": stock_document(task.problem.stock)}),
        **({"frozen": dict(task.frozen)} if task.frozen else {}),
        # The standard policy follows the settings; a version is kept for good where it is.
        **({"policy": document(task.policy)} if task.policy_version is None else {}),
    }


def made_by(row: RoutingDecision, versions: Mapping[int, Policy]) -> Policy:
    """The policy that a decision was made by. Raises `NotReplayable`."""
    if row.policy_version is not None:
        return versions[row.policy_version]
    try:
        return parse(_inputs(row)["policy"])
    except (KeyError, Invalid) as error:
        raise NotReplayable(f"what was kept of it cannot be read: {error}") from error


def decide_again(row: RoutingDecision, policy: Policy) -> Solved:
    """Put a decision's problem to a policy as if it had been in force. Raises `NotReplayable`.

    By the policy that it was made by it comes out as it did.
    """
    return freezing.solve(task_again(row, policy))


def task_again(row: RoutingDecision, policy: Policy) -> Task:
    """The task as that policy would have put it. Raises `NotReplayable`."""
    kept = _inputs(row)
    try:
        solved = parse_problem(row.snapshot)
        inputs = parse_inputs(kept, solved.orders[0])
        problem = under(_with_all_stock(solved, kept), {solved.orders[0].id: inputs}, policy)
    except (ProblemFault, KeyError, ValueError) as error:
        raise NotReplayable(f"what was kept of it cannot be read: {error}") from error
    return Task(
        order_id=row.order_id,
        order_version=row.order_version,
        tariff_id=row.tariff_id,
        policy_version=None,
        policy=policy,
        problem=problem,
        inputs=inputs,
        late_days=policy.limits.late_days,
        frozen=kept.get("frozen", {}),
        waiting=False,
        notes=(),
    )


def _inputs(row: RoutingDecision) -> Mapping[str, Any]:
    if row.inputs is None:
        raise NotReplayable("it was decided before the inputs of decisions were kept")
    return row.inputs


def _with_all_stock(solved: Problem, kept: Mapping[str, Any]) -> Problem:
    if "stock" not in kept:
        return solved
    return replace(solved, stock=tuple(Stock(*row) for row in kept["stock"]))
