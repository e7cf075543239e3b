"""What must always hold, checked in SQL against a live database."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from oms.inventory.folding import FOLDED

_MOST_SHOWN = 20
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

# Each query returns one text per violation. The numbers are those of docs/architecture.md.
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
    (
        "a line's reserved units are held for it",
        """SELECT l.id || ': ' || l.reserved || ' reserved, ' || coalesce(r.held, 0) || ' held'
           FROM order_lines l
           LEFT JOIN (SELECT line_id, sum(quantity) AS held FROM reservations
                      WHERE status = 'held' GROUP BY line_id) r ON r.line_id = l.id
           WHERE l.reserved <> coalesce(r.held, 0)""",
    ),
    (
        "every ordered unit is in one bucket",
        """SELECT id::text FROM order_lines
           WHERE quantity <> unrouted + reserved + backordered + in_transfer
                          + short + cancelled + fulfilled""",
    ),
    (
        "what is sent to a store for a line is on transfers for its order that are under way",
        """SELECT l.order_id || ' ' || l.sku || ': ' || l.units || ' in transfer, '
                  || coalesce(t.units, 0) || ' on transfers'
           FROM (SELECT order_id, sku, sum(in_transfer) AS units FROM order_lines
                 WHERE in_transfer > 0 GROUP BY order_id, sku) l
           LEFT JOIN (SELECT t.order_id, s.sku,
                             sum(CASE WHEN t.status = 'requested' THEN s.requested
                                      ELSE s.picked END) AS units
                      FROM transfers t JOIN transfer_lines s ON s.transfer_id = t.id
                      WHERE t.closed_at IS NULL GROUP BY t.order_id, s.sku) t
             ON t.order_id = l.order_id AND t.sku = l.sku
           WHERE l.units > coalesce(t.units, 0)""",
    ),
    (
        "a transfer that routing asked for cites a decision of its own order",
        """SELECT t.number::text FROM transfers t
             JOIN routing_decisions d ON d.id = t.decision_id
           WHERE t.order_id IS DISTINCT FROM d.order_id""",
    ),
    (
        "a line is fulfilled by goods that left once",
        """SELECT l.id || ': ' || l.fulfilled || ' fulfilled, ' || coalesce(f.left_house, 0)
                  || ' left'
           FROM order_lines l
           LEFT JOIN (SELECT fl.line_id, sum(fl.quantity) AS left_house
                      FROM fulfilment_lines fl JOIN fulfilments f ON f.id = fl.fulfilment_id
                      WHERE f.status IN ('handed_over', 'delivered', 'lost', 'returned')
                      GROUP BY fl.line_id) f ON f.line_id = l.id
           WHERE l.fulfilled <> coalesce(f.left_house, 0)""",
    ),
    (
        "one order per channel and external id",
        """SELECT channel || ' ' || external_id FROM orders
           GROUP BY channel, external_id HAVING count(*) > 1""",
    ),
    (
        "every settled message has an order, a case, or carried none",
        """SELECT m.id::text FROM channel_messages m LEFT JOIN orders o ON o.id = m.order_id
           WHERE (m.status IN ('applied', 'superseded') AND o.id IS NULL)
              OR (m.status = 'parked' AND NOT EXISTS (
                    SELECT 1 FROM exceptions e
                    WHERE e.cause_type = 'message' AND e.cause_id = m.id))""",
    ),
    (
        "a message is kept once, under its own key",
        """SELECT m.id::text FROM channel_messages m
             LEFT JOIN channel_message_keys k
               ON k.channel = m.channel AND k.dedupe_key = m.dedupe_key
           WHERE k.message_id IS DISTINCT FROM m.id""",
    ),
    (
        "at most one accepted writeback per fact and channel",
        """SELECT channel || ' ' || kind || ' ' || subject_id FROM writebacks
           WHERE status = 'accepted' GROUP BY channel, kind, subject_id HAVING count(*) > 1""",
    ),
    (
        "no channel was told of more than is unpromised, unless a correction is owed",
        """SELECT p.channel || ' ' || p.channel_sku || ' ' || p.place || ': told ' || p.quantity
                  || ', left ' || f.units
           FROM stock_published p
           CROSS JOIN LATERAL (
             SELECT coalesce(sum(b.on_hand - b.reserved), 0) AS units
             FROM stock_balances b JOIN locations l ON l.id = b.location_id
             WHERE b.sku = p.sku
               AND (p.codes = '*' OR l.code = ANY(string_to_array(p.codes, ' ')))) f
           WHERE p.published_at IS NOT NULL AND p.quantity > f.units
             AND NOT EXISTS (SELECT 1 FROM stock_owed o
                             WHERE o.channel = p.channel AND o.sku = p.sku)
             AND NOT EXISTS (SELECT 1 FROM stock_ledger_cursor c
                             JOIN stock_movements m ON m.id > c.settled_to AND m.sku = p.sku)""",
    ),
    (
        "a collected pickup has proof, actor and time, and its goods have left",
        """SELECT p.id::text FROM pickups p JOIN fulfilments f ON f.id = p.fulfilment_id
           WHERE (p.status = 'collected') <> (f.status = 'handed_over')
              OR (p.status = 'collected' AND (p.proof IS NULL OR p.handed_over_by IS NULL))""",
    ),
    (
        "a ready pickup lies on a shelf, and a closed one keeps no tote",
        """SELECT p.id::text FROM pickups p WHERE p.status = 'ready' AND p.shelf = ''
           UNION ALL
           SELECT p.id::text FROM pickup_packages k JOIN pickups p ON p.id = k.pickup_id
           WHERE (NOT k.gone AND p.status IN ('collected', 'put_back', 'cancelled'))
              OR (p.status IN ('ready', 'expired') AND k.shelf = '')
              OR k.location_id <> p.location_id""",
    ),
    (
        "a closed pickup has no visitor, and a visit that is over says nothing of the car",
        """SELECT a.id::text FROM arrivals a JOIN pickups p ON p.id = a.pickup_id
           WHERE (a.closed_at IS NULL AND p.status NOT IN ('preparing', 'ready', 'expired'))
              OR (a.closed_at IS NOT NULL AND (a.plate <> '' OR a.vehicle <> ''))
              OR a.location_id <> p.location_id""",
    ),
    (
        "goods lie aside as long as they are to be put back, and no longer",
        """SELECT coalesce(r.id, p.id)::text
           FROM (SELECT * FROM reservations WHERE status = 'aside') r
           FULL JOIN (SELECT * FROM pickups WHERE status = 'to_put_back') p
             ON p.fulfilment_id = r.fulfilment_id
           WHERE r.id IS NULL OR p.id IS NULL""",
    ),
    (
        "a slot has no more customers than its store received when they booked",
        """SELECT location_id || ' ' || starts_at || ': ' || count(*) FROM slot_bookings
           WHERE released_at IS NULL
           GROUP BY location_id, starts_at HAVING count(*) > max(capacity)""",
    ),
    (
        "what a transfer has sent is in transit, has come, or is missing on its document",
        """SELECT t.number || ' ' || l.sku FROM transfer_lines l
             JOIN transfers t ON t.id = l.transfer_id
             LEFT JOIN supplies s ON s.id = l.supply_id
           WHERE (t.status IN ('shipped', 'received', 'lost') AND l.picked > 0
                  AND (s.announced, s.received, s.location_id, s.from_location_id) IS DISTINCT FROM
                      (l.picked, l.received, t.to_location_id, t.from_location_id))
              OR (t.status IN ('requested', 'picked', 'cancelled') AND l.supply_id IS NOT NULL)
              OR ((t.status = 'shipped') <> (s.status = 'in_transit'))""",
    ),
    (
        "every fulfilment cites a decision of its own order",
        """SELECT f.id::text FROM fulfilments f
           LEFT JOIN routing_decisions d ON d.id = f.decision_id
           WHERE d.order_id IS DISTINCT FROM f.order_id""",
    ),
    (
        "a payment's totals are the sum of its ledger, in bounds",
        """SELECT p.id || ': ' || p.authorised_minor || '/' || p.captured_minor || '/'
                  || p.voided_minor || '/' || p.refunded_minor
           FROM payments p
           LEFT JOIN (SELECT payment_id,
                 sum(amount_minor) FILTER (WHERE kind = 'authorise') AS authorised,
                 sum(amount_minor) FILTER (WHERE kind = 'capture') AS captured,
                 sum(amount_minor) FILTER (WHERE kind = 'void') AS voided,
                 sum(amount_minor) FILTER (WHERE kind = 'refund') AS refunded
               FROM payment_entries GROUP BY payment_id) e ON e.payment_id = p.id
           WHERE (p.authorised_minor, p.captured_minor, p.voided_minor, p.refunded_minor)
              IS DISTINCT FROM (coalesce(e.authorised, 0), coalesce(e.captured, 0),
                                coalesce(e.voided, 0), coalesce(e.refunded, 0))
              OR p.captured_minor + p.voided_minor > p.authorised_minor
              OR p.refunded_minor > p.captured_minor""",
    ),
    (
        "a refund is owed or paid in full, once per cause, by its order's own tenders",
        """SELECT r.number::text FROM refunds r
           LEFT JOIN (SELECT refund_id, sum(amount_minor) AS amount FROM repayments
                      GROUP BY refund_id) b ON b.refund_id = r.id
           WHERE r.amount_minor <> coalesce(b.amount, 0)
           UNION ALL
           SELECT b.id::text FROM repayments b JOIN payments p ON p.id = b.payment_id
             JOIN refunds r ON r.id = b.refund_id
           WHERE p.order_id <> b.order_id OR r.order_id <> b.order_id
              OR p.currency <> r.currency
           UNION ALL
           SELECT order_id || ' ' || cause FROM refunds
           GROUP BY order_id, cause HAVING count(*) > 1
           UNION ALL
           SELECT p.id::text FROM payments p
           LEFT JOIN (SELECT payment_id, sum(amount_minor) AS amount FROM repayments
                      GROUP BY payment_id) b ON b.payment_id = p.id
           WHERE p.refunded_minor <> coalesce(b.amount, 0)""",
    ),
    (
        "no more is captured at a card's provider than in the ledger, and nothing of a refused one",
        """SELECT i.intent_id FROM card_intents i JOIN payments p ON p.id = i.payment_id
           WHERE i.captured_minor > p.captured_minor OR p.provider <> 'stripe'
              OR i.order_id <> p.order_id
              OR (i.status IN ('asked', 'refused') AND p.authorised_minor > 0)
              OR (i.status = 'spent' AND i.captured_minor <> p.captured_minor)""",
    ),
    (
        "a credit's balance is the sum of its ledger, which says what orders say of it",
        """SELECT c.id || ': ' || c.balance_minor || ', ledger ' || coalesce(e.total, 0)
                  || ', spent ' || coalesce(e.spent, 0) || ' and ' || coalesce(p.paid, 0)
                  || ', got back ' || coalesce(e.back, 0) || ' and ' || coalesce(r.back, 0)
           FROM credits c
           LEFT JOIN (SELECT credit_id, sum(delta_minor) AS total,
                        -sum(delta_minor) FILTER (WHERE kind = 'spend') AS spent,
                        sum(delta_minor) FILTER (WHERE kind = 'refund') AS back
                      FROM credit_entries GROUP BY credit_id) e ON e.credit_id = c.id
           LEFT JOIN (SELECT credit_id, sum(captured_minor) AS paid FROM payments
                      GROUP BY credit_id) p ON p.credit_id = c.id
           LEFT JOIN (SELECT credit_id, sum(amount_minor) AS back FROM repayments
                      GROUP BY credit_id) r ON r.credit_id = c.id
           WHERE c.balance_minor < 0 OR c.balance_minor <> coalesce(e.total, 0)
              OR coalesce(e.spent, 0) <> coalesce(p.paid, 0)
              OR coalesce(e.back, 0) <> coalesce(r.back, 0)""",
    ),
    (
        "no more units are refunded than left the house",
        """SELECT l.id || ': ' || sum(r.units) || ' of ' || l.fulfilled
           FROM refund_lines r JOIN order_lines l ON l.id = r.line_id
           GROUP BY l.id, l.fulfilled HAVING sum(r.units) > l.fulfilled""",
    ),
    (
        "no more units are on returns than left the house",
        """SELECT l.id || ': ' || sum(r.units) || ' of ' || l.fulfilled
           FROM return_lines r JOIN returns t ON t.id = r.return_id
             JOIN order_lines l ON l.id = r.line_id
           WHERE t.status NOT IN ('refused', 'expired', 'cancelled')
           GROUP BY l.id, l.fulfilled HAVING sum(r.units) > l.fulfilled""",
    ),
    (
        "goods that came back are in the ledger, and leave quarantine by disposition only",
        """SELECT g.id::text FROM returned_goods g
             LEFT JOIN stock_movement_keys i ON i.key = 'return:' || g.id
             LEFT JOIN stock_movement_keys o ON o.key = 'disposed:' || g.id
           WHERE i.key IS NULL OR (o.key IS NOT NULL) <> (g.disposed_at IS NOT NULL)""",
    ),
    (
        "what is in quarantine is what came back and was not decided on",
        """SELECT coalesce(b.sku, g.sku) || ' at ' || coalesce(b.location_id, g.location_id) || ': '
                  || coalesce(b.quarantined, 0) || ' in quarantine, ' || coalesce(g.units, 0)
                  || ' undecided'
           FROM (SELECT * FROM stock_balances WHERE quarantined <> 0) b
           FULL JOIN (SELECT sku, location_id, sum(units) AS units FROM returned_goods
                      WHERE disposed_at IS NULL GROUP BY sku, location_id) g
             ON g.sku = b.sku AND g.location_id = b.location_id
           WHERE coalesce(b.quarantined, 0) <> coalesce(g.units, 0)""",
    ),
    (
        "a closed return is refunded, and all that came has been decided on",
        """SELECT t.number::text FROM returns t LEFT JOIN refunds r ON r.id = t.refund_id
           WHERE (t.refund_id IS NOT NULL AND r.order_id IS DISTINCT FROM t.order_id)
              OR (t.status = 'closed' AND (t.refund_id IS NULL OR EXISTS (
                    SELECT 1 FROM returned_goods g
                    WHERE g.return_id = t.id AND g.disposition IS NULL)))""",
    ),
    (
        "what is packed lies in live parcels, each unit once, and is filled while it is picked",
        """SELECT f.number || ': ' || l.quantity || ' of a line, packed ' || coalesce(p.units, 0)
           FROM fulfilments f JOIN fulfilment_lines l ON l.fulfilment_id = f.id
             LEFT JOIN (SELECT p.fulfilment_id, i.line_id, sum(i.quantity) AS units
                        FROM parcels p JOIN parcel_lines i ON i.parcel_id = p.id
                        WHERE p.status <> 'voided' GROUP BY p.fulfilment_id, i.line_id) p
               ON p.fulfilment_id = f.id AND p.line_id = l.line_id
           WHERE f.kind = 'ship' AND l.quantity <> coalesce(p.units, 0)
             AND (f.status = 'packed' OR (f.status = 'handed_over' AND EXISTS (
                   SELECT 1 FROM parcels g WHERE g.fulfilment_id = f.id)))
           UNION ALL
           SELECT f.number || ' is ' || f.status || ' and being filled' FROM open_parcels o
             JOIN fulfilments f ON f.id = o.fulfilment_id WHERE f.status <> 'picking'""",
    ),
    (
        "a line's stock is held where its fulfilment is",
        """SELECT r.id::text FROM reservations r JOIN fulfilments f ON f.id = r.fulfilment_id
           WHERE r.status = 'held' AND (f.location_id <> r.location_id
              OR f.status NOT IN ('allocated', 'picking', 'packed'))""",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant, and whatever breaks it."""

    name: str
    violations: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {"invariant": self.name, "violations": list(self.violations)}


def check(session: Session) -> list[Finding]:
    """Check everything; at most twenty violations of each are listed."""
    return [
        Finding(
            name,
            tuple(session.execute(text(f"{query} LIMIT {_MOST_SHOWN}")).scalars().all()),
        )
        for name, query in CHECKS
    ]


def broken(session: Session) -> list[str]:
    """What does not hold, in words; empty when all is well."""
    return [
        f"{finding.name}: {violation}"
        for finding in check(session)
        for violation in finding.violations
    ]
