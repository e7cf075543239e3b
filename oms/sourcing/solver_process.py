"""The solver in a process of its own: `python -m oms.sourcing.solver_process FOLDER SECONDS`.

It can be ended at any moment, and what it has eaten of memory is given back. It reads routing
problem files, `problem.json` and the days that may come as `expected-N.json`, and writes
`answer.json` in one move, so that there is a whole one or none. Nobody may be left to end it, so it
ends itself soon after its time.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

from oms.sourcing.joint import solve_jointly
from oms.sourcing.snapshots import joint_document
from routing.parse import parse_problem
from routing.problem import Problem

GRACE_S: Final = 20
"""Beyond its time, for reading, writing, and an engine that looks at the clock seldom."""
_NICE: Final = 5


def main(folder: Path, seconds: float) -> None:
    """Solve the problem in a folder within so many seconds."""
    begun = time.monotonic()
    signal.alarm(int(seconds) + GRACE_S)
    os.nice(_NICE)
    stated = _problem(folder / "problem.json")
    expected = [_problem(path).orders for path in sorted(folder.glob("expected-*.json"))]
    left = max(0.1, seconds - (time.monotonic() - begun))
    joint = solve_jointly(stated, left, expected=expected)
    document = joint_document(joint, seconds=time.monotonic() - begun)
    partial = folder / "answer.partial"
    partial.write_text(json.dumps(document))
    partial.replace(folder / "answer.json")


def _problem(path: Path) -> Problem:
    return parse_problem(json.loads(path.read_bytes()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
