"""What must hold of stock: balances, ledger, holds, rules, supplies."""

from typing import Final

from oms.inventory.folding import FOLDED

_HELD: Final = """SELECT sku, location_id, quantity, allotted, allotment_id
  FROM reservations WHERE status IN ('held', 'aside')
  UNION ALL
  SELECT l.sku, l.location_id, l.quantity, l.allotted, l.allotment_id
  FROM checkout_hold_lines l JOIN checkout_holds h ON h.id = l.hold_id
  WHERE h.status = 'open'
  UNION ALL
  SELECT l.sku, t.from_location_id,
         CASE t.status WHEN 'picked' THEN l.picked ELSE l.requested END, 0, NULL::uuid
  FROM transfer_lines l JOIN transfers t ON t.id = l.transfer_id
  WHERE t.status IN ('requested', 'picked')"""

_LEDGER: Final = """SELECT sku, location_id, on_hand_delta, reserved_delta, damaged_delta
  FROM stock_movements
  UNION ALL SELECT sku, location_id, on_hand, reserved, damaged FROM stock_carried"""
_OF_SUPPLIES: Final = """SELECT cause_id, kind, on_hand_delta AS units FROM stock_movements
  WHERE cause_type = 'supply'
  UNION ALL SELECT supply_id, kind, units FROM supply_carried"""

CHECKS: Final[tuple[tuple[str, str], ...]] = (
    (
        "reserved lies between zero and on hand",
        """SELECT sku || ' at ' || location_id FROM stock_balances
           WHERE reserved < 0 OR damaged < 0 OR reserved + damaged > on_hand""",
    ),
    (
        "balances are the sum of the ledger",
        f"""SELECT b.sku || ' at ' || b.location_id || ': balance ' || b.on_hand || '/'
                  || b.reserved || '/' || b.damaged || ', ledger ' || coalesce(m.on_hand, 0) || '/'
                  || coalesce(m.reserved, 0) || '/' || coalesce(m.damaged, 0)
           FROM stock_balances b
           LEFT JOIN (SELECT sku, location_id, sum(on_hand_delta) AS on_hand,
                             sum(reserved_delta) AS reserved, sum(damaged_delta) AS damaged
                      FROM ({_LEDGER}) l GROUP BY sku, location_id) m
             ON m.sku = b.sku AND m.location_id = b.location_id
           WHERE b.on_hand <> coalesce(m.on_hand, 0) OR b.reserved <> coalesce(m.reserved, 0)
              OR b.damaged <> coalesce(m.damaged, 0)""",  # noqa: S608 - a constant of this module
    ),
    (
        "a movement that is made once has its key, and no other has it",
        """SELECT m.idempotency_key FROM stock_movements m
             LEFT JOIN stock_movement_keys k ON k.key = m.idempotency_key
           WHERE m.idempotency_key IS NOT NULL
           GROUP BY m.idempotency_key, k.key HAVING k.key IS NULL OR count(*) > 1""",
    ),
    (
        "reserved is the sum of held reservations, open checkout holds and transfers to be sent",
        f"""SELECT b.sku || ' at ' || b.location_id || ': ' || b.reserved || ' reserved, '
                  || coalesce(r.held, 0) || ' held'
           FROM stock_balances b
           LEFT JOIN (SELECT sku, location_id, sum(quantity) AS held FROM ({_HELD}) h
                      GROUP BY sku, location_id) r
             ON r.sku = b.sku AND r.location_id = b.location_id
           WHERE b.reserved <> coalesce(r.held, 0)""",  # noqa: S608 - a constant of this module
    ),
    (
        "what a balance withholds is what rules, doubts and allotments keep back",
        f"""SELECT b.sku || ' at ' || b.location_id || ': ' || b.withheld || ' withheld, '
                  || f.withheld || ' by the rules; by channel ' || b.by_channel || ', '
                  || f.by_channel || ' by the rules'
           FROM stock_balances b JOIN ({FOLDED}) f
             ON f.sku = b.sku AND f.location_id = b.location_id
           WHERE b.withheld <> f.withheld OR b.by_channel <> f.by_channel""",  # noqa: S608 - as above
    ),
    (
        "an allotment has no more units left and held than it was given",
        f"""SELECT a.id::text FROM stock_rules a
           LEFT JOIN (SELECT allotment_id, sum(allotted) AS held FROM ({_HELD}) h
                      GROUP BY allotment_id) h ON h.allotment_id = a.id
           WHERE a.kind = 'allotment' AND a.remaining + coalesce(h.held, 0) > a.units""",  # noqa: S608 - as above
    ),
    (
        "units of an allotment are held where and for whom it is",
        """SELECT r.id::text FROM reservations r
             JOIN orders o ON o.id = r.order_id
             LEFT JOIN stock_rules a ON a.id = r.allotment_id
           WHERE r.allotted > 0 AND (a.sku, a.location_id, a.channel)
              IS DISTINCT FROM (r.sku, r.location_id, o.channel)""",
    ),
    (
        "what was received of a supply is in the ledger",
        f"""SELECT s.document || ' ' || s.sku || ': ' || s.received || ' received, '
                  || coalesce(m.units, 0) || ' in the ledger'
           FROM supplies s
           LEFT JOIN (SELECT cause_id, sum(units) AS units FROM ({_OF_SUPPLIES}) l
                      WHERE kind IN ('receive', 'transfer_in')
                      GROUP BY cause_id) m ON m.cause_id = s.id
           WHERE s.received <> coalesce(m.units, 0)""",  # noqa: S608 - as above
    ),
    (
        "what a transfer moves has left the place that it comes from",
        f"""SELECT s.document || ' ' || s.sku FROM supplies s
           LEFT JOIN (SELECT cause_id, sum(units) AS units FROM ({_OF_SUPPLIES}) l
                      WHERE kind = 'transfer_out'
                      GROUP BY cause_id) m ON m.cause_id = s.id
           WHERE s.kind = 'transfer' AND s.announced <> -coalesce(m.units, 0)""",  # noqa: S608 - as above
    ),
    (
        "an open checkout hold keeps stock, and a converted one was of its order's channel",
        """SELECT h.id::text FROM checkout_holds h LEFT JOIN orders o ON o.id = h.order_id
           WHERE (h.status = 'open' AND NOT EXISTS (
                    SELECT 1 FROM checkout_hold_lines l WHERE l.hold_id = h.id))
              OR (h.status = 'converted' AND o.channel IS DISTINCT FROM h.channel)""",
    ),
)
