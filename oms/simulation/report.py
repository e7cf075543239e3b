"""What a simulation found. Nothing in it tells when, how fast or in how many goes it was made."""

from datetime import date
from typing import Literal

from oms.replays.figures import Figures, Part
from oms.replays.report import PolicyTold
from oms.simulation.state import DayTold

KIND: Literal["tributary.simulation"] = "tributary.simulation"


class PolicyFound(Part):
    """One policy, and what it came to."""

    policy: PolicyTold
    figures: Figures
    waited: int
    joint_runs: int
    moved: int
    notes: list[str]
    """What it weighs and could not be weighed, in words."""
    days: list[DayTold]
    """The last one with what was still waiting then."""


class Report(Part):
    """The whole simulation."""

    kind: Literal["tributary.simulation"] = KIND
    currency: str
    start: date
    days: int
    orders: int
    demand: str
    """Where the orders come from, in words."""
    restocked_every_days: int
    policies: list[PolicyFound]
