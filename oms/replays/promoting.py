"""Put a policy in force, with the replay that speaks for it, or with the reason why it has none."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, ValidationError
from sqlmodel import Session

from oms import clock
from oms.errors import Invalid
from oms.replays.report import Summary, parse_report
from oms.sourcing import policies
from oms.sourcing.models import RoutingPolicy
from oms.sourcing.policy import Policy, document

_REMEDY = (
    "run `oms replay --day DAY --policy FILE --json` and give its report, or say why there is none"
)


class Kept(Summary):
    """A replay as it is kept with the policy that was put in force by it."""

    by: str
    """Who put the policy in force on the strength of it."""
    at: AwareDatetime


def promote(
    session: Session,
    policy: Policy,
    *,
    replay: object | None,
    not_replayed_because: str,
    effective_from: datetime | None,
    actor: str,
    note: str = "",
) -> RoutingPolicy:
    """Add a version with the summary of its replay, or with the reason why it has none.

    `replay` is the document of a report. Repeating the call changes nothing. Raises `Invalid`
    without either, for a replay of another policy or of nothing, and as `policies.add` does.
    """
    because = not_replayed_because.strip()
    if (replay is None) == (not because):
        raise Invalid(
            "a policy is put in force with its replay or with a reason for having none"
            + (", not with both" if because else ""),
            field="not_replayed_because" if because else "replay",
            remedy=_REMEDY,
        )
    return policies.add(
        session,
        policy,
        effective_from=effective_from,
        actor=actor,
        note=note,
        replay=None if replay is None else _kept(replay, policy, actor=actor),
        not_replayed_because=because or None,
    )


def kept_of(row: RoutingPolicy) -> Kept | None:
    """The replay that a version was put in force with; None for what is no such summary."""
    if row.replay is None:
        return None
    try:
        return Kept.model_validate(row.replay)
    except ValidationError:
        return None  # versions that were added before took any document


def _kept(replay: object, policy: Policy, *, actor: str) -> dict[str, Any]:
    report = parse_report(replay)
    if report.policy.body != document(policy):
        differing = policies.differences_of(report.policy.body, document(policy))
        raise Invalid(
            f"the replay is of another policy: {differing[0].field} differs",
            field="replay",
            remedy=_REMEDY,
        )
    if not report.compared:
        raise Invalid(
            "the replay compares nothing: none of its decisions could be replayed",
            field="replay",
            remedy=_REMEDY,
        )
    summary = report.summary().model_dump(mode="json")
    for pair in summary["totals"]:
        for side in ("before", "after"):
            del pair[side]["locations"]  # as many as the network has; the report has them
    return summary | {"by": actor, "at": clock.now().isoformat()}
