"""The solver in a process of its own: it answers, or it is done with in time and says why not."""

import os
import signal
from dataclasses import replace

import pytest

from oms.sourcing.joint import Joint, solve_jointly
from oms.sourcing.snapshots import (
    Snapshot,
    Standing,
    joint_document,
    pack_snapshot,
    parse_joint,
    unpack_snapshot,
)
from oms.sourcing.solving_apart import solve_apart
from routing.parse import parse_tariff
from routing.problem import Line, Location, Order, Problem, Stock
from tests.builders import NEW_YORK, TARIFF

PLACE = Location("S01", "store", *NEW_YORK, 190, 60, 100, 0)


def a_problem(orders: int = 3) -> Problem:
    return Problem(
        currency="USD",
        tariff=parse_tariff(TARIFF),
        locations=(PLACE,),
        stock=(Stock("S01", "MUG", 2),),
        orders=tuple(
            Order(f"O{n}", *NEW_YORK, 5, 3, (Line("1", "MUG", 1, 300, 3_000),))
            for n in range(orders)
        ),
    )


def test_the_process_finds_what_is_found_here() -> None:
    problem = a_problem()
    seen: list[int] = []
    attempt = solve_apart(problem, seconds=30.0, watch=seen.append)
    assert attempt.failure is None
    assert attempt.joint == solve_jointly(problem, 30.0, expected=[])
    assert attempt.joint is not None
    assert [plan.unfilled for plan in attempt.joint.answer.orders] == [(), (), ("1",)]
    assert os.getpid() not in set(seen)


def test_a_process_that_does_not_end_is_ended() -> None:
    attempt = solve_apart(
        a_problem(), seconds=0.0, grace_s=0.1, watch=lambda pid: os.kill(pid, signal.SIGSTOP)
    )
    assert (attempt.joint, attempt.failure) == (None, "the solver did not end within 0.1 seconds")


def test_a_process_that_dies_is_told_by_its_signal() -> None:
    attempt = solve_apart(a_problem(), seconds=30.0, watch=lambda pid: os.kill(pid, signal.SIGTERM))
    assert (attempt.joint, attempt.failure) == (None, "the solver was ended by SIGTERM")


def test_a_problem_that_cannot_be_read_is_told_in_words() -> None:
    broken = replace(a_problem(), locations=(PLACE, PLACE))
    attempt = solve_apart(broken, seconds=30.0)
    assert attempt.joint is None
    assert (attempt.failure or "").startswith("the solver failed with 1: ")
    assert "locations[1].id" in (attempt.failure or "")


def test_the_process_is_ended_when_whoever_watches_gives_up() -> None:
    pids: list[int] = []

    def give_up(pid: int) -> None:
        pids.append(pid)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_apart(a_problem(), seconds=30.0, watch=give_up)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_answers_and_snapshots_are_kept_without_loss() -> None:
    problem = a_problem()
    joint = Joint(solve_jointly(problem, 5.0).answer, worth={("MUG", "S01"): 2_300})
    assert parse_joint(joint_document(joint, seconds=0.5)) == joint
    snapshot = Snapshot(problem, {"O0": Standing(2, {"1": "S01"})})
    assert unpack_snapshot(pack_snapshot(snapshot)) == snapshot
