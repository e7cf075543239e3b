"""What must hold of money and of what comes back."""

from typing import Final

CHECKS: Final[tuple[tuple[str, str], ...]] = (
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
)
