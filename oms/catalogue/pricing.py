"""Set many prices at once, of products or of their listings on a channel."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, bindparam, text
from sqlmodel import Session

Price = tuple[int, str]
"""Minor units and currency."""

_PRODUCTS = """
UPDATE products AS p SET price_minor = g.price_minor, currency = g.currency
FROM unnest(:skus, :prices, :currencies) AS g (sku, price_minor, currency)
WHERE p.sku = g.sku
  AND (p.price_minor, p.currency) IS DISTINCT FROM (g.price_minor, g.currency)
RETURNING p.sku
"""
_LISTINGS = """
UPDATE listings AS l SET price_minor = g.price_minor, currency = g.currency
FROM unnest(:skus, :channels, :prices, :currencies) AS g (sku, channel, price_minor, currency)
WHERE l.sku = g.sku AND l.channel = g.channel
  AND (l.price_minor, l.currency) IS DISTINCT FROM (g.price_minor, g.currency)
RETURNING l.sku, l.channel
"""


def set_product_prices(session: Session, prices: Mapping[str, Price]) -> int:
    """Set the price of each SKU; return for how many that was a change."""
    ordered = sorted(prices.items())
    statement = text(_PRODUCTS).bindparams(
        *_money([price for _, price in ordered]), _array("skus", [sku for sku, _ in ordered])
    )
    return len(session.execute(statement).all())


def set_listing_prices(session: Session, prices: Mapping[tuple[str, str], Price]) -> int:
    """Set the price of the listings of each (SKU, channel); return for how many it changed."""
    ordered = sorted(prices.items())
    statement = text(_LISTINGS).bindparams(
        *_money([price for _, price in ordered]),
        _array("skus", [sku for (sku, _), _ in ordered]),
        _array("channels", [channel for (_, channel), _ in ordered]),
    )
    return len(set(session.execute(statement).all()))


def _money(prices: list[Price]) -> list[Any]:
    return [
        bindparam("prices", [minor for minor, _ in prices], type_=ARRAY(BigInteger)),
        _array("currencies", [currency for _, currency in prices]),
    ]


def _array(name: str, values: list[str]) -> Any:
    return bindparam(name, values, type_=ARRAY(Text))
