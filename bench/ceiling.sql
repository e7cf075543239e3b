-- The rows of one captured order of two lines; bench/ceiling.py fills the braces in.
BEGIN;
SELECT nextval('bench_orders');
INSERT INTO customers (id, name, email, phone, created_at)
VALUES ({customer}, 'Sample Customer', 'customer' || currval('bench_orders') || '@example.net', '', now())
ON CONFLICT DO NOTHING;
INSERT INTO addresses (id, customer_id, name, company, street, street_2, city, region, postcode, country, phone, latitude, longitude)
VALUES ({address}, {customer}, 'Sample Customer', '', '5 Main Street', '', 'Springfield', 'IL', '62701', 'US', '5550100', 39.8, -89.6);
INSERT INTO orders (id, channel, external_id, display_number, status, version, delivery, customer_id, address_id, currency, total_minor, shipping_minor, tax_included, placed_at, external_updated_at, promise_by, captured_at)
VALUES ({order}, '{channel}', 'p' || currval('bench_orders'), '#1', 'captured', 2, 'ship', {customer}, {address}, 'USD', 3998, 500, false, now(), now(), now(), now());
INSERT INTO order_lines (id, order_id, position, external_id, sku, title, quantity, unrouted, reserved, backordered, short, cancelled, fulfilled, unit_price_minor, tax_minor, discount_minor)
VALUES ({line1}, {order}, 1, '1', {sku1}, 'Article', 1, 0, 1, 0, 0, 0, 0, 1999, 120, 0);
INSERT INTO order_lines (id, order_id, position, external_id, sku, title, quantity, unrouted, reserved, backordered, short, cancelled, fulfilled, unit_price_minor, tax_minor, discount_minor)
VALUES ({line2}, {order}, 2, '2', {sku2}, 'Article', 1, 0, 1, 0, 0, 0, 0, 1999, 120, 0);
INSERT INTO order_revisions (id, order_id, number, digest, external_updated_at, message_id, changes, at)
VALUES ({revision}, {order}, 1, md5(:first::text) || md5(:second::text), now(), {message}, 'placed', now());
INSERT INTO audit (at, actor, action, subject_type, subject_id, order_id, request_id, facts)
VALUES (now(), 'bench', 'order.captured', 'order', {order}, {order}, md5(:first::text), '{{"lines": 2, "holds": [], "channel": "{channel}", "delivery": "ship"}}');
INSERT INTO channel_message_keys (channel, dedupe_key, message_id)
VALUES ('{channel}', 'p' || currval('bench_orders'), {message});
INSERT INTO channel_messages (id, channel, dedupe_key, topic, reference, occurred_at, received_at, headers, body, status, attempts, repeats, outcome, order_id, settled_at)
SELECT {message}, '{channel}', 'p' || currval('bench_orders'), 'orders/create', 'p' || currval('bench_orders'), now(), now(), '{{"x-shopify-topic": "orders/create"}}', body, 'applied', 0, 0, 'placed', {order}, now() FROM bench_body;
INSERT INTO outbox (topic, subject_type, subject_id, order_id, version, detail, created_at, available_at, attempts)
VALUES ('order.captured', 'order', {order}, {order}, 2, '', now(), now(), 0);
SELECT pg_notify('oms_outbox', '');
INSERT INTO reservations (id, order_id, line_id, location_id, sku, quantity, status, created_at)
VALUES ({reservation1}, {order}, {line1}, {place}, {sku1}, 1, 'held', now());
INSERT INTO reservations (id, order_id, line_id, location_id, sku, quantity, status, created_at)
VALUES ({reservation2}, {order}, {line2}, {place}, {sku2}, 1, 'held', now());
INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta, cause_type, cause_id, actor, at)
VALUES ({sku1}, {place}, 'reserve', 0, 1, 'order', {order}, 'system', now());
INSERT INTO stock_movements (sku, location_id, kind, on_hand_delta, reserved_delta, cause_type, cause_id, actor, at)
VALUES ({sku2}, {place}, 'reserve', 0, 1, 'order', {order}, 'system', now());
UPDATE stock_balances SET reserved = reserved + 1
WHERE sku = {sku1} AND location_id = {place} AND on_hand - reserved - safety >= 1;
UPDATE stock_balances SET reserved = reserved + 1
WHERE sku = {sku2} AND location_id = {place} AND on_hand - reserved - safety >= 1;
COMMIT;
