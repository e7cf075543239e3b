"""Count very many balances in a few statements: the way of imports.

It keeps the rules of `movements` and `receiving`: one lock order, one ledger row for every change
of a total, no count below what is reserved. Repeating a count changes nothing, so these movements
need no idempotency key: whoever counts notes in the same transaction how far the counting is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.copying import connection, copy_rows
from oms.inventory.movements import Cause
from oms.outbox.appending import append

_STAGE: Final = """
CREATE TEMPORARY TABLE IF NOT EXISTS counted
    (line integer, sku text, location_id uuid, units integer, safety integer)
    ON COMMIT DELETE ROWS
"""
_UNKNOWN: Final = """
DELETE FROM counted AS c WHERE NOT EXISTS (SELECT FROM products AS p WHERE p.sku = c.sku)
RETURNING c.line
"""
_AWAITED: Final = """
SELECT DISTINCT ON (c.sku) c.sku, c.location_id FROM counted AS c
JOIN order_lines AS l ON l.sku = c.sku AND l.backordered > 0
WHERE c.units > 0 ORDER BY c.sku
"""
# What is there is locked in the lock order and left alone ("all rows will be locked when the ON
# CONFLICT DO UPDATE action is taken"); what is not there is opened with its count.
_OPEN: Final = """
WITH opened AS (
    INSERT INTO stock_balances AS b (sku, location_id, on_hand, reserved, safety)
    SELECT sku, location_id, units, 0, coalesce(safety, 0) FROM counted
    ORDER BY sku COLLATE "C", location_id
    ON CONFLICT (sku, location_id) DO UPDATE SET on_hand = b.on_hand WHERE false
    RETURNING b.sku, b.location_id, b.on_hand
), noted AS (
    INSERT INTO stock_movements
        (sku, location_id, kind, on_hand_delta, reserved_delta, cause_type, cause_id, actor, at)
    SELECT sku, location_id, 'count', on_hand, 0, %(type)s, %(id)s, %(actor)s, %(at)s FROM opened
), gone AS (
    DELETE FROM counted AS c USING opened AS o
    WHERE o.sku = c.sku AND o.location_id = c.location_id
)
SELECT count(*) FROM opened
"""
_PROMISED: Final = """
DELETE FROM counted AS c USING stock_balances AS b
WHERE b.sku = c.sku AND b.location_id = c.location_id AND c.units < b.reserved
RETURNING c.line, b.reserved
"""
_CHANGE: Final = """
WITH differing AS (
    SELECT b.sku, b.location_id, c.units, c.units - b.on_hand AS delta,
           coalesce(c.safety, b.safety) AS safety
    FROM counted AS c JOIN stock_balances AS b USING (sku, location_id)
    WHERE c.units <> b.on_hand OR coalesce(c.safety, b.safety) <> b.safety
), changed AS (
    UPDATE stock_balances AS b SET on_hand = d.units, safety = d.safety FROM differing AS d
    WHERE b.sku = d.sku AND b.location_id = d.location_id
    RETURNING b.sku, b.location_id, d.delta
), noted AS (
    INSERT INTO stock_movements
        (sku, location_id, kind, on_hand_delta, reserved_delta, cause_type, cause_id, actor, at)
    SELECT sku, location_id, 'count', delta, 0, %(type)s, %(id)s, %(actor)s, %(at)s
    FROM changed WHERE delta <> 0
)
SELECT count(*) FROM changed
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of an article that lie at a location; `safety` of None leaves that rule alone.

    `line` names it for the caller.
    """

    line: int
    sku: str
    location_id: UUID
    units: int
    safety: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many balances are new, changed or as they were; and what was not counted.

    `unknown` are lines whose article does not exist; `promised` lines whose count is below the
    units reserved, with these.
    """

    opened: int
    changed: int
    unchanged: int
    unknown: tuple[int, ...]
    promised: tuple[tuple[int, int], ...]


def count_many(session: Session, counts: Sequence[Counted], *, cause: Cause) -> Tally:
    """Set what is on hand to what was counted, no article twice at a location.

    Orders that wait for an article are looked at again.
    """
    session.flush()
    about = {"type": cause.type, "id": cause.id, "actor": cause.actor, "at": clock.now()}
    with connection(session).cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.execute("TRUNCATE counted")
        copy_rows(
            session,
            "counted",
            ("line", "sku", "location_id", "units", "safety"),
            [(one.line, one.sku, one.location_id, one.units, one.safety) for one in counts],
        )
        unknown = tuple(line for (line,) in cursor.execute(_UNKNOWN))
        awaited = cursor.execute(_AWAITED).fetchall()
        [opened] = cursor.execute(_OPEN, about).fetchone() or (0,)
        promised = tuple(cursor.execute(_PROMISED).fetchall())
        [changed] = cursor.execute(_CHANGE, about).fetchone() or (0,)
    for sku, location_id in awaited:
        append(
            session,
            topic="stock.increased",
            subject_type="location",
            subject_id=location_id,
            version=1,
            detail=sku,
        )
    return Tally(
        opened=opened,
        changed=changed,
        unchanged=len(counts) - len(unknown) - len(promised) - opened - changed,
        unknown=unknown,
        promised=promised,
    )
