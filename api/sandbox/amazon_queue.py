"""The queue of AWS (SQS, its JSON protocol) into which Amazon's notifications go.

The signature of each request is made anew with the shop's key and compared.
"""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.sandbox.orders import Webhook
from api.sandbox.state import State
from oms import clock
from oms.channels.amazon.signature import Credentials, signed

_HIDDEN: Final = timedelta(seconds=30)
_MOST: Final = 10

Json = dict[str, Any]


def router(state: State) -> APIRouter:
    """SQS's one address."""
    routes = APIRouter()

    @routes.post("/")
    async def sqs(request: Request) -> Response:
        """Receive or delete."""
        raw = await request.body()
        body: Json = json.loads(raw)
        channel = str(body.get("QueueUrl", "")).rpartition("/")[2]
        shop = state.config.shops.get(channel)
        if shop is None or shop.kind != "amazon":
            return _refused("QueueDoesNotExist")
        if not _proven(request, raw, secret=shop.consumer_secret):
            return _refused("SignatureDoesNotMatch")
        match request.headers.get("x-amz-target", "").partition(".")[2]:
            case "ReceiveMessage":
                return JSONResponse({"Messages": _receive(state, channel, body)})
            case "DeleteMessage":
                return _delete(state, channel, str(body["ReceiptHandle"]))
            case _:
                return _refused("InvalidAction")

    return routes


def _receive(state: State, channel: str, body: Json) -> list[Json]:
    """What waits and is not in somebody's hands, in no order that could be relied on."""
    now = clock.now()
    waiting = [
        each
        for each in state.journal.webhooks.values()
        if each.channel == channel
        and each.status == "queued"
        and state.hidden.get(each.id, now) <= now
    ]
    state.chance.shuffle(waiting)
    chosen = waiting[: min(int(body.get("MaxNumberOfMessages", 1)), _MOST)]
    for each in chosen:
        state.hidden[each.id] = now + _HIDDEN
        each.attempts += 1
    return [_message(each) for each in chosen]


def _message(webhook: Webhook) -> Json:
    return {"MessageId": webhook.id, "ReceiptHandle": webhook.id, "Body": webhook.body}


def _delete(state: State, channel: str, receipt: str) -> Response:
    found = state.journal.webhooks.get(receipt)
    if found is not None and found.channel == channel:
        found.status = "delivered"
        state.journal.keep(found)
    return JSONResponse({})


def _proven(request: Request, body: bytes, *, secret: str) -> bool:
    """Whether the signature over the signed headers is that of the shop's key, and of now."""
    authorization = request.headers.get("authorization", "")
    try:
        scope = authorization.split("Credential=")[1].split(",")[0].split("/")
        names = authorization.split("SignedHeaders=")[1].split(",")[0].split(";")
        at = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%S%z")
    except (IndexError, KeyError, ValueError):
        return False
    if abs((clock.now() - at).total_seconds()) > 900:
        return False
    kept = {name: request.headers[name] for name in names if name not in ("host", "x-amz-date")}
    by = Credentials(scope[0], secret, scope[2], scope[3])
    url = f"http://{request.headers['host']}/"
    return signed(url, body, kept, by=by, now=at)["authorization"] == authorization


def _refused(kind: str) -> Response:
    return JSONResponse({"__type": f"com.amazonaws.sqs#{kind}", "message": kind}, 400)
