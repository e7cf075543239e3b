"""`oms up` with the real servers and a small web process: `small_stack DATA_DIR FIRST_PORT`.

The web process counts its starts in the database and answers with what it read there.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx2

from api.stack import postgres, temporal
from api.stack.children import Part, Program, Step
from api.stack.options import UpOptions
from api.stack.plan import Plan
from api.stack.up import up

MIGRATE = """
import os, psycopg
if os.environ.get("BREAK"):
    raise SystemExit("no such column")
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS starts (pid integer)")
"""
WEB = """
import http.server, os, psycopg, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("INSERT INTO starts VALUES (%s)", [os.getpid()])
    (count,) = connection.execute("SELECT count(*) FROM starts").fetchone()
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(count).encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def phases(plan: Plan) -> Sequence[Sequence[Part | Step]]:
    assert plan.postgres
    assert plan.temporal
    servers = [postgres.part(plan.postgres), temporal.part(plan.temporal)]
    migrate = Program("migrate", "migrate", (sys.executable, "-c", MIGRATE), plan.environ)
    port = str(plan.options.port)
    web = Program("web", "web", (sys.executable, "-c", WEB, port), plan.environ)

    def lacks() -> str | None:
        try:
            httpx2.get(plan.web_url, trust_env=False)
        except httpx2.HTTPError as error:
            return str(error)
        return None

    return [servers, [Step(migrate)], [Part(web, lacks)]]


if __name__ == "__main__":
    first = int(sys.argv[2])
    chosen = UpOptions(
        data_dir=Path(sys.argv[1]),
        environ=dict(os.environ),
        port=first,
        postgres_port=first + 1,
        temporal_port=first + 2,
        temporal_ui_port=first + 3,
    )
    sys.exit(up(chosen, phases=phases))
