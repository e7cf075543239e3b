"""Tell the order management of every event, again until it thanks."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Final

import httpx2

from api.carrier_sandbox.playing import Played
from carriers.base import RawRequest

log = logging.getLogger(__name__)
_PAUSE_S: Final = 1.0
_MOST_WAITING: Final = 1_000


async def push_forever(carriers: Mapping[str, Played], *, oms_url: str) -> None:
    """Push what happens to `{oms_url}/v1/webhooks/carriers/{code}`, in the order it happened.

    What is not taken waits; of what waits too long the oldest is dropped, as carriers do.
    """
    waiting: deque[RawRequest] = deque(maxlen=_MOST_WAITING)
    async with httpx2.AsyncClient(base_url=oms_url, timeout=10, trust_env=False) as client:
        while True:
            for code, played in carriers.items():
                waiting += played.due(path=f"/v1/webhooks/carriers/{code}")
            while waiting and await _taken(client, waiting[0]):
                waiting.popleft()
            await asyncio.sleep(_PAUSE_S)


async def _taken(client: httpx2.AsyncClient, push: RawRequest) -> bool:
    try:
        answer = await client.post(push.path, content=push.body, headers=dict(push.headers))
    except (httpx2.HTTPError, UnicodeEncodeError) as error:
        log.info("push_unanswered", extra={"path": push.path, "error": type(error).__name__})
        return False
    if answer.status_code >= 500 or answer.status_code == 429:
        return False
    if answer.status_code >= 300:
        log.warning("push_refused", extra={"path": push.path, "status": answer.status_code})
    return True
