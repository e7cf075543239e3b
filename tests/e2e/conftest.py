"""One running system for the tests of this folder that leave it in order."""

from collections.abc import Iterator

import pytest

from tests.e2e.system import System, running


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A demo without traffic of its own."""
    with running(tmp_path_factory.mktemp("system"), "--orders-per-minute", "0") as started:
        yield started
