"""Requests that bring orders of two lines: a shop's webhooks, and what a till sends."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.ground import CHANNEL, SECRET, SERVICE_KEY, SKUS

Pair = tuple[int, int]


@dataclass(slots=True)
class Door:
    """Makes requests of one kind, all different, and knows how they are answered."""

    form: Callable[[int, Pair, random.Random], bytes]
    good: int = 200
    sold_out: int = 200
    """The status of the answer to an order for what is not there."""
    prefix: str = ""
    """What stands before the number in an order's reference."""
    articles: int = SKUS
    """The first so many are ordered."""
    next: int = 10_000_000
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def make(self, count: int, *, skus: str = "uniform") -> list[bytes]:
        """So many different requests; `skus` is uniform, zipf or hot (one in every order)."""
        first, self.next = self.next, self.next + count
        pairs = _pairs(self.chance, count, skus, self.articles)
        return [self.form(number, pair, self.chance) for number, pair in enumerate(pairs, first)]

    def references(self, count: int) -> list[str]:
        """The references of the orders that were made last."""
        return [f"{self.prefix}{number}" for number in range(self.next - count, self.next)]


def webhooks(*, articles: int = SKUS) -> Door:
    """Signed webhooks, each as long as a shop's: two lines, some five kilobytes."""
    return Door(_webhook, articles=articles)


def tills() -> Door:
    """Requests at POST /v1/orders, each with a key of its own; what is not there is refused."""
    return Door(_till, good=201, sold_out=409, prefix="till-")


def _pairs(chance: random.Random, count: int, skus: str, articles: int) -> list[Pair]:
    if skus == "zipf":
        weights = [1 / rank**1.1 for rank in range(1, articles + 1)]
        picks = [1 + at for at in chance.choices(range(articles), weights, k=2 * count)]
    elif skus == "hot":
        picks = [1 if at % 2 else chance.randint(2, articles) for at in range(2 * count)]
    else:
        picks = [chance.randint(1, articles) for _ in range(2 * count)]
    pairs = [sorted(picks[at : at + 2]) for at in range(0, 2 * count, 2)]
    return [(first, second) for first, second in pairs]


def _till(number: int, skus: Pair, chance: random.Random) -> bytes:
    body = json.dumps(
        {
            "source": "till", "delivery": "ship", "currency": "USD",
            "customer_name": f"Sample Customer {number}",
            "customer_email": f"till{number}@example.com",
            "address": {
                "name": "Sample Customer", "street": "5 Main Street", "city": "Springfield",
                "region": "IL", "postcode": "62701", "country": "US",
                "latitude": 30 + 15 * chance.random(), "longitude": -120 + 45 * chance.random(),
            },
            "lines": [
                {"sku": f"SKU{sku:06}", "quantity": 1, "unit_price_minor": 1999} for sku in skus
            ],
        }
    ).encode()  # fmt: skip
    head = (
        "POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nAuthorization: Bearer {SERVICE_KEY}\r\n"
        f"Idempotency-Key: till-{number}\r\n\r\n"
    )
    return head.encode() + body


def _webhook(number: int, skus: Pair, chance: random.Random) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    body = json.dumps(_order(number, now, skus, chance)).encode()
    signature = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
    head = (
        f"POST /v1/webhooks/{CHANNEL} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nX-Shopify-Topic: orders/create\r\n"
        "X-Shopify-Shop-Domain: shop.example.com\r\nX-Shopify-Api-Version: 2026-07\r\n"
        f"X-Shopify-Event-Id: event-{number}\r\nX-Shopify-Webhook-Id: {number}\r\n"
        f"X-Shopify-Triggered-At: {now}\r\nX-Shopify-Hmac-Sha256: {signature}\r\n\r\n"
    )
    return head.encode() + body


def _order(number: int, now: str, skus: Pair, chance: random.Random) -> dict[str, object]:
    money = {"shop_money": {"amount": "39.98", "currency_code": "USD"},
             "presentment_money": {"amount": "39.98", "currency_code": "USD"}}  # fmt: skip
    address = {
        "first_name": "Sample", "last_name": f"Customer {number}", "address1": "5 Main Street",
        "address2": "", "city": "Springfield", "province": "Illinois", "province_code": "IL",
        "zip": "62701", "country": "United States", "country_code": "US", "phone": "5550100",
        "latitude": 30 + 15 * chance.random(), "longitude": -120 + 45 * chance.random(),
    }  # fmt: skip
    return {
        "id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "name": f"#{number}", "order_number": number, "created_at": now, "updated_at": now,
        "cancelled_at": None, "confirmed": True, "test": False, "currency": "USD",
        "presentment_currency": "USD", "taxes_included": False, "financial_status": "paid",
        "fulfillment_status": None, "total_price": "39.98", "total_price_set": money,
        "current_total_price": "39.98", "current_total_price_set": money,
        "total_shipping_price_set": money, "source_name": "web",
        "email": f"customer{number}@example.com", "phone": None,
        "note_attributes": [{"name": f"field {at}", "value": "x" * 40} for at in range(12)],
        "client_details": {"user_agent": "Mozilla/5.0 " + "x" * 120, "browser_ip": "192.0.2.1"},
        "customer": {"id": number, "first_name": "Sample", "last_name": f"Customer {number}",
                     "email": f"customer{number}@example.com", "phone": None},
        "billing_address": address, "shipping_address": address,
        "shipping_lines": [{"id": number, "code": "Standard", "title": "Standard",
                            "source": "shopify", "price": "5.00", "discounted_price": "5.00",
                            "tax_lines": [], "discount_allocations": []}],
        "line_items": [
            {
                "id": 10 * number + at, "sku": f"SKU{sku:06}", "variant_id": 4_000_000 + sku,
                "title": f"Article {sku}", "name": f"Article {sku}", "quantity": 1,
                "current_quantity": 1, "fulfillable_quantity": 1, "fulfillment_service": "manual",
                "requires_shipping": True, "gift_card": False, "taxable": True, "price": "19.99",
                "price_set": {"shop_money": {"amount": "19.99", "currency_code": "USD"}},
                "total_discount": "0.00", "properties": [], "discount_allocations": [],
                "tax_lines": [{"title": "Tax", "price": "1.20", "rate": 0.06}],
            }
            for at, sku in enumerate(skus)
        ],
        "fulfillments": [], "refunds": [],
    }  # fmt: skip
