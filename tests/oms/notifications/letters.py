"""Letters to test with."""

from typing import Any

from oms.notifications.media import Letter


def a_letter(**changes: Any) -> Letter:
    """A letter to Ada."""
    given: dict[str, Any] = {
        "id": "0198-1",
        "kind": "shipped",
        "cause": "fulfilment:1:shipped",
        "target": "",
        "shop": "Acme",
        "sender": "shop@acme.example",
        "to": "ada@example.com",
        "subject": "On its way",
        "body": "hello",
        "html": "<b>hello</b>",
        "language": "en",
        "order_number": "#1",
        "order_reference": "1",
        "channel": "reference",
        "unsubscribe": "https://shop.example/messages/t",
        "created_at": "2026-03-02T12:00:00+00:00",
    }
    return Letter(**(given | changes))
