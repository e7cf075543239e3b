"""Tell a channel what may be sold, and compare what it shows with what it was told."""

import time
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.exceptions import ApplicationError

from oms import clock
from oms.channels.base import ChannelUnavailable, StockKeeper
from oms.channels.registry import channel
from oms.channels.stock import Figure, Place, Refusal, Spot
from oms.errors import OmsError
from oms.publishing import channels, drifting, levels, owing, sending
from oms.publishing.drifting import Gap
from oms.publishing.sending import Phase
from oms.settings import settings
from workflows.activities.work import unit_of_work
from workflows.messages import Failure, StockCompared, StockTold, Subject

BATCH: Final = 100
_MOST_BALANCES: Final = 20_000
"""That one look at the stock reads, so that it stays a matter of a second."""
_SOON_S: Final = 5.0
_UNHEARD: Final = timedelta(seconds=20)
"""An order that a shop took reaches us well within this time."""
_MOVED: Final = timedelta(seconds=2)
_REFUSED: Final = timedelta(minutes=5)
_SECOND_LOOK_S: Final = 3.0
_MOST_WAITS: Final = 5
_LONGEST_WAIT_S: Final = 10
_BREATHER_S: Final = 0.2
"""Between two pages of a comparison: what is to be told goes first."""


@dataclass(slots=True)
class Talk:
    """One batch on its way to a channel."""

    code: str
    claimed: Mapping[str, int]
    keeper: StockKeeper
    places: Sequence[Place]
    figures: dict[Spot, Figure]
    refused: dict[Spot, Refusal] = field(default_factory=dict)
    held_back: set[str] = field(default_factory=set)
    told: int = 0


@activity.defn
def publishing_channels() -> list[str]:
    """The channels that are told of stock; others are forgotten."""
    codes = channels.publishing(settings())
    with unit_of_work() as session:
        channels.forget_others(session, codes)
    return sorted(codes)


@activity.defn
def publish_stock(subject: Subject) -> StockTold:
    """Tell the channel one batch of what it is owed, the most urgent first.

    It may be repeated at any moment: the channel's own figures are read first, and what it shows
    already is not told again.
    """
    code = subject.id
    with unit_of_work() as session:
        if channels.paused(session, channel=code):
            return StockTold(0, None)  # the feeder comes again when the channel may be asked
        due = owing.due(session, channels=[code])
        codes = levels.selling_codes(session)
    if not due:
        return StockTold(0, _wait_s(code))
    with _channel_errors(code):
        keeper = channel(code).stock
        places = keeper.places(codes)
        with unit_of_work() as session:
            limit = _batch(keeper, places, codes)
            claimed = owing.claim(session, channel=code, limit=limit)
            names = levels.names(session, channel=code, skus=claimed)
        with _lease(code, claimed):
            talk = Talk(code, claimed, keeper, places, dict(keeper.read(names, places)))
            for phase in Phase:
                activity.heartbeat()
                _tell(talk, phase)
            _conclude(talk)
    return StockTold(talk.told, _wait_s(code))


@activity.defn
def compare_stock(subject: Subject) -> StockCompared:
    """Compare everything that the channel lists; what differs is owed, what drifted is recorded."""
    code = subject.id
    # Another attempt goes on where this one ended.
    details = activity.info().heartbeat_details
    after, count, drifted, outdated = details or ("", 0, 0, 0)
    with _channel_errors(code):
        keeper = channel(code).stock
        with unit_of_work() as session:
            codes = levels.selling_codes(session)
        places = keeper.places(codes)
        size = _batch(keeper, places, codes)
        while True:
            activity.heartbeat(after, count, drifted, outdated)
            with unit_of_work() as session:
                skus = owing.listed(session, channel=code, after=after, limit=size)
            if not skus:
                break
            look = _look(code, keeper, places, skus)
            count, outdated = count + look.compared, outdated + len(look.outdated)
            drifted += _record_drift(code, keeper, places, look.gaps)
            after = skus[-1]
            time.sleep(_BREATHER_S)
    with unit_of_work() as session:
        channels.compared(session, channel=code, count=count)
    return StockCompared(code, count, drifted, outdated)


@activity.defn
def ask_about_stock(failure: Failure) -> None:
    """Open a case: nothing can be told to this channel."""
    with unit_of_work() as session:
        channels.open_case_for_channel(session, channel=failure.id, error=failure.message)


