"""Be the shops and the tills: tell everything until it is taken, over doors that come and go."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx2

from api.chaos.journal import Acknowledgement, Journal
from api.chaos.script import Message, Sequencing, Story
from api.sandbox.signing import signature

TIMEOUT_S: Final = 15.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
_TRY_AGAIN: Final = frozenset({429, 503})
_OUT_OF_STOCK: Final = "out_of_stock"


@dataclass(frozen=True, slots=True)
class Senders:
    """Who sends, where to, and what proves it. `secrets` are the shops', by channel."""

    doors: Sequence[str]
    secrets: Mapping[str, str]
    service_key: str
    at_once: int
    seed: int


@dataclass(slots=True)
class Sent:
    """What became of the sending, so far. Only the sending thread writes it."""

    attempts: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    """By status, or by the kind of error that took an answer's place."""
    refused: set[str] = field(default_factory=set)
    """Orders that were properly refused for want of stock."""
    improper: list[str] = field(default_factory=list)
    """Answers that a sound system does not give, even while its parts are killed."""
    closed: int = 0
    """Orders that were seen through."""


class Sending:
    """Tells all stories in a thread of its own; `sent` and the journal show how far it is."""

    def __init__(self, stories: Sequence[Story], senders: Senders, journal: Journal) -> None:
        self.sent = Sent()
        self.pause_s = 0.0
        """Set by whoever watches: how long to wait before each new order."""
        self._stories = stories
        self._senders = senders
        self._journal = journal
        self._chance = random.Random(senders.seed)
        self._stopped = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="senders", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def ended(self) -> bool:
        """Whether all was told, or given up. Raises what went wrong in the thread."""
        if self._failure is not None:
            raise self._failure
        return not self._thread.is_alive()

    def give_up(self) -> None:
        """Send nothing any more, and wait for what is under way."""
        self._stopped.set()
        self._thread.join(timeout=2 * TIMEOUT_S)

    def _work(self) -> None:
        try:
            asyncio.run(self._tell_all())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asks
            self._failure = error

    async def _tell_all(self) -> None:
        waiting, turn = iter(self._stories), asyncio.Lock()
        limits = httpx2.Limits(max_connections=4 * self._senders.at_once)
        async with (
            httpx2.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):

            async def tell_one_after_another() -> None:
                for story in waiting:
                    async with turn:
                        await asyncio.sleep(self.pause_s)
                    if self._stopped.is_set():
                        return
                    await self._tell(client, story)

            for _ in range(self._senders.at_once):
                group.create_task(tell_one_after_another())

    async def _tell(self, client: httpx2.AsyncClient, story: Story) -> None:
        if story.sequencing is Sequencing.AT_ONCE:
            await asyncio.gather(*(self._repeat(client, story, one) for one in story.messages))
        else:
            for message in story.messages:
                await self._repeat(client, story, message)
        self.sent.closed += 1

    async def _repeat(self, client: httpx2.AsyncClient, story: Story, message: Message) -> None:
        """Tell once, and as often again as the script says: side by side, or one by one."""
        times = 1 + message.repeats
        if message.repeated_at_once:
            await asyncio.gather(*(self._insist(client, story, message) for _ in range(times)))
        else:
            for _ in range(times):
                await self._insist(client, story, message)

    async def _insist(self, client: httpx2.AsyncClient, story: Story, message: Message) -> None:
        """Send until it is taken or finally refused, waiting longer each time."""
        wait_s = _FIRST_WAIT_S
        while not self._stopped.is_set():
            if await self._is_final(client, story, message):
                return
            await asyncio.sleep(wait_s * self._chance.uniform(0.5, 1))
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    async def _is_final(self, client: httpx2.AsyncClient, story: Story, message: Message) -> bool:
        """Send once; say whether the answer ends the matter."""
        door = self._chance.randrange(len(self._senders.doors))
        begun_s = time.monotonic()
        self.sent.attempts += 1
        try:
            answer = await client.post(
                self._senders.doors[door] + message.path,
                content=message.body,
                headers=self._headers(story, message),
            )
        except httpx2.HTTPError as error:
            self.sent.answers[type(error).__name__] += 1
            return False
        self.sent.answers[str(answer.status_code)] += 1
        if answer.is_success:
            self._journal.keep(
                Acknowledgement(
                    story.name,
                    message.id,
                    door,
                    answer.status_code,
                    _reference(answer),
                    sent_at_s=begun_s,
                    at_s=time.monotonic(),
                )
            )
            return True
        return self._refusal(story, message, answer)

    def _refusal(self, story: Story, message: Message, answer: httpx2.Response) -> bool:
        """Note an answer that is no acknowledgement; say whether it is the last word."""
        status = answer.status_code
        if status in _TRY_AGAIN:
            return False
        if story.refusable and status == 409 and _error_code(answer) == _OUT_OF_STOCK:
            self.sent.refused.add(story.name)
            return True
        self.sent.improper.append(f"{story.name}, {message.id}: {status} {answer.text[:300]}")
        return status < 500

    def _headers(self, story: Story, message: Message) -> dict[str, str]:
        headers = {"Content-Type": "application/json", **message.headers}
        if not story.is_webhook:
            return {**headers, "Authorization": f"Bearer {self._senders.service_key}"}
        proof = signature(
            story.channel,
            secret=self._senders.secrets[story.channel],
            identifier=message.id,
            body=message.body,
            now=datetime.now(UTC),
        )
        return {**headers, **proof}


def _reference(answer: httpx2.Response) -> str:
    document = answer.json()
    return str(document.get("order_id") or document.get("message_id") or "")


def _error_code(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["code"])
