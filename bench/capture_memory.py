"""Memory of the web processes while very many orders are captured.

    python -m bench.capture_memory [--orders 500000] [--save FILE]

Prints the resident memory of each of two web processes after every tenth of the orders, and saves
it after every ten thousand.
"""

import argparse
import json
from contextlib import ExitStack
from pathlib import Path

import psycopg

from bench.ground import ground, web
from bench.orders import webhooks
from bench.senders import send

CONNECTIONS = 128
PIECE = 10_000


def main() -> None:
    """Send and look."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=500_000)
    parser.add_argument("--save", type=Path, help="write the figures to this JSON file")
    given = parser.parse_args()
    figures: list[dict[str, object]] = []
    sent, every = 0, max(PIECE, given.orders // 10)
    with ground() as place, ExitStack() as stack:
        ports = [stack.enter_context(web(place)) for _ in range(2)]
        orders = webhooks()
        while sent < given.orders:
            tally = send(orders.make(PIECE), ports=ports, connections=CONNECTIONS, most_s=600)
            wrong = {status: count for status, count in tally.statuses.items() if status != 200}
            if wrong:
                raise RuntimeError(f"answers {wrong}")
            sent += PIECE
            sizes = [_resident_mb(port) for port in ports]
            figures.append({"orders": sent, "rate": tally.rate, "resident_mb": sizes})
            if sent % every == 0 or sent == PIECE:
                said = " ".join(f"{size:7.0f} MB" for size in sizes)
                print(f"{sent:>9,} orders {tally.rate:7.0f}/s {said}", flush=True)
        with psycopg.connect(place.url) as connection:
            row = connection.execute("SELECT count(*) FROM orders").fetchone()
        print(f"orders in the database: {row[0] if row else 0:,}")
    if given.save:
        given.save.write_text(json.dumps(figures, indent=1) + "\n")


def _resident_mb(port: int) -> float:
    """Resident memory of the process that serves a port."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            words = (status.parent / "cmdline").read_bytes().split(b"\0")
            if str(port).encode() in words and b"api" in words:
                lines = status.read_text().splitlines()
                return (
                    next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
                )
        except OSError:
            continue  # it ended while we looked
    raise RuntimeError(f"nothing serves port {port}")


if __name__ == "__main__":
    main()
