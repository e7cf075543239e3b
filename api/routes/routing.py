"""Routing policies: added, listed, compared."""

from typing import Annotated

from fastapi import APIRouter, Path
from sqlmodel import Session

from api.deps import OperatorDep, SessionDep
from api.schemas.routing import DifferenceOut, PolicyIn, PolicyOut
from oms.replays import promoting
from oms.sourcing import policies
from oms.sourcing.models import RoutingPolicy
from oms.sourcing.policy import document, parse

router = APIRouter(prefix="/v1/routing/policies", tags=["routing"])

Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
def read_all(session: SessionDep, _who: OperatorDep) -> list[PolicyOut]:
    """Every version, the one that counts last first."""
    return [_out(session, row) for row in policies.listed(session)]


@router.get("/current")
def read_current(session: SessionDep, _who: OperatorDep) -> PolicyOut:
    """The policy in force now."""
    found = policies.current(session)
    if found.version is not None:
        return _out(session, policies.read(session, found.version))
    return PolicyOut(
        version=None,
        name=found.policy.name,
        in_force=True,
        effective_from=None,
        note="",
        created_at=None,
        created_by="system",
        policy=document(found.policy),
        replay=None,
        not_replayed_because=None,
    )


@router.get("/{version}")
def read(version: Version, session: SessionDep, _who: OperatorDep) -> PolicyOut:
    """One version."""
    return _out(session, policies.read(session, version))


@router.get("/{version}/differences/{other}")
def compare(
    version: Version, other: Version, session: SessionDep, _who: OperatorDep
) -> list[DifferenceOut]:
    """What the other version says that this one does not, figure by figure."""
    old, new = (policies.in_force(policies.read(session, one)).policy for one in (version, other))
    return [DifferenceOut.model_validate(one) for one in policies.differences(old, new)]


@router.post("", status_code=201)
def add(body: PolicyIn, session: SessionDep, who: OperatorDep) -> PolicyOut:
    """Add a version. Sending the same again changes nothing and answers with the first.

    It comes with the replay that speaks for it, or with the reason why it has none.
    422 `invalid` names the wrong field of the policy as in `holds[0].minutes`.
    """
    row = promoting.promote(
        session,
        parse(body.policy),
        effective_from=body.effective_from,
        actor=who.actor,
        note=body.note,
        replay=body.replay,
        not_replayed_because=body.not_replayed_because,
    )
    return _out(session, row)


def _out(session: Session, row: RoutingPolicy) -> PolicyOut:
    facts = row.model_dump(exclude={"body"}) | {"policy": row.body}
    return PolicyOut.model_validate(
        facts | {"in_force": row.version == policies.current(session).version}
    )
