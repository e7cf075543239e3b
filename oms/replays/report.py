"""What a replay found, as it is printed, kept and read back.

Nothing in it tells when or how fast it was made: the same decisions and policies give the same
report.
"""

from typing import Any, Literal

from pydantic import ValidationError

from oms.faults import fault_of, faulty
from oms.replays.figures import Figures, Part

KIND: Literal["tributary.replay"] = "tributary.replay"


class PolicyTold(Part):
    """A policy by its name, its version if it has one, and all that it says."""

    name: str
    version: int | None
    """None for a file, and for the standard policy."""
    body: dict[str, Any]


class Pair(Part):
    """All decisions in one currency, before and after."""

    currency: str
    before: Figures
    after: Figures


class ParcelTold(Part):
    """A parcel or a hand-over."""

    location: str
    skus: tuple[str, ...]


class PlanTold(Part):
    """Where an order goes."""

    cost_minor: int
    parcels: tuple[ParcelTold, ...]
    unfilled: tuple[str, ...]
    """SKUs of the lines that nobody fills."""
    late: bool


class Changed(Part):
    """An order that would have gone elsewhere."""

    order: str
    number: int
    decision: str
    currency: str
    before: PlanTold
    after: PlanTold


class Left(Part):
    """A decision, or a joint run, of which something is to be said, with the reason."""

    decision: str
    order: str | None = None
    number: int
    """Of the order, or of the run."""
    reason: str


class Moves(Part):
    """What a joint run wished: how many orders elsewhere, and what that saves."""

    standing_minor: int
    """What its orders cost where they were."""
    moved: int
    gain_minor: int


class RunTold(Part):
    """A joint run; `before` and `after` are None with the reason why it was not replayed."""

    number: int
    currency: str
    orders: int
    before: Moves | None = None
    after: Moves | None = None
    reproduced: bool = False
    reason: str | None = None


class Summary(Part):
    """What is kept of a replay with the policy that it speaks for."""

    kind: Literal["tributary.replay"] = KIND
    days: tuple[str, ...]
    time_zone: str
    policy: PolicyTold
    against: PolicyTold | None
    """None: against what was decided."""
    decisions: int
    """Made on these days."""
    compared: int
    reproduced: int
    """Of those compared, how many came out as they were under the policy they were made by."""
    orders_changed: int
    totals: tuple[Pair, ...]
    runs: tuple[RunTold, ...]

    @property
    def baseline(self) -> str:
        """What it is compared with, in words."""
        return "as decided" if self.against is None else label(self.against)


class Report(Summary):
    """All of it, order by order."""

    changed: tuple[Changed, ...]
    not_compared: tuple[Left, ...]
    not_reproduced: tuple[Left, ...]
    notes: tuple[str, ...]
    """What policies weigh and could not be weighed, in words."""

    def summary(self) -> Summary:
        """The report without its orders."""
        return Summary.model_validate(
            self.model_dump(exclude={"changed", "not_compared", "not_reproduced", "notes"})
        )


def label(policy: PolicyTold) -> str:
    """A policy's name with its version, as `--policy` takes it."""
    return policy.name if policy.version is None else f"{policy.name}@{policy.version}"


def parse_report(document: object) -> Report:
    """The report in a parsed JSON document; raises `Invalid` that names the wrong place."""
    try:
        return Report.model_validate(document)
    except ValidationError as error:
        found = [fault_of(one, whole="the replay") for one in error.errors(include_url=False)]
        raise faulty(found, remedy="give the report that `oms replay --json` printed") from error
