"""What workflows, activities and the relay say to each other: ids, enums and times only."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Subject:
    """The row that a workflow follows, by its id."""

    id: str
    at: datetime | None = None
    """The workflow's own time, set when it asks; a test may let it run ahead of the clock."""


@dataclass(frozen=True)
class News:
    """A fact that is committed already. The workflow trusts only the row it then reads."""

    event: str
    version: int


@dataclass(frozen=True)
class Step:
    """A step for a row as it was seen."""

    id: str
    version: int
    at: datetime
    """The workflow's time."""


@dataclass(frozen=True)
class Order:
    """What an operator asks of an order from the Temporal UI, and why."""

    id: str
    reason: str


@dataclass(frozen=True)
class View:
    """A row as its workflow sees it: where it stands, and what is to be done next."""

    stage: str
    version: int
    closed: bool
    details: str
    """Markdown for people who look at the workflow."""
    attributes: dict[str, str] = field(default_factory=dict)
    promise_by: datetime | None = None
    owed: list[str] = field(default_factory=list)
    """Steps to take now, in order."""
    deadline: datetime | None = None
    at_deadline: str = ""
    """The step to take when the deadline passes; it checks again whether it is due."""


@dataclass(frozen=True)
class Failure:
    """A step that cannot go on without a person."""

    id: str
    step: str
    code: str
    message: str


@dataclass(frozen=True)
class Mended:
    """What a reconciliation found and mended."""

    started: int
    told: int


@dataclass(frozen=True)
class StockTold:
    """One batch of stock figures told to a channel."""

    count: int
    wait_s: float | None
    """Until the next batch is due; None if that is not soon."""


@dataclass(frozen=True)
class StockCompared:
    """One comparison of a channel's figures with what it was told."""

    channel: str
    count: int
    drifted: int
    outdated: int


@dataclass(frozen=True)
class Polled:
    """One look at what changed at a channel."""

    channel: str
    seen: int
    repaired: int
    done: bool
    """Whether the window was looked at to its end."""


@dataclass(frozen=True)
class RunAsked:
    """A joint run is wished: the name under which it collects once, and by whom."""

    name: str
    by: str
    at: datetime | None = None
    """The workflow's time."""


@dataclass(frozen=True)
class RunEnded:
    """What came of a joint run, in orders."""

    id: str
    number: int
    orders: int
    committed: int
    lost: int
    kept: int
    fallback: str
    """Why everything stayed where it was; empty if the solver answered."""
