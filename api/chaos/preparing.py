"""Prepare a new database for a run: `python -m api.chaos.preparing NETWORK_FILE KEY_FILE`."""

import json
import sys
from pathlib import Path

from oms import migrating
from oms.access import enrolling
from oms.access.models import Scope
from oms.db import transaction
from oms.network import loading
from oms.settings import settings


def prepare(network: Path, key: Path) -> None:
    """Make the structure, load what is sold and where it lies, and issue a service key."""
    migrating.migrate(settings().require_database_url())
    with transaction() as session:
        loading.load(session, json.loads(network.read_text()), actor="chaos")
        issued = enrolling.issue_key(session, name="chaos", scopes=[Scope.ORDERS_WRITE])
    key.touch(mode=0o600)
    key.write_text(issued)


if __name__ == "__main__":
    prepare(*map(Path, sys.argv[1:]))
