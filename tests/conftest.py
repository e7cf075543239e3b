"""A real PostgreSQL for every test: one server a run, one database a worker, each test undone."""

import json
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import Session

import oms.tables  # noqa: F401 - foreign keys name tables of modules that a test may not import
from api.stack.postgres import running_postgres
from api.stack.postgres_cluster import ROLE
from oms import db, invariants, migrating
from oms.settings import settings
from tests import databases, plans
from tests.channel_settings import CHANNELS

pytest_plugins = ["tests.sharing_out"]

_SERVER = pytest.StashKey[ExitStack]()
# Nothing of a test's data is worth an fsync, and autovacuum, which is the administrator's, may
# not be ended by the role that drops a test's database. Everything else is as in production.
_CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    # Silent until a test asks for the plans of its statements; see tests/plans.py.
    "shared_preload_libraries": "auto_explain",
}


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once, in the process that hands out the tests."""
    # Tracebacks drawn with all their variables take seconds each.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    if hasattr(config, "workerinput"):
        os.environ["TEST_DATABASE_SERVER"] = config.workerinput["database_server"]
        return
    stack = ExitStack()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tributary-")))
    server, _ = stack.enter_context(running_postgres(folder, settings=_CARELESS))
    with server.connect_as_admin() as admin:
        parameters = ", ".join([*plans.PARAMETERS, databases.PARAMETER])
        admin.execute(f"GRANT SET ON PARAMETER {parameters} TO {ROLE}")
    config.stash[_SERVER] = stack
    os.environ["TEST_DATABASE_SERVER"] = server.url
    databases.create(databases.TEMPLATE, template="template0")
    migrating.migrate(databases.url(databases.TEMPLATE))


def pytest_configure_node(node: object) -> None:
    """Tell a worker where the server is."""
    node.workerinput["database_server"] = os.environ["TEST_DATABASE_SERVER"]  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server."""
    if (stack := config.stash.get(_SERVER, None)) is not None:
        stack.close()


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Every test has the same settings, read anew."""
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("TRIBUTARY_CHANNELS", json.dumps(CHANNELS))
        environ.delenv("TRIBUTARY_CONFIG", raising=False)
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A migrated database for this worker; what tests write into it is rolled back."""
    with databases.another() as url:
        yield url


@pytest.fixture(scope="module")
def own_database() -> Iterator[str]:
    """A migrated database for the tests of one module, which fill it themselves."""
    with databases.another() as url:
        yield url


@pytest.fixture(scope="session")
def _databases() -> Iterator[databases.Databases]:
    found = databases.Databases()
    yield found
    found.close()


@pytest.fixture
def session(database_url: str) -> Generator[Session]:
    """A session whose work is undone after the test, and checked before that."""
    engine = create_engine(db.sqlalchemy_url(database_url), poolclass=NullPool)
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as unit:
            yield unit
            unit.flush()
            assert invariants.broken(unit) == []
        outer.rollback()
    engine.dispose()


@pytest.fixture
def live_database(
    _databases: databases.Databases, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A database without rows for a test that commits; `oms.db` uses it; checked at the end."""
    name = _databases.take()
    monkeypatch.setenv("DATABASE_URL", databases.url(name))
    settings.cache_clear()
    db.close_engine()
    yield databases.url(name)
    with db.transaction() as unit:
        broken = invariants.broken(unit)
    db.close_engine()
    _databases.give_back(name)
    assert broken == []


@pytest.fixture
def shared() -> Path:
    """The folder with official contracts and real data, beside the project."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("../shared with contracts and data is not there")
    return folder
