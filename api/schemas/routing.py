"""Routing policies as the JSON API takes and gives them."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from api.schemas.base import In, Out
from api.schemas.orders import Text


class PolicyIn(In):
    """A version to add. `policy` is the document of docs/policies.md."""

    policy: dict[str, Any]
    effective_from: AwareDatetime | None = None
    """By default now."""
    note: Text = ""
    replay: dict[str, Any] | None = None
    """The report of what it would have changed."""


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


class DifferenceOut(Out):
    """A figure that two versions state differently; null where one does not state it."""

    field: str
    old: Any
    new: Any
