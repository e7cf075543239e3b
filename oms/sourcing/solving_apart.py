"""Have a joint problem solved in a process of its own, and be done in time whatever it does."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from oms.sourcing.joint import Joint
from oms.sourcing.snapshots import parse_joint
from oms.sourcing.solver_process import GRACE_S
from routing.check import violations
from routing.document import problem_document
from routing.problem import Order, Problem

_LOOK_EVERY_S: Final = 0.5
_MOST_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it: an answer that was checked, or why there is none."""

    joint: Joint | None
    failure: str | None
    wall_s: float


def solve_apart(
    problem: Problem,
    *,
    seconds: float,
    expected: Sequence[Sequence[Order]] = (),
    grace_s: float = GRACE_S,
    watch: Callable[[int], None] = lambda _: None,
) -> Attempt:
    """Solve within `seconds`, plus a grace for start and end, in a process that can be ended.

    `expected` are orders that may come, as `solve_jointly` takes them. `watch` is called every
    moment with the process's id; when it raises, the process is ended. An answer that breaks a rule
    of the problem is no answer: it is checked by code that shares nothing with the engine.
    """
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="routing-run-") as folder:
        answer = Path(folder, "answer.json")
        Path(folder, "problem.json").write_text(json.dumps(problem_document(problem)))
        for number, day in enumerate(expected):
            stated = problem_document(replace(problem, stock=(), added=(), orders=tuple(day)))
            Path(folder, f"expected-{number}.json").write_text(json.dumps(stated))
        failure = _run(Path(folder), seconds=seconds, grace_s=grace_s, watch=watch)
        joint = None
        if failure is None:
            joint, failure = _read(answer, problem)
    return Attempt(joint, failure, wall_s=time.monotonic() - begun)


def _run(
    folder: Path, *, seconds: float, grace_s: float, watch: Callable[[int], None]
) -> str | None:
    """Run the process to its end, its time or its death; say what was wrong."""
    module = "oms.sourcing.solver_process"
    command = [sys.executable, "-m", module, str(folder), str(seconds)]
    give_up = time.monotonic() + seconds + grace_s
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        try:
            said = _end_of(child, give_up=give_up, watch=watch)
        finally:
            child.kill()
    if said is None:
        return f"the solver did not end within {seconds + grace_s:g} seconds"
    return _words(child.returncode, said)


def _end_of(
    child: "subprocess.Popen[bytes]", *, give_up: float, watch: Callable[[int], None]
) -> bytes | None:
    """Wait for the end of the process and return what it complained of; None if it goes on."""
    while True:
        watch(child.pid)
        try:
            return child.communicate(timeout=_LOOK_EVERY_S)[1]
        except subprocess.TimeoutExpired:
            if time.monotonic() > give_up:
                return None


def _words(code: int, said: bytes) -> str | None:
    if code == 0:
        return None
    if code < 0:
        return f"the solver was ended by {signal.Signals(-code).name}"
    lines = said.decode(errors="replace").strip().splitlines()
    return f"the solver failed with {code}" + (f": {lines[-1][:200]}" if lines else "")


def _read(answer: Path, problem: Problem) -> tuple[Joint | None, str | None]:
    try:
        joint = parse_joint(json.loads(answer.read_bytes()))
    except (OSError, KeyError, TypeError, ValueError) as error:
        return None, f"the solver's answer cannot be read: {type(error).__name__}"
    if wrong := violations(problem, joint.answer):
        return None, f"the solver's answer breaks rules: {'; '.join(wrong[:_MOST_TOLD])}"
    return joint, None
