"""Joint runs, looked at again under another policy: what would they have moved, and what for."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from oms.db import transaction
from oms.replays.report import Moves, RunTold
from oms.sourcing import collecting, policies, runs
from oms.sourcing.inputs import under
from oms.sourcing.joint import solve_jointly
from oms.sourcing.policy import Policy
from oms.sourcing.proposing import Proposal, propose
from oms.sourcing.run_models import RoutingRun
from oms.sourcing.snapshots import Snapshot, parse_joint, unpack, unpack_snapshot
from routing.plan import Status

_NO_INPUTS: Final = "it was made before the inputs of its orders were kept"
_NO_ANSWER: Final = "its solver gave no answer"
_CUT_SHORT: Final = "its solver was ended by the clock, and is given all its time now"
_OTHERWISE: Final = "under the policy it was made by it comes out otherwise now"


def replay_run(
    run_id: UUID, policy: Policy, against: Policy | None, versions: Mapping[int, Policy]
) -> RunTold:
    """Put a run's problem to a policy, and compare with another or with what it wished then.

    The solver is given all the work that it wants, so that it finds the same at any speed.
    """
    with transaction() as session:
        run = runs.read(session, run_id)
    told = RunTold(number=run.number or 0, currency=run.currency, orders=run.orders)
    snapshot = unpack_snapshot(run.snapshot)
    if run.answer is None:
        reason = run.fallback_reason or _NO_ANSWER
        return told.model_copy(update={"reason": reason})
    if len(snapshot.inputs) < len(snapshot.problem.orders):
        return told.model_copy(update={"reason": _NO_INPUTS})
    own = policies.in_force(None).policy
    if run.policy_version is not None:
        own = versions[run.policy_version]
    then = propose(snapshot, parse_joint(unpack(run.answer)).answer, own)
    made: list[tuple[Policy, Proposal]] = []

    def proposal(wanted: Policy) -> Proposal:
        for known, one in made:
            if known == wanted:
                return one
        made.append((wanted, _look_again(snapshot, wanted)))
        return made[-1][1]

    again = proposal(own)
    same = again == then
    return told.model_copy(
        update={
            "before": _moves(then if against is None else proposal(against)),
            "after": _moves(proposal(policy)),
            "reproduced": same,
            "reason": None if same else _why_otherwise(run),
        }
    )


def _look_again(snapshot: Snapshot, policy: Policy) -> Proposal:
    stated = replace(snapshot, problem=under(snapshot.problem, snapshot.inputs, policy, whole=True))
    stated, _ = collecting.completed(stated, policy)
    return propose(stated, solve_jointly(stated.problem, None).answer, policy)


def _why_otherwise(run: RoutingRun) -> str:
    return _CUT_SHORT if run.answer_status == Status.TIMEOUT.value else _OTHERWISE


def _moves(proposal: Proposal) -> Moves:
    moving = [wish for wish in proposal.wishes if wish.kept is None]
    return Moves(
        standing_minor=proposal.standing_cents,
        moved=len(moving),
        gain_minor=sum(wish.gain_cents for wish in moving),
    )
