"""Routing against its bound, an oracle, and the rules that others route by: bars R1 to R9.

    python -m bench.routing [--runs 5] [--only R3 R5 …] [--small] [--write] [--afresh]

More on one order at a time: `python -m bench.routing_single`. What is real and what is made up:
`bench.batches`; what is measured: `bench.routing_parts`. Every part of every seed runs in a process
of its own, whose greatest memory is told, and is kept in docs/benchmarks/routing.json at once: a
run that was interrupted goes on where it was, unless the code has changed since. `--small` runs
everything at a tenth of the size: to see that it works, not to claim anything; it keeps nothing.
"""

import argparse
import hashlib
import json
import multiprocessing
import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench import charts
from bench.routing_parts import BUILDS_ON, FULL, PARTS, PEERS, SMALL, Figures, Sizes

PAGE = charts.DOCS / "routing.md"
KEPT = charts.DOCS / "routing.json"
ROOT = Path(__file__).parents[1]

BARS: Mapping[str, tuple[str, str, float]] = {
    "R1": ("one order, 1,000 locations: CP-SAT's time ÷ ours, p50", "≥", 200),
    "R1 p99": ("its p99 in ms", "≤", 1),
    "R1 different": ("orders that CP-SAT decided otherwise, of a fifth of them; the most", "≤", 0),
    "R2": ("its p50 at 2,000 locations ÷ at 200", "≤", 2.5),
    "R3": ("10k × 500: cost ÷ bound, in 120 s", "≤", 1.010),
    "R4": ("50k × 2,000: cost ÷ bound, in 240 s", "≤", 1.015),
    "R4 memory": ("its memory, GB", "≤", 1.5),
    "R5 priority": ("10k × 500: cost ÷ priority", "≤", 0.65),
    "R5 nearest": ("÷ nearest", "≤", 0.64),
    "R5 fewest-splits": ("÷ fewest splits, then nearest", "≤", 0.865),
    "R5 fifo-exact": ("÷ exact, first come first served", "≤", 0.88),
    "R6": ("loose stock: cost ÷ exact, first come first served", "≤", 0.957),
    "R7": ("at once with bid prices: share of the clairvoyant gap", "≥", 0.30),
    "R8": ("held for 5 waves: share of the clairvoyant gap", "≥", 0.70),
    "R9 unfilled": ("unfilled lines ÷ first come first served", "≤", 0.50),
    "R9 split": ("split orders ÷ first come first served", "≤", 0.85),
}
BESIDE: Mapping[str, str] = {
    "R1 unproven": "orders of which CP-SAT had no proof",
    "R3 seconds": "seconds that it took",
    "R3 cents": "its cost in cents",
    "R3 bound cents": "its bound in cents",
    "R4 seconds": "seconds that it took",
    "R9 least unfilled": "proven: the fewest that any plan can leave, at whatever cost",
    "R9 without penalty": "cost of a shipped line ÷ first come first served",
    "R6 bound": "loose stock: cost ÷ bound",
    "R6 unfilled": "loose stock: unfilled lines ÷ first come first served",
    "R6 least unfilled": "loose stock, proven: the fewest that any plan can leave",
    "R6 split": "loose stock: split orders",
    "R6 without penalty": "loose stock: cost of a shipped line",
    "R7 priced once": "the same with prices found once, before the day",
    "R7 whole day": "the whole day known, its plan: share of the clairvoyant gap",
    "R8 with prices": "held, what is taken being worth something to orders to come",
}
"""What is told beside the bars."""

PARTS_OF_BENCH = ("worlds", "batches", "online", "routing_parts", "routing_single")

Found = dict[str, dict[str, Figures]]
"""Figures by part and seed."""


def main() -> None:
    """Run what is asked for and print one row a bar."""
    asked = _arguments()
    sizes = SMALL if asked.small else FULL
    found = {} if asked.small or asked.afresh else _kept()
    # Seed after seed, so that an interrupted run has whole seeds.
    for seed in map(str, range(asked.runs)):
        for name in PARTS:
            if asked.only and not any(bar in asked.only for bar in _bars_of(name)):
                continue
            figures = found.setdefault(name, {}).get(seed)
            if figures is None:
                known = found.get(BUILDS_ON.get(name, ""), {}).get(seed)
                figures = found[name][seed] = _apart(name, sizes, int(seed), known)
                if not asked.small:
                    _keep(found)
            said = ", ".join(f"{bar} {figure:.4f}" for bar, figure in figures.items())
            print(f"{name}, seed {seed}: {said}", flush=True)
    print(_table(found))
    if asked.write:
        _write(found)


