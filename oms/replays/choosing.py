"""Which policy is meant: a version by its name, the standard one, or a file."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from oms.errors import NotFound
from oms.replays.report import PolicyTold
from oms.sourcing import policies
from oms.sourcing.policy import Policy, document, standard

AS_DECIDED = "as-decided"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A policy, and its version if it was added."""

    policy: Policy
    version: int | None = None

    def told(self) -> PolicyTold:
        """As a report tells of it."""
        return PolicyTold(name=self.policy.name, version=self.version, body=document(self.policy))


def chosen(session: Session, name: str) -> Chosen:
    """The policy of this name: the version NAME@VERSION, else the newest of that name.

    `standard` is the one that holds without any, unless one of that name was added. Raises
    `NotFound`.
    """
    plain, _, number = name.rpartition("@")
    wanted = int(number) if plain and number.isdecimal() else None
    rows = [
        row
        for row in policies.listed(session)
        if row.name == (name if wanted is None else plain) and wanted in (None, row.version)
    ]
    if rows:
        newest = max(rows, key=lambda row: row.version or 0)
        return Chosen(policies.in_force(newest).policy, newest.version)
    if name == standard().name:
        return Chosen(standard())
    raise NotFound(
        f"there is no routing policy {name!r}",
        field="policy",
        remedy="`oms policy list` shows the versions; a file that was not added is named by its"
        " path, such as ./peak.json",
    )


def every_version(session: Session) -> Mapping[int, Policy]:
    """All versions, by their number."""
    return {
        row.version: policies.in_force(row).policy
        for row in policies.listed(session)
        if row.version is not None
    }
