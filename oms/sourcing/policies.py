"""Versions of the routing policy: added, never changed, each in force from its date on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Invalid, NotFound
from oms.faults import Fault
from oms.ids import new_id
from oms.locations.models import Location
from oms.sourcing import plugged_terms
from oms.sourcing.models import RoutingPolicy
from oms.sourcing.policy import Policy, document, faulty, parse, standard
from routing.weighing import TermFault

_ABSENT: Final = object()
_NEWEST_FIRST: Final = (
    col(RoutingPolicy.effective_from).desc(),
    col(RoutingPolicy.version).desc(),
)


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy that counts, and its version; None is the one that holds without any."""

    version: int | None
    policy: Policy


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that two policies state differently; None where one does not state it."""

    field: str
    old: Any
    new: Any


def current(session: Session) -> InForce:
    """The policy in force now."""
    return in_force(_first(session, RoutingPolicy.effective_from <= clock.now()))


def in_force(row: RoutingPolicy | None) -> InForce:
    """A stored version as routing takes it."""
    if row is None:
        return InForce(None, standard())
    return InForce(row.version, parse(row.body))


def listed(session: Session) -> Sequence[RoutingPolicy]:
    """Every version, the one that counts last first."""
    return session.exec(select(RoutingPolicy).order_by(*_NEWEST_FIRST)).all()


def read(session: Session, version: int) -> RoutingPolicy:
    """One version; raises `NotFound`."""
    row = session.get(RoutingPolicy, version)
    if row is None:
        raise NotFound(
            f"there is no routing policy version {version}",
            field="version",
            remedy="`oms policy list` shows the versions",
        )
    return row


def add(
    session: Session,
    policy: Policy,
    *,
    effective_from: datetime | None,
    actor: str,
    note: str = "",
    replay: Mapping[str, Any] | None = None,
    not_replayed_because: str | None = None,
) -> RoutingPolicy:
    """Put a new version in force from a moment on, by default from now.

    Repeating the call changes nothing: the newest version with the same content and moment is
    returned. Raises `Invalid` for a moment in the past, because decisions have been made since by
    what was in force then, and for locations and cost terms that are not there. Whoever puts a
    policy in force asks `oms.replays.promoting`, which wants its replay.
    """
    now = clock.now()
    start = effective_from or now
    if (known := _same(session, policy, effective_from)) is not None:
        return known
    if start < now:
        raise Invalid(
            f"{start:%Y-%m-%d %H:%M} UTC is in the past, and was decided by another policy",
            field="effective_from",
            remedy="leave it out for now at once, or name a moment to come",
        )
    if found := list(_unknown(session, policy)):
        raise faulty(found)
    row = RoutingPolicy(
        name=policy.name,
        effective_from=start,
        body=document(policy),
        note=note,
        created_at=now,
        created_by=actor,
        replay=dict(replay) if replay is not None else None,
        not_replayed_because=not_replayed_because,
    )
    session.add(row)
    session.flush()
    record(
        session,
        action="routing.policy_added",
        subject_type="routing_policy",
        subject_id=new_id(),
        actor=actor,
        facts={
            "version": row.version,
            "name": row.name,
            "effective_from": row.effective_from.isoformat(),
            "replayed": row.replay is not None,
            "not_replayed_because": row.not_replayed_because,
        },
    )
    return row


def differences(old: Policy, new: Policy) -> Sequence[Difference]:
    """What the second says that the first does not, figure by figure."""
    return differences_of(document(old), document(new))


def differences_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> Sequence[Difference]:
    """The same of two policies as documents."""
    before, after = dict(_figures(old)), dict(_figures(new))
    fields = [*before, *(field for field in after if field not in before)]
    return [
        Difference(field, before.get(field), after.get(field))
        for field in fields
        if before.get(field, _ABSENT) != after.get(field, _ABSENT)
    ]


def _same(
    session: Session, policy: Policy, effective_from: datetime | None
) -> RoutingPolicy | None:
    """The version that says the same from the same moment on, or that is in force and says it."""
    row = _first(
        session,
        RoutingPolicy.effective_from <= clock.now()
        if effective_from is None
        else RoutingPolicy.effective_from == effective_from,
    )
    return row if row is not None and parse(row.body) == policy else None


def _first(session: Session, condition: ColumnElement[bool] | bool) -> RoutingPolicy | None:
    """Of the versions that fit, the one that counts last."""
    return session.exec(
        select(RoutingPolicy).where(condition).order_by(*_NEWEST_FIRST).limit(1)
    ).first()


def _unknown(session: Session, policy: Policy) -> Iterator[Fault]:
    known = set(session.exec(select(Location.code)))
    for at, one in enumerate(policy.exclusions):
        if one.location not in known:
            yield Fault(f"exclusions[{at}].location", f"there is no location {one.location!r}")
    for at, way in enumerate(policy.transfers):
        for field, code in (("sender", way.sender), ("store", way.store)):
            if code is not None and code not in known:
                yield Fault(f"transfers[{at}].{field}", f"there is no location {code!r}")
    for name in policy.weights.plugged_percent:
        try:
            plugged_terms.load(name)
        except TermFault as fault:
            yield Fault(f"weights.plugged_percent.{name}", fault.message)


def _figures(value: Any, field: str = "") -> Iterator[tuple[str, Any]]:
    """Every single figure of a document, with its place."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _figures(part, f"{field}.{name}" if field else name)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _figures(part, f"{field}[{at}]")
    else:
        yield field, value
