"""The ceiling: the rows of one captured order, written by pgbench in pipeline mode.

One transaction, one statement a row as a careful program would send them, all in one round trip,
every statement prepared. Ids ascend, as ours do.
"""

import re
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from api.stack import postgres_install
from bench.ground import CHANNEL, LOCATION_ID, LOCATIONS, SKUS, Ground

ANY_FIRST = f"random(1, {SKUS // 2})"
ANY_STORE = f"random(1, {LOCATIONS})"
_ID = "('0190' || lpad(to_hex(currval('bench_orders') * 16 + {kind}), 28, '0'))::uuid"
_KINDS = (
    "customer", "address", "order", "line1", "line2", "revision", "message", "reservation1",
    "reservation2",
)  # fmt: skip


def prepare(place: Ground, body: bytes) -> Path:
    """Make what the scripts need; returns the script of any two articles at any location."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE bench_orders CACHE 50")
        connection.execute("CREATE TABLE bench_body (body bytea)")
        connection.execute("INSERT INTO bench_body VALUES (%s)", [body])
        connection.execute("ANALYZE bench_body")
    return script(place)


def script(
    place: Ground, *, name: str = "ceiling", first: str = ANY_FIRST, store: str = ANY_STORE
) -> Path:
    """Write the order down for pgbench; `first` and `store` are expressions of pgbench.

    The second article is any of the other half, so that no order wants one article twice and all
    take their balances in the sequence of SKUs.
    """
    ids = {thing: _ID.format(kind=kind) for kind, thing in enumerate(_KINDS)}
    template = Path(__file__).with_name("ceiling.sql").read_text().partition("\n")[2]
    rows = template.format(
        **ids,
        channel=CHANNEL,
        sku1="'SKU' || lpad(:first::text, 6, '0')",
        sku2="'SKU' || lpad(:second::text, 6, '0')",
        place=LOCATION_ID.format(number=":store::int"),
    )
    lines = " ".join(rows.split()).replace("; ", ";\n")
    written = place.folder / f"{name}.sql"
    written.write_text(
        f"\\set first {first}\n\\set second random({SKUS // 2 + 1}, {SKUS})\n"
        f"\\set store {store}\n\\startpipeline\n{lines}\n\\endpipeline\n"
    )
    return written


def run(place: Ground, script: Path, *, clients: int, seconds: int) -> float:
    """Transactions a second."""
    known = conninfo_to_dict(place.url)
    done = subprocess.run(
        [
            str(postgres_install.programs(None) / "pgbench"),
            *("-h", str(known["host"]), "-p", str(known["port"]), "-U", str(known["user"])),
            *("-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds)),
            *("-f", str(script), str(known["dbname"])),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={
            "PGPASSFILE": str(known.get("passfile", "")),
            "PGPASSWORD": str(known.get("password", "")),
        },
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None or "aborted" in done.stderr:
        raise RuntimeError(done.stderr[-2000:])
    return float(found[1])
