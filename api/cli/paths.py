"""Where the command line looks for things beside the project."""

from pathlib import Path

_SHARED_DATA = Path(__file__).parents[3] / "shared" / "data"


def shared_data() -> Path | None:
    """The folder of real data that makes the demo larger, when it lies beside the project."""
    return _SHARED_DATA if _SHARED_DATA.is_dir() else None