def _bars_of(part: str) -> tuple[str, ...]:
    return {"R1": ("R1", "R2"), "R3": ("R3", "R5", "R9"), "R7": ("R7", "R8")}.get(part, (part,))


def _apart(part: str, sizes: Sizes, seed: int, known: Figures | None) -> Figures:
    besides = () if known is None else (known,)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(PARTS[part], sizes, seed, *besides).result()


def _code() -> str:
    """What the figures depend on, as one word."""
    digest = hashlib.sha256()
    files = [*sorted((ROOT / "routing").rglob("*.py"))]
    files += [ROOT / "bench" / f"{name}.py" for name in PARTS_OF_BENCH]
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _kept() -> Found:
    if not KEPT.exists():
        return {}
    kept = json.loads(KEPT.read_text())
    if kept["code"] != _code():
        print("the code has changed since the figures were kept: beginning anew", flush=True)
        return {}
    found: Found = kept["found"]
    return found


def _keep(found: Found) -> None:
    KEPT.write_text(json.dumps({"code": _code(), "found": found}, indent=1) + "\n")


def _by_bar(found: Found) -> Mapping[str, Sequence[float]]:
    by_bar: dict[str, list[float]] = {}
    for seeds in found.values():
        for figures in seeds.values():
            for bar, figure in figures.items():
                by_bar.setdefault(bar, []).append(figure)
    return by_bar


def _table(found: Found) -> str:
    rows = []
    for bar, figures in _by_bar(found).items():
        words, sign, least = BARS.get(bar, (BESIDE.get(bar, ""), "", 0.0))
        median = max(figures) if bar == "R1 different" else statistics.median(figures)
        met = "" if not sign else "yes" if (median <= least) == (sign == "≤") else "no"
        spread = f"{min(figures):.4f} – {max(figures):.4f}"
        name = bar if sign else ""
        rows.append(
            [name, words, f"{sign} {least:g}" if sign else "", f"{median:.4f}", spread, met]
        )
    return charts.table(["", "", "Bar", "Median", "Range", "Met"], rows)


def _write(found: Found) -> None:
    counts = sorted({len(seeds) for seeds in found.values()})
    seeds = "1 seed" if counts == [1] else f"{' to '.join(map(str, counts))} seeds"
    medians = {bar: statistics.median(figures) for bar, figures in _by_bar(found).items()}
    peers = {str(method): f"R5 {method}" for method in PEERS}
    ways = {
        "at once,\npriced once": "R7 priced once",
        "at once,\npriced anew": "R7",
        "held": "R8",
        "held,\nwith prices": "R8 with prices",
        "whole day\nknown": "R7 whole day",
    }
    shown = ""
    if medians.keys() >= set(peers.values()):
        shown += "\n![Cost of the joint plan beside each rule](routing-peers.svg)\n"
        charts.bars(
            PAGE.parent / "routing-peers.svg",
            title="Cost of the joint plan, as a share of what each rule pays (10,000 orders)",
            unit="joint ÷ rule",
            groups=list(peers),
            series={"joint": [medians[bar] for bar in peers.values()]},
        )
    if medians.keys() >= set(ways.values()):
        shown += "\n![Share of the clairvoyant gap that each way wins](routing-online.svg)\n"
        charts.bars(
            PAGE.parent / "routing-online.svg",
            title="How much of the way to perfect foresight is won (10,000 orders, 500 locations)",
            unit="share of the clairvoyant gap",
            groups=list(ways),
            series={"won": [medians[bar] for bar in ways.values()]},
        )
    charts.put_figures(PAGE, f"Medians of {seeds}.\n\n{_table(found)}\n{shown}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="seeds")
    parser.add_argument("--only", nargs="+", default=[], help="bars, such as R3 R7")
    parser.add_argument("--small", action="store_true", help="a tenth of the size")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks/routing.md")
    parser.add_argument("--afresh", action="store_true", help="forget what was kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
