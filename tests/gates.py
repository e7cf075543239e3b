"""The checks that need no test runner: style, types, import contracts. Exit 1 if one fails."""

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

BIN = Path(sysconfig.get_path("scripts"))
GATES = (
    ("style", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("import contracts", ["lint-imports", "--no-cache"]),
    ("types", ["mypy"]),
)


def main() -> int:
    """Run every gate, also after one has failed, and say which did."""
    failed = []
    for name, (program, *arguments) in GATES:
        begun = time.monotonic()
        done = subprocess.run(
            [str(BIN / program), *arguments], capture_output=True, text=True, check=False
        )
        word = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name}: {word} ({time.monotonic() - begun:.1f} s)", flush=True)  # noqa: T201
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n", flush=True)  # noqa: T201
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
