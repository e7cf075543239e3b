"""Decide again what was decided, from what was kept of it alone: as it was, or by another policy.

A replay asks of each decision what another policy would have made of the very same moment: the
same stock, capacity, tariff, hours and goods held. What the one would have left to later orders is
not followed; `oms.simulation` does that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from oms.errors import Conflict, Invalid
from oms.sourcing import freezing, weighing
from oms.sourcing.deciding import Solved
from oms.sourcing.inputs import Inputs, inputs_document, parse_inputs, stock_document, under
from oms.sourcing.knowing import bearing, known_document, parse_known
from oms.sourcing.models import RoutingDecision
from oms.sourcing.policy import Policy, document, parse
from oms.sourcing.problems import Task
from routing.decide import Decision, decide
from routing.parse import parse_problem
from routing.problem import Order, Problem, Stock
from routing.reading import ProblemFault
from routing.terms import Known


class NotReplayable(Conflict):
    """What was kept of a decision does not suffice to put it to another policy."""

    code = "not_replayable"


def replay(row: RoutingDecision) -> Decision:
    """The decision once more; its plan is the stored one, whatever has changed since."""
    problem = parse_problem(row.snapshot)
    return decide(problem, problem.orders[0].id)


def kept_inputs(task: Task, solved: Solved) -> dict[str, Any]:
    """What the snapshot of a decision hides of the task, as plain JSON."""
    whole = task.problem.stock == solved.problem.stock
    return {
        **inputs_document(task.inputs, solved.problem.orders[0]),
        "known": known_document(bearing(task.known, task.problem)),
        **({} if whole else {"stock": stock_document(task.problem.stock)}),
        **({"frozen": dict(task.frozen)} if task.frozen else {}),
        # The standard policy follows the settings; a version is kept for good where it is.
        **({"policy": document(task.policy)} if task.policy_version is None else {}),
    }


@dataclass(frozen=True, slots=True)
class Kept:
    """All that was kept of a decision: what any policy can be laid over, and which one was."""

    row: RoutingDecision
    problem: Problem
    """With all the stock there was; the order as it was solved."""
    inputs: Inputs
    known: Known
    frozen: Mapping[str, str]
    """Where each line's goods were held, if it had waited for joint routing."""
    policy: Policy | None
    """The standard policy as the settings made it then; None: the row names a version."""

    @property
    def order(self) -> Order:
        """The order as it was solved."""
        return self.problem.orders[0]


def kept_of(row: RoutingDecision) -> Kept:
    """Read what was kept of a decision. Raises `NotReplayable`."""
    if row.inputs is None:
        raise NotReplayable("it was decided before the inputs of decisions were kept")
    try:
        solved = parse_problem(row.snapshot)
        stock = row.inputs.get("stock")
        inputs = parse_inputs(row.inputs, solved.orders[0])
        return Kept(
            row=row,
            problem=solved
            if stock is None
            else replace(solved, stock=tuple(Stock(*one) for one in stock)),
            inputs=inputs,
            known=parse_known(row.inputs["known"], categories=inputs.categories),
            frozen=row.inputs.get("frozen", {}),
            policy=parse(row.inputs["policy"]) if row.policy_version is None else None,
        )
    except (ProblemFault, Invalid, KeyError, ValueError) as error:
        raise NotReplayable(f"what was kept of it cannot be read: {error}") from error


def made_by(kept: Kept, versions: Mapping[int, Policy]) -> Policy:
    """The policy that a decision was made by."""
    if kept.policy is not None:
        return kept.policy
    return versions[kept.row.policy_version or 0]


def decide_again(kept: Kept, policy: Policy) -> Solved:
    """Put a decision's problem to a policy as if it had been in force.

    By the policy that it was made by it comes out as it did. Its notes say what could not be
    weighed. Raises `NotReplayable`.
    """
    try:
        bare = under(kept.problem, {kept.order.id: kept.inputs}, policy)
    except KeyError as error:
        raise NotReplayable(f"what was kept of it lacks {error}") from error
    weighted = weighing.asked(bare, policy=policy, known=kept.known)
    solved = freezing.solve(
        Task(
            order_id=kept.row.order_id,
            order_version=kept.row.order_version,
            tariff_id=kept.row.tariff_id,
            policy_version=None,
            policy=policy,
            problem=weighted.problem,
            inputs=kept.inputs,
            known=kept.known,
            today=kept.row.at.date(),
            late_days=policy.limits.late_days,
            late_cents_per_day=policy.weights.lateness_cents_per_day,
            frozen=kept.frozen,
            waiting=False,
            standing=frozenset(),
            notes=(),
        )
    )
    return replace(solved, notes=weighted.notes)
