"""The moves that an import may make, and the one function that makes them."""

from collections.abc import Mapping
from typing import Final

from oms import clock
from oms.errors import IllegalMove
from oms.imports.models import Import
from oms.imports.models import ImportStatus as Status

NEXT: Final[Mapping[Status, frozenset[Status]]] = {
    Status.WAITING: frozenset({Status.RUNNING}),
    Status.RUNNING: frozenset({Status.RUNNING, Status.DONE, Status.REFUSED}),
    Status.DONE: frozenset(),
    Status.REFUSED: frozenset({Status.RUNNING}),
}
"""A running import that was interrupted is begun again; a refused one may be tried again."""


def move(run: Import, to: Status, *, problem: str | None = None) -> None:
    """Change the status, and note when work began or ended and why the file was refused."""
    if to not in NEXT[run.status]:
        raise IllegalMove(f"import {run.id} is {run.status.value}, so it cannot become {to.value}")
    run.status = to
    run.problem = problem
    if to is Status.RUNNING:
        run.started_at = run.started_at or clock.now()
        run.finished_at = None
    else:
        run.finished_at = clock.now()
