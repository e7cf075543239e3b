"""A double of Stripe, built from the published shapes of PaymentIntent, Charge, Refund and errors.

It is served on this machine, so that the official library asks it as it would ask Stripe.
https://docs.stripe.com/api/payment_intents and /refunds say what it follows:
a manual capture may be partial and lets go of the rest, a key repeats its first answer, and a
payment that is canceled or succeeded is not captured again.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "sk_test_double"
Form = dict[str, str]
Answer = tuple[int, dict[str, Any]]


@dataclass
class Double:
    """One account. `down` and `lose` make the next answers fail or get lost after the deed."""

    intents: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    declines: bool = False
    down: int = 0
    lose: int = 0
    refund_state: str = "succeeded"
    capture_before: int | None = None

    def pay(self, amount: int, *, currency: str = "usd", status: str = "requires_capture") -> str:
        """The shop's checkout has made a payment; its id."""
        name = f"pi_{len(self.intents) + 1:04d}"
        held = amount if status == "requires_capture" else 0
        self.intents[name] = {
            "id": name, "object": "payment_intent", "status": status, "amount": amount,
            "currency": currency, "amount_capturable": held,
            "amount_received": amount if status == "succeeded" else 0,
            "capture_method": "manual", "customer": "cus_1", "payment_method": "pm_1",
            "metadata": {},
            "latest_charge": {
                "id": f"ch_{name}", "object": "charge",
                "payment_method_details": {
                    "type": "card", "card": {"capture_before": self.capture_before},
                },
            },
        }  # fmt: skip
        return name

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: str) -> Answer:
        """Answer one call; the status is 0 where the answer gets lost."""
        if headers.get("Authorization") != f"Bearer {KEY}":
            return _error(401, "", "Invalid API Key provided")
        if self.down:
            self.down -= 1
            return _error(503, "", "unavailable", kind="api_error")
        key = headers.get("Idempotency-Key", "") if method == "POST" else ""
        if key in self.answers:
            answer = self.answers[key]
        else:
            form = dict(parse_qsl(body))
            answer = self._answer(method, urlsplit(path).path.removeprefix("/v1/"), form)
        if key:
            self.answers[key] = answer
        if self.lose and method == "POST":
            self.lose -= 1
            return 0, {}
        return answer

    def _answer(self, method: str, path: str, form: Form) -> Answer:
        what, *rest = path.split("/")
        if what == "refunds":
            return self._refund(form) if method == "POST" else (200, self.refunds[rest[0]])
        if not rest:
            return self._create(form)
        intent = self.intents.get(rest[0])
        if intent is None:
            return _error(404, "resource_missing", f"No such payment_intent: '{rest[0]}'")
        if rest[1:] == ["capture"]:
            return self._capture(intent, int(form["amount_to_capture"]))
        if rest[1:] == ["cancel"]:
            return self._cancel(intent)
        return 200, intent

    def _create(self, form: Form) -> Answer:
        if self.declines:
            return _error(402, "card_declined", "Your card was declined.", kind="card_error")
        assert form["capture_method"] == "manual"
        assert form["off_session"] == "true"
        name = self.pay(int(form["amount"]), currency=form["currency"])
        return 200, self.intents[name]

    def _capture(self, intent: dict[str, Any], amount: int) -> Answer:
        if intent["status"] != "requires_capture":
            return _wrong_state(intent)
        if amount > intent["amount_capturable"]:
            return _error(400, "amount_too_large", "More than is authorised.")
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        return 200, intent

    def _cancel(self, intent: dict[str, Any]) -> Answer:
        if intent["status"] in ("succeeded", "canceled"):
            return _wrong_state(intent)
        intent |= {"status": "canceled", "amount_capturable": 0}
        return 200, intent

    def _refund(self, form: Form) -> Answer:
        intent, amount = self.intents[form["payment_intent"]], int(form["amount"])
        done = sum(one["amount"] for one in self.refunds.values() if one["of"] == intent["id"])
        if amount > intent["amount_received"] - done:
            return _error(400, "charge_already_refunded", "More than was charged.")
        name = f"re_{len(self.refunds) + 1:04d}"
        self.refunds[name] = {
            "id": name, "object": "refund", "amount": amount, "status": self.refund_state,
            "payment_intent": intent["id"], "of": intent["id"],
        }  # fmt: skip
        return 200, self.refunds[name]


@contextmanager
def served(double: Double) -> Generator[str]:
    """The double's address on this machine while it is served."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            status, told = double.answer(self.command, self.path, dict(self.headers), body)
            if not status:
                return  # the connection ends without an answer
            raw = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = _do  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def event(kind: str, about: dict[str, Any], *, secret: str, at: float | None = None) -> Any:
    """The body and the signature of a webhook, as `Stripe-Signature` is documented."""
    body = json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}})
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    return body, f"t={moment},v1={digest}"


def _wrong_state(intent: dict[str, Any]) -> Answer:
    said = f"This PaymentIntent has a status of {intent['status']}."
    return _error(400, "payment_intent_unexpected_state", said)


def _error(status: int, code: str, message: str, *, kind: str = "invalid_request_error") -> Answer:
    return status, {"error": {"type": kind, "code": code, "message": message}}
