"""What a run can be told, and what may differ in the system that it breaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ORDERS: Final = 10_000
KILLS: Final = 20
DUPLICATES: Final = 0.15
HOT_SKUS: Final = 200
WEB_PROCESSES: Final = 2
AT_ONCE: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """One run."""

    data_dir: Path
    """A folder of its own, new or empty."""
    seed: int
    """Decides what is ordered and repeated, and after how many orders what is killed."""
    orders: int = ORDERS
    kills: int = KILLS
    duplicates: float = DUPLICATES
    """Share of the messages that are sent more than once though they were acknowledged."""
    hot_skus: int = HOT_SKUS
    web: int = WEB_PROCESSES
    at_once: int = AT_ONCE
    """Orders that are seen through at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """How the system under test differs from the product; the default is the product itself."""

    web_module: str = "api.cli"
    """Run as `python -m MODULE api --port PORT`."""
    database_settings: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[str, ...] = ()
    """SQL that is run on the new database before the first order."""
