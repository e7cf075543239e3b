"""Alive is not ready: what is missing is named."""

import pytest
from fastapi.testclient import TestClient

from api.stack.ports import free_port
from oms.settings import settings
from tests.api.test_webhooks import refuse_connections


@pytest.fixture(autouse=True)
def nobody_at_temporal_s_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    settings.cache_clear()


def test_a_process_without_database_and_temporal_is_alive_and_not_ready(
    client: TestClient, live_database: str
) -> None:
    refuse_connections(live_database, refuse=True)
    try:
        alive, ready = client.get("/healthz"), client.get("/readyz")
    finally:
        refuse_connections(live_database, refuse=False)
    assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    assert ready.status_code == 503
    parts = ready.json()
    assert (parts["status"], parts["database"], parts["worker"]) == (
        "not ready",
        "no answer (OperationalError)",
        "unknown while Temporal is away",
    )
    assert parts["temporal"].startswith("no answer")


def test_a_database_alone_is_not_enough(client: TestClient) -> None:
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "ok")
    assert ready.json()["temporal"].startswith("no answer")
