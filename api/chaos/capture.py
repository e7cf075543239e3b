"""Prove that captured orders survive: send, kill, restart, and compare with what was promised."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg

from api.chaos import journal, judging, killing, network, script, stack
from api.chaos.journal import Acknowledgement, Journal
from api.chaos.judging import Findings, Told
from api.chaos.killing import Kill, Killer, Victim
from api.chaos.network import Stock
from api.chaos.options import Options, Variation
from api.chaos.report import Report
from api.chaos.script import Sequencing, Story
from api.chaos.sending import Senders, Sending, Sent
from api.chaos.stack import Stack
from api.stack import postgres
from api.stack.console import Console
from api.stack.errors import StackError
from api.stack.folders import make_folders
from api.stack.locks import end_leftovers, sole_owner
from api.stack.supervisor import Supervisor

_PATIENCE_S: Final = 120.0
"""Without a single acknowledgement for so long, the system does not come back."""
_PROVEN_S: Final = 0.0
"""Parts are killed on purpose here; a supervisor that grew wary would only prolong the run."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """One run under way."""

    options: Options
    stories: Sequence[Story]
    promisable: Stock
    stack: Stack
    supervisor: Supervisor
    console: Console


def run(options: Options, console: Console, *, variation: Variation, plant: str | None) -> Report:
    """Carry out one run in its own folder and judge it. `plant` names the variation's fault.

    Must be called in the main thread: the children end with the thread that started them.
    """
    folders = make_folders(options.data_dir)
    with sole_owner(folders):
        if any(folders.logs.iterdir()):
            raise StackError(
                f"{folders.root} has been used before",
                remedy="choose a new or an empty folder with --data-dir",
            )
        stories = script.stories(options, now=datetime.now(UTC))
        supervisor = Supervisor(folders, console, proven_s=_PROVEN_S)
        made = stack.make(options, folders)
        trial = _Trial(options, stories, network.stock(stories), made, supervisor, console)
        with supervisor.signals():
            try:
                stack.start(made, supervisor, options, variation, trial.promisable)
                return _report(trial, plant)
            finally:
                supervisor.stop()
                end_leftovers(folders, stop_signals={postgres.NAME: postgres.STOP_SIGNAL})
                postgres.forget_socket(made.server)


def _report(trial: _Trial, plant: str | None) -> Report:
    path = trial.stack.folders.root / "acknowledged.jsonl"
    begun_s = time.monotonic()
    with closing(Journal(path)) as kept:
        sent, kills = _ordeal(trial, kept)
    sending_s = time.monotonic() - begun_s
    acknowledged = journal.read(path)
    trial.console.say("Everything was told; settling and judging.")
    findings = _judged(trial, sent, acknowledged)
    messages = [message for story in trial.stories for message in story.messages]
    thanked = {one.story for one in acknowledged}
    options = trial.options
    return Report(
        options={
            "orders": options.orders,
            "kills": options.kills,
            "duplicates": options.duplicates,
            "hot_skus": options.hot_skus,
            "web": options.web,
            "at_once": options.at_once,
            "seed": options.seed,
        },
        plant=plant,
        orders=len(trial.stories),
        acknowledged_orders=len(thanked),
        refused_orders=len(sent.refused - thanked),
        messages=len(messages),
        repeated_messages=sum(1 for message in messages if message.repeats),
        reordered_orders=sum(
            1 for story in trial.stories if story.sequencing is not Sequencing.IN_ORDER
        ),
        attempts=sent.attempts,
        acknowledgements=len(acknowledged),
        answers=dict(sent.answers),
        kills=Counter(kill.victim for kill in kills),
        recovery_s=_recoveries(kills, acknowledged),
        sending_s=sending_s,
        findings=findings,
    )


def _ordeal(trial: _Trial, kept: Journal) -> tuple[Sent, Sequence[Kill]]:
    """Send everything while parts are killed; end when all is told and all parts are up."""
    options, up = trial.options, trial.supervisor
    senders = Senders(
        doors=trial.stack.doors,
        secrets=trial.stack.secrets,
        service_key=trial.stack.key_file.read_text(),
        at_once=options.at_once,
        seed=options.seed,
    )
    killer = Killer(
        killing.plan(kills=options.kills, orders=options.orders, seed=options.seed),
        up,
        trial.stack.folders,
        doors=tuple(trial.stack.ports),
        orders=options.orders,
        seed=options.seed,
    )
    sending = Sending(trial.stories, senders, kept)
    patience = _Patience(kept)

    def done() -> bool:
        if sending.ended() or patience.is_over():
            return True
        if (kill := killer.look(closed=sending.sent.closed)) is not None:
            kept.sync()
            trial.console.say(
                f"kill {len(killer.kills)} of {options.kills}, after {kill.after_orders:,} orders:"
                f" {kill.victim.value}"
            )
        sending.pause_s = killer.pause_s(closed=sending.sent.closed)
        return False

    sending.start()
    try:
        up.run(done=done)
    finally:
        sending.give_up()
    up.run(done=lambda: all(up.pid(name) for name in (postgres.NAME, *trial.stack.ports)))
    up.start([])  # raises if a stop was asked for
    return sending.sent, killer.kills


class _Patience:
    """Whether too long ago something was acknowledged."""

    def __init__(self, kept: Journal) -> None:
        self._journal = kept
        self._count = 0
        self._since_s = time.monotonic()

    def is_over(self) -> bool:
        """Look once."""
        if self._journal.count != self._count:
            self._count, self._since_s = self._journal.count, time.monotonic()
        return time.monotonic() - self._since_s > _PATIENCE_S


def _judged(trial: _Trial, sent: Sent, acknowledged: Sequence[Acknowledgement]) -> Findings:
    stack.settle(trial.stack)
    invariants = stack.broken_invariants(trial.stack)
    with psycopg.connect(trial.stack.server.url) as connection:
        found = judging.look(connection)
    told = Told(
        trial.stories, acknowledged, frozenset(sent.refused), sent.improper, trial.promisable
    )
    return judging.judge(told, found, invariants=invariants)


def _recoveries(
    kills: Sequence[Kill], acknowledged: Sequence[Acknowledgement]
) -> dict[Victim, list[float]]:
    found: dict[Victim, list[float]] = defaultdict(list)
    for kill in kills:
        if (seconds := killing.recovery_s(kill, acknowledged)) is not None:
            found[kill.victim].append(seconds)
    return found
