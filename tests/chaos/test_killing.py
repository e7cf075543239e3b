"""Which part is killed when, and how long it is missed."""

from collections import Counter
from pathlib import Path

import pytest

from api.chaos import killing
from api.chaos.journal import Acknowledgement
from api.chaos.killing import Kill, Killer, Plan, Victim
from api.chaos.report import quantile
from api.stack.folders import Folders, make_folders
from api.stack.supervisor import Supervisor
from tests.stack.helpers import SLEEP, eventually, part, python, runs, told


def an_answer(*, sent: float, at: float, door: int = 0) -> Acknowledgement:
    return Acknowledgement("till 1", "till-1", door, 201, "o1", sent_at_s=sent, at_s=at)


@pytest.mark.parametrize("seed", range(20))
def test_all_kills_are_planned_and_every_part_has_its_turn(seed: int) -> None:
    plans = killing.plan(kills=20, orders=1_000, seed=seed)
    assert len(plans) == 20
    assert {one.victim for one in plans} == set(Victim)
    moments = [one.after_orders for one in plans]
    assert moments == sorted(moments)
    assert moments[0] >= 20
    assert moments[-1] <= 800


def test_a_short_run_kills_what_dies_most_often() -> None:
    victims = Counter(one.victim for one in killing.plan(kills=2, orders=100, seed=1))
    assert victims == {Victim.WEB: 1, Victim.DATABASE: 1}
    assert killing.plan(kills=0, orders=100, seed=1) == ()


def test_a_web_process_is_back_when_its_own_door_answers_again() -> None:
    kill = Kill(Victim.WEB, at_s=10.0, after_orders=5, door=1)
    answers = [
        an_answer(sent=9.5, at=10.5, door=1),  # it was asked before
        an_answer(sent=10.2, at=10.4, door=0),
        an_answer(sent=13.0, at=13.5, door=1),
        an_answer(sent=14.0, at=14.1, door=1),
    ]
    assert killing.recovery_s(kill, answers) == 3.5
    assert killing.recovery_s(kill, answers[:2]) is None


def test_the_database_is_back_when_any_door_answers_again() -> None:
    kill = Kill(Victim.DATABASE, at_s=10.0, after_orders=5, door=None)
    answers = [an_answer(sent=9.5, at=10.5, door=1), an_answer(sent=11.0, at=12.0, door=0)]
    assert killing.recovery_s(kill, answers) == 2.0


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 2.0), (0.51, 3.0), (0.95, 4.0), (1.0, 4.0)]
)
def test_a_quantile_is_one_of_the_values(share: float, value: float) -> None:
    assert quantile([4.0, 1.0, 3.0, 2.0], share) == value


def test_nothing_has_no_quantile() -> None:
    assert quantile([], 0.5) is None


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path / "data")


def a_killer(supervisor: Supervisor, folders: Folders, *victims: Victim) -> Killer:
    plans = [Plan(victim, after_orders=10 * number) for number, victim in enumerate(victims, 1)]
    return Killer(plans, supervisor, folders, doors=("web-1", "web-2"), orders=100, seed=1)


def test_a_web_process_that_is_up_is_killed_once_enough_orders_are_closed(
    folders: Folders,
) -> None:
    supervisor = Supervisor(folders, told()[0])
    try:
        supervisor.start([part(python("web-2", SLEEP))])
        pid = supervisor.pid("web-2")
        killer = a_killer(supervisor, folders, Victim.WEB, Victim.DATABASE)
        assert killer.look(closed=9) is None
        kill = killer.look(closed=10)
        assert kill is not None
        assert (kill.victim, kill.after_orders, kill.door) == (Victim.WEB, 10, 1)
        eventually(lambda: pid is not None and not runs(pid))
        assert killer.look(closed=10) is None
        assert killer.kills == [kill]
    finally:
        supervisor.stop()


def test_orders_come_slowly_while_a_kill_is_overdue(folders: Folders) -> None:
    killer = a_killer(Supervisor(folders, told()[0]), folders, Victim.DATABASE, Victim.EVERYTHING)
    assert killer.pause_s(closed=9) == 0.0
    assert killer.look(closed=20) is None  # nothing is up
    assert killer.pause_s(closed=20) == pytest.approx(2 * 10 / 80)
    assert killer.pause_s(closed=100) == 1.0
