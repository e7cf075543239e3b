"""The solver in a process of its own: `python -m oms.sourcing.solver_process PROBLEM ANSWER S`.

It can be ended at any moment, and what it has eaten of memory is given back. It reads a routing
problem file and writes the answer beside its place, so that there is a whole one or none. Nobody
may be left to end it, so it ends itself soon after its time.
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

GRACE_S: Final = 20
"""Beyond its time, for reading, writing, and an engine that looks at the clock seldom."""
_NICE: Final = 5


def main(problem: Path, answer: Path, seconds: float) -> None:
    """Solve the problem file within so many seconds."""
    begun = time.monotonic()
    signal.alarm(int(seconds) + GRACE_S)
    os.nice(_NICE)
    stated = parse_problem(json.loads(problem.read_bytes()))
    joint = solve_jointly(stated, max(0.1, seconds - (time.monotonic() - begun)))
    document = joint_document(joint, seconds=time.monotonic() - begun)
    partial = answer.with_suffix(".partial")
    partial.write_text(json.dumps(document))
    partial.replace(answer)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
