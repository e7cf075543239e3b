"""Amazon's official models and examples, read in place."""

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def amazon_orders(contracts: Path) -> list[Json]:
    """Every order in the official examples of searchOrders and getOrder."""
    examples = json.loads(
        (contracts / "payloads/amazon/2026-01-01_getOrder.sandbox.json").read_bytes()
    )
    answers = [each.get("response") or each["examples"]["application/json"] for each in examples]
    model = json.loads((contracts / "specs/amazon-orders_2026-01-01.json").read_bytes())
    search = model["paths"]["/orders/2026-01-01/orders"]["get"]["responses"]["200"]
    pages = [each["response"] for each in search["x-amzn-api-sandbox"]["static"]]
    pages.append(search["examples"]["application/json"])
    single = [answer["order"] for answer in answers if "order" in answer]
    return single + [order for page in pages for order in page["orders"]]
