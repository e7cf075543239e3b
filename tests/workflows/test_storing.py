"""A worker makes partitions ahead of their time and archives what is old."""

from pathlib import Path

import pytest
from sqlalchemy import text

from oms import clock
from oms.db import transaction
from oms.storage import spans
from oms.storage.kept import LEDGER
from oms.storage.partitions import SCHEMA, partitions
from tests.oms.storage.ages import a_past, filed, rows
from tests.workflows.conftest import AtWork, run
from workflows.queues import CORE
from workflows.storing import KeepStorage


def test_a_pass_makes_what_is_missing_and_files_what_is_old(
    at_work: AtWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_ARCHIVE_FOLDER", str(tmp_path))
    a_past()
    with transaction() as session:
        for part in partitions(session, LEDGER)[-2:]:
            session.execute(text(f"DROP TABLE {SCHEMA}.{part.name}"))

    async def story() -> None:
        async with at_work() as client:
            said = await client.execute_workflow(KeepStorage.run, id="storage", task_queue=CORE)
            assert said.endswith(" archived")

    run(story())
    with transaction() as session:
        assert partitions(session, LEDGER)[-1].upper == spans.horizon("month", clock.now(), ahead=3)
    assert rows("stock_movements") == []
    assert len(rows("audit")) > 0  # it is kept longer
    assert len(filed(tmp_path, "stock_movements")) > 0
