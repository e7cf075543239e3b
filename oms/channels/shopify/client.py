"""Send GraphQL to Shopify's Admin API and read what comes back; nothing is decided here."""

import json
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from oms.channels.base import ChannelRefused, ChannelUnavailable
from oms.channels.http import Line, line, waiting
from oms.channels.shopify import operations
from oms.channels.shopify.operations import Operation
from oms.connections import ChannelSettings, MissingSetting

_PASSING: Final = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})
_PICKUP: Final = "PICK_UP"
_GID: Final = re.compile(r"gid://shopify/\w+/(\w+)")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A fulfilment that the shop has, by its global id."""

    id: str
    status: str
    tracking_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """What the shop says of an order."""

    cancelled: bool
    fulfilments: tuple[Fulfilment, ...]


@dataclass(frozen=True, slots=True)
class Remaining:
    """A line of a fulfilment order. `line_id` is the order line's, as webhooks call it."""

    id: str
    line_id: str
    remaining: int
    total: int


@dataclass(frozen=True, slots=True)
class FulfilmentOrder:
    """Work that the shop assigned to one of its locations."""

    id: str
    status: str
    location: str
    pickup: bool


@dataclass(frozen=True, slots=True)
class UserError:
    """Why the shop did not do what it was asked."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Api:
    """The Admin API of one shop over an open connection."""

    line: Line
    url: str
    token: str

    def run(self, operation: Operation, variables: Json) -> Json:
        """Carry out one operation and return its data.

        Raises `ChannelUnavailable` when throttled or without an answer, `ChannelRefused` for
        any other error of the whole request.
        """
        answer = self.line.call(
            "POST",
            self.url,
            content=json.dumps(
                {
                    "query": operation.document,
                    "operationName": operation.name,
                    "variables": variables,
                }
            ).encode(),
            headers={"Content-Type": "application/json", "X-Shopify-Access-Token": self.token},
        )
        self.line.require_success(answer)
        body = answer.json()
        if not isinstance(body, dict):
            raise ChannelUnavailable(f"{self.line.channel} answered something that is not JSON")
        if body.get("errors"):
            self._refuse(body)
        data = body.get("data")
        if not isinstance(data, dict):
            raise ChannelUnavailable(f"{self.line.channel} answered without data")
        return data

    def _refuse(self, body: Json) -> None:
        errors = body["errors"]
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
        code = str((first.get("extensions") or {}).get("code", ""))
        message = str(first.get("message", errors))[:300]
        if code == "THROTTLED":
            raise ChannelUnavailable(
                f"{self.line.channel} is throttling us", facts=_until_affordable(body)
            )
        if code in _PASSING:
            raise ChannelUnavailable(f"{self.line.channel}: {message}")
        if code == "ACCESS_DENIED":
            raise ChannelRefused(
                f"{self.line.channel} denies access: {message}",
                field=f"channels.{self.line.channel}.access_token",
                remedy="give the app the scopes write_orders, write_inventory, read_locations and"
                " write_merchant_managed_fulfillment_orders",
            )
        raise ChannelRefused(f"{self.line.channel} refused: {message}")


@contextmanager
def connected(channel: str, settings: ChannelSettings, *, timeout_s: float) -> Generator[Api]:
    """The shop's Admin API for a few operations."""
    if settings.access_token is None:
        raise MissingSetting(
            f"channels.{channel}.access_token is not set",
            field=f"channels.{channel}.access_token",
            remedy="set it to the Admin API access token of the shop's app",
        )
    url = f"{settings.api_url.rstrip('/')}/admin/api/{settings.api_version}/graphql.json"
    with line(channel=channel, settings_key="access_token", timeout_s=timeout_s) as opened:
        yield Api(opened, url, settings.access_token.get_secret_value())


def look(api: Api, order_id: str) -> ShopOrder:
    """The order's state at the shop. Raises `ChannelRefused` if there is no such order."""
    order = _order(api.run(operations.LOOK, {"order": gid("Order", order_id)}), order_id)
    return ShopOrder(
        cancelled=order["cancelledAt"] is not None,
        fulfilments=tuple(
            Fulfilment(
                id=each["id"],
                status=each["status"],
                tracking_numbers=tuple(
                    info["number"] for info in each["trackingInfo"] if info["number"]
                ),
            )
            for each in order["fulfillments"]
        ),
    )


def fulfilled_lines(api: Api, fulfilment_id: str) -> Mapping[str, int]:
    """Units by order line id in one fulfilment."""
    units: dict[str, int] = {}
    after = None
    while True:
        data = api.run(operations.FULFILLED_LINES, {"fulfillment": fulfilment_id, "after": after})
        page = (data["fulfillment"] or {}).get("fulfillmentLineItems") or _EMPTY_PAGE
        for node in page["nodes"]:
            line_id = number(node["lineItem"]["id"])
            units[line_id] = units.get(line_id, 0) + (node["quantity"] or 0)
        if not page["pageInfo"]["hasNextPage"]:
            return units
        after = page["pageInfo"]["endCursor"]


