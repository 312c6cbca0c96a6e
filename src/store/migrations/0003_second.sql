-- The second of each kind: what happened to orders after they were booked, what a shop's own open
-- orders hold, and orders whose lines go to several ERPs. Words as in 0001.

-- Facts, in the order in which they belong to a stream (an order's key): only the lowest one that
-- is not done may go on. is_done 1: the channel knows it.
CREATE TABLE fact (
    stream {NAME} NOT NULL,
    seq {BIG} NOT NULL,
    kind {NAME} NOT NULL,
    scope {NAME} NOT NULL,
    id {NAME} NOT NULL,
    revision {NAME} NOT NULL,
    channel {NAME} NOT NULL,
    body {TEXT} NOT NULL,
    at_us {BIG} NOT NULL,
    is_done {BIG} NOT NULL,
    due_us {BIG} NOT NULL,
    tok {BIG} NOT NULL,
    attempts {BIG} NOT NULL,
    failing_us {BIG} NOT NULL,
    remote_id {TEXT},
    PRIMARY KEY (stream, seq)
) {WIDE};
CREATE INDEX fact_by_due ON fact (channel, is_done, due_us);

-- What a channel's booked orders hold until they are delivered; in the shop's quantity, scale 6.
CREATE TABLE open_line (
    our_key {NAME} NOT NULL,
    line {NAME} NOT NULL,
    channel {NAME} NOT NULL,
    sku {NAME} NOT NULL,
    quantity {BIG} NOT NULL,
    sent_us {BIG} NOT NULL,
    booked_us {BIG} NOT NULL,
    PRIMARY KEY (our_key, line)
) {NARROW};
CREATE INDEX open_line_by_sku ON open_line (channel, sku);

-- part: which of the orders that one shop order was divided into; part_lines: ids of its lines, JSON;
-- absent: all. The key alone says who is the same, since it is made of channel, shop, id and part.
CREATE TABLE orders_next (
    our_key {NAME} NOT NULL PRIMARY KEY,
    channel {NAME} NOT NULL,
    erp {NAME} NOT NULL,
    shop {KEY} NOT NULL,
    order_id {NAME} NOT NULL,
    order_number {NAME} NOT NULL,
    placed_us {BIG} NOT NULL,
    state {NAME} NOT NULL,
    revision {TEXT} NOT NULL,
    record {TEXT} NOT NULL,
    due_us {BIG} NOT NULL,
    tok {BIG} NOT NULL,
    attempts {BIG} NOT NULL,
    failing_us {BIG} NOT NULL,
    customer {TEXT} NOT NULL,
    sent_us {BIG} NOT NULL,
    deadline_us {BIG} NOT NULL,
    absent_us {BIG} NOT NULL,
    booking {TEXT},
    erp_number {NAME} NOT NULL,
    changed_us {BIG} NOT NULL,
    part {NAME} NOT NULL,
    part_lines {TEXT}
) {WIDE};
INSERT INTO orders_next (our_key, channel, erp, shop, order_id, order_number, placed_us, state,
    revision, record, due_us, tok, attempts, failing_us, customer, sent_us, deadline_us, absent_us,
    booking, erp_number, changed_us, part, part_lines)
    SELECT our_key, channel, erp, shop, order_id, order_number, placed_us, state,
    revision, record, due_us, tok, attempts, failing_us, customer, sent_us, deadline_us, absent_us,
    booking, erp_number, changed_us, '', NULL FROM orders;
CREATE TABLE order_history_next (
    our_key {NAME} NOT NULL REFERENCES orders_next (our_key),
    step {BIG} NOT NULL,
    at_us {BIG} NOT NULL,
    from_state {NAME} NOT NULL,
    to_state {NAME} NOT NULL,
    why {TEXT} NOT NULL,
    PRIMARY KEY (our_key, step)
) {NARROW};
INSERT INTO order_history_next (our_key, step, at_us, from_state, to_state, why)
    SELECT our_key, step, at_us, from_state, to_state, why FROM order_history;
DROP TABLE order_history;
DROP TABLE orders;
ALTER TABLE orders_next RENAME TO orders;
ALTER TABLE order_history_next RENAME TO order_history;
CREATE INDEX orders_by_erp ON orders (erp, state, due_us);
CREATE INDEX orders_by_channel ON orders (channel, state, due_us);
CREATE INDEX orders_by_number ON orders (order_number);
CREATE INDEX orders_by_id ON orders (order_id);
CREATE INDEX orders_by_erp_number ON orders (erp_number);
