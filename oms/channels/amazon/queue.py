"""A queue of AWS (SQS, its JSON protocol): take messages, and take them off once they are kept.

A message that is not taken off comes back after the queue's visibility time-out, and after several
times moves to the queue's dead-letter queue, if it has one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from oms import clock
from oms.channels.amazon.signature import Credentials, signed
from oms.channels.base import ChannelRefused
from oms.channels.http import Answer, Line, line
from oms.connections import QueueSettings

MOST: Final = 10
"""SQS's limit of one reception."""
_PATIENCE_S: Final = 10.0
_REFUSALS: Final = ("AccessDenied", "InvalidClientTokenId", "SignatureDoesNotMatch",
    "UnrecognizedClient", "InvalidSecurity", "ExpiredToken", "NonExistentQueue",
    "QueueDoesNotExist")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message and the receipt by which it is taken off."""

    receipt: str
    body: bytes


def receive(channel: str, queue: QueueSettings, *, wait_s: int) -> Sequence[Message]:
    """Up to ten messages; waits so long for the first."""
    said = _call(
        channel,
        queue,
        "ReceiveMessage",
        {"MaxNumberOfMessages": MOST, "WaitTimeSeconds": wait_s},
        timeout_s=wait_s + _PATIENCE_S,
    )
    listed = said.get("Messages")
    return [
        Message(str(each.get("ReceiptHandle", "")), str(each.get("Body", "")).encode())
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
    ]


def take_off(channel: str, queue: QueueSettings, receipt: str) -> None:
    """Take a message off the queue for good."""
    _call(channel, queue, "DeleteMessage", {"ReceiptHandle": receipt}, timeout_s=_PATIENCE_S)


def _call(
    channel: str, queue: QueueSettings, action: str, wanted: dict[str, Any], *, timeout_s: float
) -> Mapping[str, Any]:
    body = json.dumps({"QueueUrl": queue.url, **wanted}).encode()
    parts = urlsplit(queue.url)
    endpoint = f"{parts.scheme}://{parts.netloc}/"
    headers = signed(
        endpoint,
        body,
        {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"AmazonSQS.{action}"},
        by=Credentials(
            queue.access_key_id,
            queue.secret_access_key.get_secret_value(),
            queue.region,
            "sqs",
            queue.session_token.get_secret_value() if queue.session_token else "",
        ),
        now=clock.now(),
    )
    key = "selling_partner.queue.secret_access_key"
    with line(channel=channel, settings_key=key, timeout_s=timeout_s) as opened:
        answer = opened.call("POST", endpoint, content=body, headers=headers)
        _require_success(opened, answer)
    said = answer.json()
    return said if isinstance(said, dict) else {}


def _require_success(opened: Line, answer: Answer) -> None:
    """Tell a wrong key or queue, which SQS answers with 400, from a passing fault."""
    said = answer.json()
    kind = str(said.get("__type", "")).rpartition("#")[2] if isinstance(said, dict) else ""
    if answer.status == 400 and any(kind.startswith(part) or part in kind for part in _REFUSALS):
        setting = "url" if "Queue" in kind else "secret_access_key"
        raise ChannelRefused(
            f"the queue of {opened.channel} refused us: {kind}",
            field=f"channels.{opened.channel}.selling_partner.queue.{setting}",
            remedy="set the queue's whole address, and a key that may receive and delete there",
        )
    opened.require_success(answer)
