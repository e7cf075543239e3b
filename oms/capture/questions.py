"""What a batch asks of the database before it writes; one round trip for all of it."""

from typing import Final

from oms.inventory.availability import sellable_sql
from oms.locations import geography

LOCK_REFERENCES: Final = """
SELECT name, pg_try_advisory_xact_lock(hashtextextended(name, 0))
FROM unnest(%b::text[]) AS wanted(name)
"""
"""The locks of `oms.ordering.placing.lock_reference`; whoever does not get one steps aside."""

CALLERS: Final = """
SELECT wanted.key_hash, wanted.once, 'service:' || mine.name,
       mine.last_used_at IS NULL OR mine.last_used_at < %b::timestamptz,
       pg_try_advisory_xact_lock(
           hashtextextended('command:service:' || mine.name || ':' || wanted.once, 0))
FROM unnest(%b::text[], %b::text[]) AS wanted(key_hash, once)
JOIN service_keys AS mine USING (key_hash)
WHERE mine.revoked_at IS NULL AND %b::text = ANY (mine.scopes)
  AND (mine.expires_at IS NULL OR mine.expires_at > %b::timestamptz)
"""
"""Who may ask, as `oms.access.signing_in.by_key` says, and the locks of `oms.access.commands`."""

KNOWN_COMMANDS: Final = """
SELECT wanted.key_hash, wanted.once, command.kind, command.digest, command.answer
FROM unnest(%b::text[], %b::text[]) AS wanted(key_hash, once)
JOIN service_keys AS mine USING (key_hash)
JOIN commands AS command
  ON command.caller = 'service:' || mine.name AND command.key = wanted.once
"""

KEEP_ANSWERS: Final = """
INSERT INTO commands (caller, key, kind, digest, answer, at)
SELECT made.caller, made.key, %b::text, made.digest,
       made.answer || jsonb_build_object('number', placed.number), made.at
FROM unnest(%b::text[], %b::text[], %b::text[], %b::jsonb[], %b::uuid[], %b::timestamptz[])
     AS made(caller, key, digest, answer, order_id, at)
JOIN orders AS placed ON placed.id = made.order_id
RETURNING answer
"""
"""An order gets its number when its row is written, so the answer is finished here."""

NOTE_USE: Final = """
UPDATE service_keys SET last_used_at = %b::timestamptz
WHERE id IN (
    SELECT id FROM service_keys
    WHERE key_hash = ANY(%b::text[])
      AND (last_used_at IS NULL OR last_used_at < %b::timestamptz)
    FOR UPDATE SKIP LOCKED
)
"""

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

ANNOUNCED: Final = """
SELECT DISTINCT sku FROM supplies
WHERE sku = ANY(%b::text[]) AND status IN ('incoming', 'in_transit')
"""
"""Articles of which more is to come (`oms.inventory.states.OPEN_SUPPLY`)."""

COUNT_REPEATS: Final = """
UPDATE channel_messages AS message SET repeats = message.repeats + wanted.times
FROM unnest(%b::uuid[], %b::int4[]) AS wanted(id, times) WHERE message.id = wanted.id
RETURNING message.id, message.status
"""
"""A message that is not among the answers has been archived."""

WAKE: Final = "SELECT pg_notify(%b, '')"
