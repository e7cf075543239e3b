"""Decide one order and keep all that is needed to say why, and to decide it again."""

from dataclasses import asdict, dataclass, replace

from routing import exact
from routing.candidates import Choices, survey
from routing.document import Json, order_plan_document
from routing.effort import Effort
from routing.explain import Explanation, explain
from routing.network import network_of, supply_of
from routing.packages import Outcome, Package, order_plan
from routing.plan import Engine, OrderPlan, Status, gap
from routing.problem import Problem
from routing.rivals import Through, best_through, costs_through, plan_through
from routing.sequence import solve_order
from routing.stored import explanation_document


@dataclass(frozen=True, slots=True)
class Decision:
    """The plan of one order, what is proven of it, and its reasons.

    With the problem as snapshot, `decide(problem, plan.id, effort=effort)` gives it again.
    """

    plan: OrderPlan
    engine: Engine
    status: Status
    lower_bound_cents: int
    effort: Effort
    explanation: Explanation
    fallback: str | None = None

    @property
    def cost_cents(self) -> int:
        """What the order costs by this plan, unfilled lines included."""
        return self.plan.cost_cents

    @property
    def gap(self) -> float:
        """The share of the cost that is not proven necessary, from 0 to 1."""
        return gap(cost_cents=self.cost_cents, bound_cents=self.lower_bound_cents)

    def plan_document(self) -> Json:
        """Return the plan as plain JSON, in the form it has in an answer."""
        return order_plan_document(self.plan)

    def explanation_document(self) -> Json:
        """Return the reasons as plain JSON; `routing.stored.parse_explanation` reads them back."""
        return explanation_document(self.explanation)

    def document(self) -> Json:
        """Return all of it as plain JSON, to be kept beside the problem's document."""
        return {
            "plan": self.plan_document(),
            "engine": self.engine.value,
            "status": self.status.value,
            "cost_cents": self.cost_cents,
            "lower_bound_cents": self.lower_bound_cents,
            "gap": round(self.gap, 6),
            "fallback": self.fallback,
            "effort": asdict(self.effort),
            "explanation": self.explanation_document(),
        }


def decide(problem: Problem, order_id: str, *, effort: Effort | None = None) -> Decision:
    """Decide one order with all the problem's stock and capacity to itself.

    Raises `KeyError` when the problem has no such order. An order that nobody can fill gets a plan
    all the same: every line unfilled, at its price.
    """
    effort = effort or Effort()
    network = network_of(problem)
    choices = survey(network, supply_of(problem, network), problem.order(order_id))
    if len(choices.lines) <= exact.EXACT_LINES:
        outcome, through = solve_order(choices, effort), costs_through(choices)
        runner_up = _runner_up(choices, outcome, through)
    else:
        through = None
        outcome, runner_up = _long_best_and_next(choices, effort)
    proven = outcome.cost_cents == outcome.bound_cents
    return Decision(
        plan=order_plan(network, choices, outcome.packages),
        engine=outcome.engine,
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        lower_bound_cents=outcome.bound_cents,
        effort=effort,
        explanation=explain(
            network,
            choices,
            outcome.packages,
            runner_up,
            currency=problem.currency,
            proven=proven,
            through=through,
        ),
        fallback=outcome.fallback,
    )


def _runner_up(choices: Choices, best: Outcome, through: Through) -> tuple[Package, ...] | None:
    """Return the cheapest plan by another set of locations.

    Such a plan either does without a location of the best one or uses one that it does not.
    """
    chosen = {package.at for package in best.packages}
    without = [exact.solve(choices.without(at)) for at in sorted(chosen)]
    found = min(without, key=lambda outcome: outcome.cost_cents, default=None)
    beside = min(
        ((cost, at) for at, (cost, _) in through.items() if at not in chosen), default=None
    )
    if beside is not None and (found is None or beside[0] < found.cost_cents):
        at = beside[1]
        if choices.ways:
            return best_through(choices, at)
        return plan_through(choices, Package(through[at][1], at))
    return None if found is None else found.packages


def _long_best_and_next(
    choices: Choices, effort: Effort
) -> tuple[Outcome, tuple[Package, ...] | None]:
    """Return the best plan and the best that does without one of its locations.

    Without proof, the search for the next one may find a cheaper plan: then that is the best.
    """
    best = solve_order(choices, effort)
    # It repeats most of the first search, so it is given less effort.
    less = replace(
        effort,
        deterministic_time=effort.deterministic_time / 4,
        wall_s=None if effort.wall_s is None else effort.wall_s / 4,
    )
    while True:
        places = sorted({package.at for package in best.packages})
        others = [solve_order(choices.without(at), less) for at in places]
        following = min(others, key=lambda outcome: outcome.cost_cents, default=None)
        if following is None:
            return best, None
        if following.cost_cents >= best.cost_cents:
            return best, following.packages
        best = replace(following, bound_cents=best.bound_cents)
