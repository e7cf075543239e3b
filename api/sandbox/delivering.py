"""Send webhooks until they are taken: signed, in no promised order, later and later."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Final

import httpx2

from api.sandbox.orders import Webhook
from api.sandbox.signing import signature
from api.sandbox.state import State

log = logging.getLogger(__name__)

_AT_ONCE: Final = 8
_LONGEST_WAIT_S: Final = 30.0
_TIMEOUT_S: Final = 10.0


async def deliver_forever(state: State) -> None:
    """Send what is pending, and what a former run of the sandbox left pending."""
    gate = asyncio.Semaphore(_AT_ONCE)
    async with (
        httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client,
        asyncio.TaskGroup() as group,
    ):
        under_way: set[str] = set()

        async def deliver(webhook: Webhook) -> None:
            try:
                await _until_taken(state, client, gate, webhook)
            finally:
                under_way.discard(webhook.id)

        while True:
            state.wake.clear()
            for webhook in list(state.journal.webhooks.values()):
                if webhook.status == "pending" and webhook.id not in under_way:
                    under_way.add(webhook.id)
                    group.create_task(deliver(webhook))
            await state.wake.wait()


async def _until_taken(
    state: State, client: httpx2.AsyncClient, gate: asyncio.Semaphore, webhook: Webhook
) -> None:
    wait_s = state.config.retry_s
    while True:
        webhook.attempts += 1
        async with gate:
            webhook.answer = await _send(state, client, webhook)
        if webhook.answer.startswith("2"):
            webhook.status = "delivered"
            break
        if webhook.attempts >= state.config.most_attempts:
            webhook.status = "failed"
            log.warning("webhook_given_up", extra={"webhook": webhook.id})
            break
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
    state.journal.keep(webhook)


async def _send(state: State, client: httpx2.AsyncClient, webhook: Webhook) -> str:
    """Send once; the status that came back, or the name of what went wrong."""
    body = webhook.body.encode()
    try:
        response = await client.post(
            f"{state.config.oms_url.rstrip('/')}/v1/webhooks/{webhook.channel}",
            content=body,
            headers={
                "Content-Type": "application/json",
                **webhook.headers,
                **_signed(state, webhook, body),
            },
        )
    except httpx2.HTTPError as error:
        return type(error).__name__
    return f"{response.status_code} {response.text[:200]}"


def _signed(state: State, webhook: Webhook, body: bytes) -> dict[str, str]:
    """The headers that prove the origin."""
    shop = state.config.shops[webhook.channel]
    identifier = webhook.id.partition("/")[0]  # a repeat keeps the id of its first
    return signature(
        shop.kind, secret=shop.secret, identifier=identifier, body=body, now=datetime.now(UTC)
    )
