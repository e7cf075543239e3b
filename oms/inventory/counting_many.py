"""Count very many balances in a few statements: the way of imports.

It keeps the rules of `movements` and `receiving`: one lock order, one ledger row for every change
of a total, no count below what is reserved or set apart, trust restored. Repeating a count changes
nothing, so these movements need no idempotency key: whoever counts notes in the same transaction
how far the counting is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session

from oms import clock
from oms.copying import connection, copy_rows
from oms.inventory import folding, trust
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
# One pass in the lock order: what is not there is opened, what differs is changed, and the guard
# sees the row as it is once it is locked. The old totals come with it (PostgreSQL 18, RETURNING).
_COUNT: Final = """
WITH settled AS (
    INSERT INTO stock_balances AS b (sku, location_id, on_hand, reserved, safety)
    SELECT sku, location_id, units, 0, coalesce(safety, 0) FROM counted
    WHERE (safety IS NULL) = %(safety_left_alone)s
    ORDER BY sku COLLATE "C", location_id
    ON CONFLICT (sku, location_id) DO UPDATE SET
        on_hand = excluded.on_hand,
        safety = CASE WHEN %(safety_left_alone)s THEN b.safety ELSE excluded.safety END
    WHERE excluded.on_hand >= b.reserved + b.damaged
      AND (excluded.on_hand <> b.on_hand
           OR NOT %(safety_left_alone)s AND excluded.safety <> b.safety)
    RETURNING b.sku, b.location_id, old.sku IS NULL AS is_new,
              new.on_hand - coalesce(old.on_hand, 0) AS delta
), noted AS (
    INSERT INTO stock_movements
        (sku, location_id, kind, on_hand_delta, reserved_delta, cause_type, cause_id, actor, at)
    SELECT sku, location_id, 'count', delta, 0, %(type)s, %(id)s, %(actor)s, %(at)s
    FROM settled WHERE is_new OR delta <> 0
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM settled
"""
# The rows of this statement are those just locked, so what it reads is what the guard saw.
_PROMISED: Final = """
SELECT c.line, b.kept FROM counted AS c
CROSS JOIN LATERAL (
    SELECT reserved + damaged AS kept FROM stock_balances
    WHERE sku = c.sku AND location_id = c.location_id
) AS b
WHERE c.units < b.kept ORDER BY c.line
"""
_DOUBTED: Final = """
SELECT c.sku, c.location_id FROM counted AS c
JOIN stock_balances AS b USING (sku, location_id)
WHERE b.on_hand = c.units
  AND (EXISTS (SELECT FROM stock_trust AS t WHERE t.sku = c.sku AND t.location_id = c.location_id)
       OR EXISTS (SELECT FROM counts_wanted AS w WHERE w.sku = c.sku
                  AND w.location_id = c.location_id AND w.done_at IS NULL))
ORDER BY c.sku COLLATE "C", c.location_id
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
    units reserved or set apart as damaged, with these.
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
    folding.shared(session)  # before any balance is locked; new ones obey the rules at once
    about = {"type": cause.type, "id": cause.id, "actor": cause.actor, "at": clock.now()}
    with connection(session).cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.execute("TRUNCATE counted")
        names = {one.location_id: str(one.location_id) for one in counts}
        copy_rows(
            session,
            "counted",
            ("line", "sku", "location_id", "units", "safety"),
            [(one.line, one.sku, names[one.location_id], one.units, one.safety) for one in counts],
        )
        unknown = tuple(line for (line,) in cursor.execute(_UNKNOWN))
        awaited = cursor.execute(_AWAITED).fetchall()
        opened = changed = 0
        for left_alone in {one.safety is None for one in counts}:
            new, other = cursor.execute(
                _COUNT, {**about, "safety_left_alone": left_alone}
            ).fetchone() or (0, 0)
            opened, changed = opened + new, changed + other
        promised: tuple[tuple[int, int], ...] = ()
        if opened + changed + len(unknown) < len(counts):
            promised = tuple(cursor.execute(_PROMISED).fetchall())
        doubted = cursor.execute(_DOUBTED).fetchall()
    folding.fold_spots(session, [(one.sku, one.location_id) for one in counts])
    for sku, location_id in doubted:
        trust.restore(session, sku=sku, location_id=location_id, actor=cause.actor)
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
