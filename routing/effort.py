"""How hard an engine looks for a better plan."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to look. Work is counted, so a busy machine finds the same plan.

    `wall_s` caps the time as well where somebody waits; a plan that it cut short is not
    reproducible.
    """

    deterministic_time: float = 2.0
    seed: int = 0
    wall_s: float | None = None