def fulfilment_orders(api: Api, order_id: str) -> Sequence[FulfilmentOrder]:
    """Every fulfilment order of an order, whatever its status."""
    found: list[FulfilmentOrder] = []
    after = None
    while True:
        variables = {"order": gid("Order", order_id), "after": after}
        page = _order(api.run(operations.FULFILMENT_ORDERS, variables), order_id)[
            "fulfillmentOrders"
        ]
        found.extend(_fulfilment_order(node) for node in page["nodes"])
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def remaining_lines(api: Api, fulfilment_order_id: str) -> Sequence[Remaining]:
    """The lines of one fulfilment order."""
    found: list[Remaining] = []
    after = None
    while True:
        data = api.run(
            operations.REMAINING_LINES,
            {"fulfillmentOrder": fulfilment_order_id, "after": after},
        )
        page = (data["fulfillmentOrder"] or {}).get("lineItems") or _EMPTY_PAGE
        found.extend(
            Remaining(
                id=node["id"],
                line_id=number(node["lineItem"]["id"]),
                remaining=node["remainingQuantity"],
                total=node["totalQuantity"],
            )
            for node in page["nodes"]
        )
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def fulfil(api: Api, fulfilment: Json) -> tuple[str, Sequence[UserError]]:
    """Create a fulfilment: its number, or why there is none."""
    payload = api.run(operations.FULFIL, {"fulfillment": fulfilment})["fulfillmentCreate"] or {}
    created = payload.get("fulfillment") or {}
    return str(created.get("legacyResourceId", "")), _errors(payload, "userErrors")


def prepared(api: Api, fulfilment_order_ids: Sequence[str]) -> Sequence[UserError]:
    """Mark all that these fulfilment orders hold as ready; the shop tells the customer."""
    orders = [{"fulfillmentOrderId": each} for each in fulfilment_order_ids]
    data = api.run(operations.PREPARED, {"input": {"lineItemsByFulfillmentOrder": orders}})
    return _errors(data["fulfillmentOrderLineItemsPreparedForPickup"] or {}, "userErrors")


def cancel(api: Api, order_id: str, *, note: str) -> tuple[str, Sequence[UserError]]:
    """Cancel the order, restocking and without a refund: the job's id, or why there is none."""
    variables = {"order": gid("Order", order_id), "restock": True, "note": note}
    payload = api.run(operations.CANCEL, variables)["orderCancel"] or {}
    job = payload.get("job") or {}
    return str(job.get("id", "")), _errors(payload, "orderCancelUserErrors")


def money(api: Api, global_id: str, order_id: str) -> Json:
    """What was paid for the order, and what was given back, as the shop has it."""
    return _order(api.run(operations.MONEY, {"order": global_id}), order_id)


def user_errors(payload: Json) -> Sequence[UserError]:
    """Why a mutation did nothing; empty if it did what it was asked."""
    return _errors(payload, "userErrors")


def gid(kind: str, number_: str) -> str:
    """Shopify's global id of a resource."""
    return f"gid://shopify/{kind}/{number_}"


def number(global_id: str) -> str:
    """The number in a global id, as webhooks write it."""
    found = _GID.match(global_id)
    return found.group(1) if found else global_id


def refuse(errors: Sequence[UserError]) -> None:
    """Raise `ChannelRefused` with what the shop said, if it said anything."""
    if errors:
        said = "; ".join(f"{error.code} {error.message}".strip() for error in errors)
        raise ChannelRefused(
            f"Shopify refused: {said}",
            remedy="settle the order at the shop by hand, then replay the writeback",
            facts={"codes": [error.code for error in errors if error.code]},
        )


_EMPTY_PAGE: Final[Json] = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


def _fulfilment_order(node: Json) -> FulfilmentOrder:
    location = (node["assignedLocation"] or {}).get("location") or {}
    return FulfilmentOrder(
        id=node["id"],
        status=node["status"],
        location=location.get("id", ""),
        pickup=(node["deliveryMethod"] or {}).get("methodType") == _PICKUP,
    )


def _order(data: Json, order_id: str) -> Json:
    order = data.get("order")
    if not isinstance(order, dict):
        raise ChannelRefused(
            f"the shop has no order {order_id}, or does not show it to us",
            remedy="check that the app may read all orders (scope read_all_orders after 60 days)",
        )
    return order


def _errors(payload: Json, key: str) -> Sequence[UserError]:
    return [
        UserError(str(error.get("code") or ""), str(error.get("message", "")))
        for error in payload.get(key) or ()
    ]


def _until_affordable(body: Json) -> dict[str, int]:
    """How long until the leaky bucket holds the cost of this query."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    bucket = cost.get("throttleStatus") or {}
    try:
        lacking = float(cost["requestedQueryCost"]) - float(bucket["currentlyAvailable"])
        return waiting(lacking / float(bucket["restoreRate"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return waiting(2)
