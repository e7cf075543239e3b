"""What must hold of orders and of the work of locations, channels and carriers."""

from typing import Final

CHECKS: Final[tuple[tuple[str, str], ...]] = (
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
