"""How the tests are shared out between workers: a file at a time, costly folders as a whole.

What a file sets up for all of its tests is then set up once. The marks of pytest-xdist that are
made for this (`xdist_group`) do nothing with pytest 9, which keeps ids where they do not look.
"""

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_TOGETHER: Final = ("tests/e2e/", "tests/chaos/", "tests/workflows/")
"""Folders whose tests share a server that takes long to start. They come first, so that nobody
begins with them when the others are done."""


class ByFile(LoadScopeScheduling):
    """Gives a worker all tests of a file, in the order of their collection."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return next((folder for folder in _TOGETHER if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """The way that the controller shares tests out."""
    config.option.loadscopereorder = False  # by the number of tests; a few of them take minutes
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put costly folders in front."""
    items.sort(key=lambda item: not item.nodeid.startswith(_TOGETHER))
