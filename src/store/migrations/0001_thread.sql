-- The first schema. {WORDS} are the dialect's: {BIG} a 64-bit integer, {KEY} and {NAME} texts that
-- are compared byte by byte, {NARROW} and {WIDE} end a table of short or long rows.
-- Instants are microseconds UTC, decimals are scaled integers, absent is NULL.

CREATE TABLE product (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL,
    scope {NAME}, id {NAME}, texts {TEXT}, brand {TEXT}, model_id {TEXT}, product_group {TEXT},
    attributes {TEXT}, tax_class {TEXT}, lifecycle {TEXT}
) {WIDE};

CREATE TABLE variant (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL,
    scope {NAME}, sku {NAME}, product {NAME}, gtins {TEXT}, base_unit {TEXT}, mpn {TEXT},
    net_weight {BIG}, shipping_weight {BIG}, attributes {TEXT}, serial_required {BIG},
    origin {TEXT}, tariff_no {TEXT}, lifecycle {TEXT}
) {WIDE};
CREATE INDEX variant_by_product ON variant (scope, product);

CREATE TABLE price (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL,
    scope {NAME}, id {NAME}, sku {NAME}, kind {TEXT}, list {TEXT}, currency {TEXT}, amount {BIG},
    per {BIG}, unit {TEXT}, min_quantity {BIG}, is_gross {BIG}, tax_class {TEXT},
    valid_from {BIG}, valid_until {BIG}
) {WIDE};
CREATE INDEX price_by_sku ON price (scope, sku);

CREATE TABLE stock (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL,
    scope {NAME}, sku {NAME}, warehouse {NAME}, unit {TEXT}, on_hand {BIG}, available {BIG},
    basis {TEXT}, in_quality {BIG}, blocked {BIG}, as_of {BIG}, as_of_mark {TEXT}
) {WIDE};
CREATE INDEX stock_by_sku ON stock (scope, sku);

-- Next numbers: one row for each part of the journal ("journal 0") and for the exceptions.
CREATE TABLE head (
    name {NAME} NOT NULL PRIMARY KEY,
    seq {BIG} NOT NULL
) {NARROW};
INSERT INTO head (name, seq) VALUES ('journal 0', 0);
INSERT INTO head (name, seq) VALUES ('exception', 0);

CREATE TABLE journal (
    part {BIG} NOT NULL,
    seq {BIG} NOT NULL,
    kind {NAME} NOT NULL,
    row_key {KEY} NOT NULL,
    rev {BIG} NOT NULL,
    at_us {BIG} NOT NULL,
    PRIMARY KEY (part, seq)
) {NARROW};

-- Batches that committed; asked when the answer to a COMMIT was lost, kept for a day.
CREATE TABLE batch (
    batch {BIG} NOT NULL PRIMARY KEY,
    at_us {BIG} NOT NULL,
    changes {BIG} NOT NULL
) {NARROW};
CREATE INDEX batch_by_age ON batch (at_us);

CREATE TABLE channel_cursor (
    channel {NAME} NOT NULL,
    part {BIG} NOT NULL,
    seq {BIG} NOT NULL,
    PRIMARY KEY (channel, part)
) {NARROW};

-- due_us is all that a claim looks at: now or earlier is due, 9223372036854775807 is never.
-- clock_us is the next instant at which the content changes by the clock.
CREATE TABLE delivery (
    channel {NAME} NOT NULL,
    unit {NAME} NOT NULL,
    unit_key {KEY} NOT NULL,
    lane {BIG} NOT NULL,
    want {BIG} NOT NULL,
    done {BIG} NOT NULL,
    due_us {BIG} NOT NULL,
    clock_us {BIG} NOT NULL,
    tok {BIG} NOT NULL,
    claimed_us {BIG} NOT NULL,
    attempts {BIG} NOT NULL,
    failing_us {BIG} NOT NULL,
    waits_for {KEY},
    PRIMARY KEY (channel, unit, unit_key)
) {NARROW};
CREATE INDEX delivery_by_due ON delivery (channel, unit, lane, due_us);
CREATE INDEX delivery_by_parent ON delivery (channel, waits_for);

CREATE TABLE link (
    channel {NAME} NOT NULL,
    unit {NAME} NOT NULL,
    unit_key {KEY} NOT NULL,
    remote_id {TEXT} NOT NULL,
    sent_hash {TEXT},
    sent_body {TEXT},
    sent_us {BIG} NOT NULL,
    changed_us {BIG} NOT NULL,
    PRIMARY KEY (channel, unit, unit_key)
) {WIDE};

CREATE TABLE lease (
    name {NAME} NOT NULL PRIMARY KEY,
    tok {BIG} NOT NULL,
    until_us {BIG} NOT NULL
) {NARROW};

CREATE TABLE watermark (
    endpoint {NAME} NOT NULL,
    stream {NAME} NOT NULL,
    token {TEXT},
    at_us {BIG} NOT NULL,
    PRIMARY KEY (endpoint, stream)
) {NARROW};

CREATE TABLE pin (
    endpoint {NAME} NOT NULL PRIMARY KEY,
    identity {TEXT} NOT NULL,
    at_us {BIG} NOT NULL
) {NARROW};

-- open_mark names the subject while the row is open, so that one thing has one open row.
CREATE TABLE exceptions (
    number {BIG} NOT NULL PRIMARY KEY,
    open_mark {KEY} UNIQUE,
    subject {NAME} NOT NULL,
    endpoint {NAME} NOT NULL,
    subject_key {KEY} NOT NULL,
    code {NAME} NOT NULL,
    cause {NAME} NOT NULL,
    rc {BIG} NOT NULL,
    reach {BIG} NOT NULL,
    retry_after_s {BIG} NOT NULL,
    params {TEXT} NOT NULL,
    trail {TEXT} NOT NULL,
    first_us {BIG} NOT NULL,
    last_us {BIG} NOT NULL,
    times {BIG} NOT NULL,
    closed_us {BIG}
) {WIDE};

CREATE TABLE inbox (
    channel {NAME} NOT NULL,
    order_id {NAME} NOT NULL,
    revision {NAME} NOT NULL,
    body {TEXT} NOT NULL,
    at_us {BIG} NOT NULL,
    PRIMARY KEY (channel, order_id, revision)
) {WIDE};

CREATE TABLE orders (
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
    UNIQUE (channel, shop, order_id)
) {WIDE};
CREATE INDEX orders_by_erp ON orders (erp, state, due_us);
CREATE INDEX orders_by_channel ON orders (channel, state, due_us);
CREATE INDEX orders_by_number ON orders (order_number);
CREATE INDEX orders_by_id ON orders (order_id);
CREATE INDEX orders_by_erp_number ON orders (erp_number);

CREATE TABLE order_history (
    our_key {NAME} NOT NULL REFERENCES orders (our_key),
    step {BIG} NOT NULL,
    at_us {BIG} NOT NULL,
    from_state {NAME} NOT NULL,
    to_state {NAME} NOT NULL,
    why {TEXT} NOT NULL,
    PRIMARY KEY (our_key, step)
) {NARROW};

-- seen counts what arrived, taken what the fetch knew of: a hint that grew meanwhile stays.
CREATE TABLE hint (
    channel {NAME} NOT NULL,
    order_id {NAME} NOT NULL,
    seen {BIG} NOT NULL,
    taken {BIG} NOT NULL,
    first_us {BIG} NOT NULL,
    PRIMARY KEY (channel, order_id)
) {NARROW};
