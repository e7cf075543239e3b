"""Solve a problem file: from its plain JSON document to the answer's."""

from collections.abc import Callable

from routing.batch.effort import Limits
from routing.document import Json, answer_document
from routing.effort import Effort
from routing.method import Method
from routing.parse import parse_problem
from routing.plan import Answer
from routing.problem import Problem
from routing.sequence import solve_all


def solve_problem(
    problem: Problem,
    *,
    method: Method,
    effort: Effort | None = None,
    limits: Limits | None = None,
) -> Answer:
    """Decide every order of a problem by one method."""
    limits = limits or Limits()
    if method is Method.JOINT:
        # Loaded at need: the solvers take half a second and 60 MB, one order needs none.
        from routing.batch import solve as batch

        return batch.solve(problem, limits=limits).answer
    return solve_all(
        problem, method=method, effort=effort or Effort(), seconds_left=limits.seconds_left
    )


def solve_document(
    document: object,
    *,
    method: Method,
    elapsed: Callable[[], float],
    effort: Effort | None = None,
    limits: Limits | None = None,
) -> Json:
    """Return the answer to a problem document; raises `ProblemFault` when it is not as documented.

    `elapsed` tells the seconds since the caller began, reading the file included: routing has no
    clock of its own. Without a time limit, the same document and effort give the same orders.
    """
    answer = solve_problem(parse_problem(document), method=method, effort=effort, limits=limits)
    return answer_document(answer, wall_s=elapsed())
