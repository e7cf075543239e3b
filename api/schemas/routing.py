"""What routing reckons with, as the JSON API takes and gives it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from api.schemas.base import In, Out
from api.schemas.orders import Name, Text

SkuClass = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class PolicyIn(In):
    """A version to add, with its replay or a reason for having none.

    `policy` is the document of docs/policies.md.
    """

    policy: dict[str, Any]
    effective_from: AwareDatetime | None = None
    """By default now."""
    note: Text = ""
    replay: dict[str, Any] | None = None
    """The report of `oms replay --json`: what it would have changed."""
    not_replayed_because: Text = ""


class PolicyOut(Out):
    """A version of the policy; `version` is null for the standard one, which nobody has added."""

    version: int | None
    name: str
    in_force: bool
    effective_from: datetime | None
    note: str
    created_at: datetime | None
    created_by: str
    policy: dict[str, Any]
    replay: dict[str, Any] | None
    """The sums of the replay that it was put in force with, and by whom."""
    not_replayed_because: str | None


class DifferenceOut(Out):
    """A figure that two versions state differently; null where one does not state it."""

    field: str
    old: Any
    new: Any


class OverrideOut(Out):
    """What a person said instead of what was learned."""

    sku_class: str
    """Empty: for every class that has no word of its own."""
    probability: float
    reason: str
    until: datetime | None
    set_at: datetime
    set_by: str


class AcceptanceOut(Out):
    """How likely a location does what it is given, for one class of articles."""

    location: str
    sku_class: str
    """The articles' category; empty for the location as a whole."""
    probability: float
    """What routing reckons with: the override, else what was learned."""
    learned: float
    done: float
    """Fulfilments done; older ones count less."""
    given_back: float
    override: OverrideOut | None


class OverrideIn(In):
    """A person's word on how likely a location accepts work."""

    location: Name
    sku_class: SkuClass = ""
    probability: Annotated[float, Field(ge=0, le=1)]
    reason: Name
    until: AwareDatetime | None = None


class ClearIn(In):
    """Whose override ends, and why."""

    location: Name
    sku_class: SkuClass = ""
    because: Name