def _batch(keeper: StockKeeper, places: Sequence[Place], codes: Collection[str]) -> int:
    """How many articles to take at once: few where each lies at many locations."""
    return min(max(_MOST_BALANCES // max(len(codes), 1), 1), keeper.most(places), BATCH)


def _tell(talk: Talk, phase: Phase) -> None:
    """Read the stock once more and tell what is due in this phase."""
    with unit_of_work() as session:
        plan = sending.plan(
            session,
            channel=talk.code,
            skus=talk.claimed,
            places=talk.places,
            figures=talk.figures,
            phase=phase,
        )
        sending.intend(session, channel=talk.code, plan=plan)
    answer = talk.keeper.write(plan.telling) if plan.telling.levels else {}
    with unit_of_work() as session:
        fresh = sending.record(
            session, channel=talk.code, plan=plan, refused=answer, at=plan.telling.as_of
        )
    talk.figures.update(fresh)
    talk.refused.update({**plan.refused, **answer})
    talk.held_back |= plan.held_back
    talk.told += len(plan.telling.levels) - len(answer)


def _conclude(talk: Talk) -> None:
    """Settle what the channel shows rightly; the rest stays owed, each for as long as it needs."""
    with unit_of_work() as session:
        now = sending.plan(
            session,
            channel=talk.code,
            skus=talk.claimed,
            places=talk.places,
            figures=talk.figures,
            phase=Phase.RAISE,
        )
        final, again = _refusals(talk, now.skus)
        failing = {sku for those in final.values() for sku in those}
        wrong = {each.target.sku for each in now.wanted.values() if not each.right}
        done = set(talk.claimed) - failing - again - talk.held_back - wrong
        owing.settled(
            session,
            channel=talk.code,
            claimed={sku: version for sku, version in talk.claimed.items() if sku in done},
        )
        drifting.repaired(session, channel=talk.code, skus=done)
        for reason, those in final.items():
            owing.put_off(session, channel=talk.code, skus=those, wait=_REFUSED, error=reason)
        wait = again - failing
        owing.put_off(session, channel=talk.code, skus=wait, wait=_MOVED, error=None)
        wait = talk.held_back - failing - again
        owing.put_off(session, channel=talk.code, skus=wait, wait=_UNHEARD, error=None)
        channels.told(session, channel=talk.code, count=talk.told, at=clock.now())
        channels.review_case(
            session,
            channel=talk.code,
            refused={spot: each for spot, each in talk.refused.items() if not each.again},
        )


def _refusals(talk: Talk, skus: Mapping[Spot, str]) -> tuple[dict[str, set[str]], set[str]]:
    """Articles refused for good, by reason, and those worth another attempt at once."""
    final: dict[str, set[str]] = {}
    again: set[str] = set()
    for spot, refusal in talk.refused.items():
        sku = skus.get(spot)
        if sku is not None and refusal.again:
            again.add(sku)
        elif sku is not None:
            final.setdefault(refusal.reason, set()).add(sku)
    return final, again


def _look(
    code: str, keeper: StockKeeper, places: Sequence[Place], skus: Collection[str]
) -> drifting.Look:
    """Compare these articles; what is outdated is owed at once."""
    with unit_of_work() as session:
        names = levels.names(session, channel=code, skus=skus)
    figures = _read_patiently(keeper, names, places)
    with unit_of_work() as session:
        look = drifting.look(session, channel=code, skus=skus, places=places, figures=figures)
        owing.owe(session, channels=[code], skus=look.outdated)
    return look


def _read_patiently(
    keeper: StockKeeper, names: Collection[str], places: Sequence[Place]
) -> Mapping[Spot, Figure]:
    """Read, and come back when the channel asks for it: nobody waits for a comparison."""
    for _ in range(_MOST_WAITS):
        try:
            return keeper.read(names, places)
        except ChannelUnavailable as error:
            wait_s = error.facts.get("retry_after_s")
            if wait_s is None or wait_s > _LONGEST_WAIT_S:
                raise
            time.sleep(wait_s)
    return keeper.read(names, places)


def _record_drift(
    code: str, keeper: StockKeeper, places: Sequence[Place], gaps: Mapping[Spot, Gap]
) -> int:
    """Look again after a moment, so that an order under way is not taken for drift."""
    if not gaps:
        return 0
    time.sleep(_SECOND_LOOK_S)
    second = _look(code, keeper, places, sorted({gap.sku for gap in gaps.values()}))
    with unit_of_work() as session:
        return drifting.record(session, channel=code, gaps=drifting.confirmed(gaps, second.gaps))


def _wait_s(code: str) -> float | None:
    with unit_of_work() as session:
        return owing.next_due_s(session, channel=code, most_s=_SOON_S)


@contextmanager
def _lease(code: str, claimed: Mapping[str, int]) -> Generator[None]:
    """Give the articles back at the end, also when the channel could not be asked."""
    try:
        yield
    finally:
        with unit_of_work() as session:
            owing.hand_back(session, channel=code, skus=claimed)


@contextmanager
def _channel_errors(code: str) -> Generator[None]:
    """Keep why the channel could not be asked, and say whether another attempt makes sense."""
    try:
        yield
    except OmsError as error:
        wait = error.facts.get("retry_after_s")
        with unit_of_work() as session:
            channels.failed(session, channel=code, error=error.message, retry_after_s=wait)
        raise ApplicationError(
            error.message if not error.remedy else f"{error.message}; {error.remedy}",
            type=error.code,
            non_retryable=not isinstance(error, ChannelUnavailable),
            next_retry_delay=timedelta(seconds=float(wait)) if wait else None,
        ) from error
