"""Simulated associates: they work in every store but the newcomer's, over the same API as people.

A thread looks after several locations in turn. Nothing is remembered but since when each thing has
been seen as it is; after a restart of either side the work goes on where it stands.
"""

import heapq
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final, TypeVar

import httpx2
from pydantic import TypeAdapter

from api.demo.keeping import kept
from api.demo.locations import NEWCOMERS_STORE
from api.demo.preparing import BOOK
from api.demo.steps import Pace, Step, with_pickup, with_shipment
from api.sandbox.book import read_book
from api.schemas.stores import PickupOut, ShipmentOut

log = logging.getLogger(__name__)

_THREADS: Final = 4
_STEPS_A_VISIT: Final = 4
"""Commands at one look: as many people as work in one place."""
_TIMEOUT_S: Final = 10.0

_PICKUPS: Final = TypeAdapter(list[PickupOut])
_SHIPMENTS: Final = TypeAdapter(list[ShipmentOut])
Queue = TypeVar("Queue", list[PickupOut], list[ShipmentOut])


class Away(Exception):
    """The service does not answer, or not as it should; the work waits for it."""


@dataclass(slots=True)
class Shift:
    """One location's associates, and since when they have seen what they see."""

    code: str
    pickups: bool
    """Whether the location hands anything over."""
    pause_s: float = 0.0
    seen: dict[str, float] = field(default_factory=dict)
    """By idempotency key: the moment at which the step came up."""


def run(
    *, web_url: str, data_dir: Path, stop: Event | None = None, pace: Pace | None = None
) -> None:
    """Work until told to stop. `data_dir` is what `prepare` and `seed` were given.

    While the service is away it is asked again every few seconds.
    """
    stopped, paced = stop or Event(), pace or Pace()
    hand_over = {store.code for store in read_book(data_dir / BOOK).stores}
    secrets = kept(data_dir)
    shifts = [
        Shift(code, pickups=code in hand_over) for code in secrets.places if code != NEWCOMERS_STORE
    ]
    with (
        httpx2.Client(
            base_url=web_url,
            headers={"Authorization": f"Bearer {secrets.store_work_key}"},
            timeout=_TIMEOUT_S,
            trust_env=False,
        ) as client,
        ThreadPoolExecutor(_THREADS) as threads,
    ):
        try:
            working = [
                threads.submit(_work, client, shifts[number::_THREADS], stopped, paced)
                for number in range(_THREADS)
            ]
            for each in as_completed(working):
                each.result()
        finally:
            stopped.set()


def _work(client: httpx2.Client, shifts: Sequence[Shift], stop: Event, pace: Pace) -> None:
    """Look after these locations in turn, each when it is due."""
    began = time.monotonic()
    # The first looks are spread over the pause between two, or all would always come at once.
    due = [(began + pace.busy_s * number / len(shifts), number) for number in range(len(shifts))]
    while due and not stop.wait(max(0.0, due[0][0] - time.monotonic())):
        number = due[0][1]
        shift = shifts[number]
        try:
            busy = _visit(client, shift, pace)
        except Away as away:
            log.warning("associates_wait", extra={"location": shift.code, "reason": str(away)})
            shift.pause_s = pace.away_s
        else:
            shift.pause_s = pace.busy_s if busy else min(pace.idle_s, shift.pause_s + pace.busy_s)
        heapq.heapreplace(due, (time.monotonic() + shift.pause_s, number))


def _visit(client: httpx2.Client, shift: Shift, pace: Pace) -> bool:
    """Take the steps whose time has come; say whether there is more to do. Raises `Away`."""
    wanted: list[Step | None] = []
    if shift.pickups:
        pickups = _queue(client, shift, "pickups", _PICKUPS)
        wanted += [with_pickup(item, pace) for item in pickups]
    shipments = _queue(client, shift, "shipments", _SHIPMENTS)
    wanted += [with_shipment(item, pace) for item in shipments]
    steps = [step for step in wanted if step is not None]
    now = time.monotonic()
    shift.seen = {step.key: shift.seen.get(step.key, now) for step in steps}
    ripe = [step for step in steps if now - shift.seen[step.key] >= step.after_s]
    for step in ripe[:_STEPS_A_VISIT]:
        if not _take(client, shift, step):
            shift.seen[step.key] = now + pace.refused_s
    return any(step.after_s <= pace.step_s for step in steps)


def _queue(client: httpx2.Client, shift: Shift, which: str, adapter: TypeAdapter[Queue]) -> Queue:
    answer = _call(client, "GET", f"/v1/stores/{shift.code}/{which}")
    if answer.status_code != httpx2.codes.OK:
        raise Away(f"{which}: {answer.status_code} {answer.text[:200]}")
    return adapter.validate_json(answer.content)


def _take(client: httpx2.Client, shift: Shift, step: Step) -> bool:
    """Give the command; False when it does not fit what has happened meanwhile."""
    answer = _call(client, "POST", f"/v1/stores/{shift.code}/{step.path}", step)
    if answer.is_success:
        return True
    log.info(
        "associates_refused",
        extra={"location": shift.code, "step": step.path, "answer": answer.text[:200]},
    )
    return False


def _call(
    client: httpx2.Client, method: str, path: str, step: Step | None = None
) -> httpx2.Response:
    """Send one request. A command without an answer is sent again at a later look, same key."""
    try:
        answer = client.request(
            method,
            path,
            json=step.body if step else None,
            headers={"Idempotency-Key": step.key} if step else None,
        )
    except httpx2.HTTPError as error:
        raise Away(f"{type(error).__name__}: {error}") from error
    if answer.is_server_error or answer.status_code in (401, 403, 429):
        raise Away(f"{path}: {answer.status_code} {answer.text[:200]}")
    return answer
