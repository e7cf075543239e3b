"""Solve a problem file: from its plain JSON document to the answer's."""

from collections.abc import Callable

from routing.document import Json, answer_document
from routing.effort import Effort
from routing.parse import parse_problem
from routing.sequence import Method, solve_all


def solve_document(
    document: object,
    *,
    method: Method,
    elapsed: Callable[[], float],
    time_limit_s: float | None = None,
    effort: Effort | None = None,
) -> Json:
    """Return the answer to a problem document; raises `ProblemFault` when it is not as documented.

    `elapsed` tells the seconds since the caller began, reading the file included: routing has no
    clock of its own. Without a time limit, the same document and effort give the same orders.
    """
    problem = parse_problem(document)

    def seconds_left() -> float | None:
        return None if time_limit_s is None else time_limit_s - elapsed()

    answer = solve_all(problem, method=method, effort=effort or Effort(), seconds_left=seconds_left)
    return answer_document(answer, wall_s=elapsed())
