"""What a batch asks of the database before it writes; one round trip for all of it."""

from typing import Final

from oms.inventory.availability import sellable_sql
from oms.locations import geography

LOCK_REFERENCES: Final = """
SELECT name, pg_try_advisory_xact_lock(hashtextextended(name, 0))
FROM unnest(%b::text[]) AS wanted(name)
"""
"""The locks of `oms.ordering.placing.lock_reference`; whoever does not get one steps aside."""

KNOWN_MESSAGES: Final = """
SELECT known.channel, known.dedupe_key, known.message_id
FROM unnest(%b::text[], %b::text[]) AS wanted(channel, dedupe_key)
JOIN channel_message_keys AS known USING (channel, dedupe_key)
"""

KNOWN_ORDERS: Final = """
SELECT placed.channel, placed.external_id
FROM unnest(%b::text[], %b::text[]) AS wanted(channel, external_id)
JOIN orders AS placed USING (channel, external_id)
"""

ARTICLES: Final = """
SELECT wanted.channel, wanted.channel_sku, product.sku, product.weight_g, product.category
FROM unnest(%b::text[], %b::text[]) AS wanted(channel, channel_sku)
LEFT JOIN listings AS listing USING (channel, channel_sku)
JOIN products AS product ON product.sku = coalesce(listing.sku, wanted.channel_sku)
WHERE product.releases_at IS NULL OR product.releases_at <= %b::timestamptz
"""
"""Our article for each of the channel's: as it is listed, else under its own SKU; no preorders."""

CUSTOMERS: Final = """
SELECT wanted.email, lower(wanted.email), customer.id
FROM unnest(%b::text[]) AS wanted(email)
LEFT JOIN customers AS customer
       ON lower(customer.email) = lower(wanted.email) AND customer.email <> ''
"""
"""The database folds both sides: Python's lower() differs for some letters."""

POSTCODES: Final = geography.FIND.format(countries="%b", postcodes="%b")

NETWORK: Final = "SELECT version FROM network_version"

STOCK: Final = f"""
SELECT sku, location_id, {sellable_sql()}, by_channel
FROM stock_balances WHERE sku = ANY(%b::text[])
"""  # noqa: S608 - constants only
"""`oms.inventory.availability` says what `by_channel` means."""

LAPSED: Final = """
SELECT DISTINCT line.sku
FROM checkout_hold_lines AS line JOIN checkout_holds AS hold ON hold.id = line.hold_id
WHERE line.sku = ANY(%b::text[]) AND hold.status = 'open' AND hold.expires_at <= %b::timestamptz
"""
"""Articles of checkout holds that have run out and that nobody has swept."""

RESERVE: Final = f"""
WITH locked AS (
    SELECT balance.sku, balance.location_id, wanted.units
    FROM unnest(%b::text[], %b::uuid[], %b::int4[]) AS wanted(sku, location_id, units)
    JOIN stock_balances AS balance USING (sku, location_id)
    ORDER BY balance.sku COLLATE "C", balance.location_id
    FOR UPDATE OF balance
)
UPDATE stock_balances AS balance SET reserved = balance.reserved + locked.units
FROM locked
WHERE balance.sku = locked.sku AND balance.location_id = locked.location_id
  AND NOT balance.by_channel
  AND {sellable_sql("balance")} >= locked.units
RETURNING 1
"""  # noqa: S608 - constants only
"""Locks in the one lock order (`oms.inventory.availability.LOCK_ORDER`), takes under guard.

Whoever gets fewer rows than asked for has lost a race and must undo the transaction.
"""

COUNT_REPEATS: Final = """
UPDATE channel_messages AS message SET repeats = message.repeats + wanted.times
FROM unnest(%b::uuid[], %b::int4[]) AS wanted(id, times) WHERE message.id = wanted.id
RETURNING message.id, message.status
"""
"""A message that is not among the answers has been archived."""

WAKE: Final = "SELECT pg_notify(%b, '')"
