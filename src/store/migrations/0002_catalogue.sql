-- The whole catalogue: more fields, categories and customers, where a record hung before, runs and
-- what they set aside. Words as in 0001.

ALTER TABLE product ADD COLUMN manufacturer {TEXT};
ALTER TABLE product ADD COLUMN responsible_person {TEXT};
ALTER TABLE product ADD COLUMN warnings {TEXT};
ALTER TABLE product ADD COLUMN supplier {TEXT};
ALTER TABLE product ADD COLUMN categories {TEXT};
ALTER TABLE product ADD COLUMN axes {TEXT};
ALTER TABLE product ADD COLUMN media {TEXT};
ALTER TABLE product ADD COLUMN sale_from {BIG};
ALTER TABLE product ADD COLUMN sale_until {BIG};
ALTER TABLE product ADD COLUMN successor {TEXT};
ALTER TABLE product ADD COLUMN spare_part_for {TEXT};
ALTER TABLE product ADD COLUMN energy {TEXT};
ALTER TABLE product ADD COLUMN weee_category {TEXT};
ALTER TABLE product ADD COLUMN battery {TEXT};
ALTER TABLE product ADD COLUMN packaging {TEXT};
ALTER TABLE product ADD COLUMN dangerous_goods {TEXT};

ALTER TABLE variant ADD COLUMN erp_references {TEXT};
ALTER TABLE variant ADD COLUMN former_skus {TEXT};
ALTER TABLE variant ADD COLUMN axis_values {TEXT};
ALTER TABLE variant ADD COLUMN sales_unit {TEXT};
ALTER TABLE variant ADD COLUMN units {TEXT};
ALTER TABLE variant ADD COLUMN quantity_step {BIG};
ALTER TABLE variant ADD COLUMN length {BIG};
ALTER TABLE variant ADD COLUMN width {BIG};
ALTER TABLE variant ADD COLUMN height {BIG};
ALTER TABLE variant ADD COLUMN media {TEXT};
ALTER TABLE variant ADD COLUMN sale_from {BIG};
ALTER TABLE variant ADD COLUMN sale_until {BIG};

ALTER TABLE price ADD COLUMN customer_group {TEXT};
ALTER TABLE price ADD COLUMN customer {TEXT};
ALTER TABLE price ADD COLUMN market {TEXT};
ALTER TABLE price ADD COLUMN priority {BIG};

ALTER TABLE stock ADD COLUMN other_demand {BIG};
ALTER TABLE stock ADD COLUMN expected {TEXT};

CREATE TABLE category (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL,
    scope {NAME}, id {NAME}, parent {TEXT}, texts {TEXT}, position {BIG}
) {WIDE};

CREATE TABLE customer (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL,
    scope {NAME}, number {NAME}, kind {TEXT}, name {TEXT}, email {KEY}, vat_id {TEXT},
    street {TEXT}, postal_code {TEXT}, city {TEXT}, country {TEXT}, price_list {TEXT},
    customer_group {TEXT}, is_blocked {BIG}
) {WIDE};
CREATE INDEX customer_by_email ON customer (scope, email);

-- Which source said what, where several lead a record: {"main":1767225600000000}; NULL: one leads
-- all of it, as of rec_as_of. rec_deleted: 0 lives, 1 deleted, 2 awaits a field that others lead.
ALTER TABLE product ADD COLUMN rec_sources {TEXT};
ALTER TABLE variant ADD COLUMN rec_sources {TEXT};
ALTER TABLE price ADD COLUMN rec_sources {TEXT};
ALTER TABLE stock ADD COLUMN rec_sources {TEXT};
ALTER TABLE category ADD COLUMN rec_sources {TEXT};
ALTER TABLE customer ADD COLUMN rec_sources {TEXT};

-- What a record hung on before, where that changed: the product of a variant, the SKU of a price.
ALTER TABLE journal ADD COLUMN was {NAME};

-- waits_for names the unit as well as the key since then; who waits now asks once more.
UPDATE delivery SET waits_for = NULL, due_us = 1 WHERE waits_for IS NOT NULL AND tok = 0;

-- One row for each run of a feed. params: of the failure's verdict, JSON; absent: it did not fail.
CREATE TABLE run (
    number {BIG} NOT NULL PRIMARY KEY,
    endpoint {NAME} NOT NULL,
    stream {NAME} NOT NULL,
    how {NAME} NOT NULL,
    is_full {BIG} NOT NULL,
    started_us {BIG} NOT NULL,
    ended_us {BIG} NOT NULL,
    state {NAME} NOT NULL,
    created {BIG} NOT NULL,
    changed {BIG} NOT NULL,
    deleted {BIG} NOT NULL,
    unchanged {BIG} NOT NULL,
    stale {BIG} NOT NULL,
    refused {BIG} NOT NULL,
    held {BIG} NOT NULL,
    code {NAME},
    rc {BIG} NOT NULL,
    reach {BIG} NOT NULL,
    params {TEXT}
) {WIDE};
CREATE INDEX run_by_stream ON run (endpoint, stream, number);
CREATE INDEX run_by_age ON run (started_us);
INSERT INTO head (name, seq) VALUES ('run', 0);

-- Dangerous changes that a run has set aside. is_waiting 0: the run that met them, or the next one
-- of its stream, decides; 1: a person does.
CREATE TABLE held (
    endpoint {NAME} NOT NULL,
    kind {NAME} NOT NULL,
    row_key {KEY} NOT NULL,
    stream {NAME} NOT NULL,
    run {BIG} NOT NULL,
    is_waiting {BIG} NOT NULL,
    reason {NAME} NOT NULL,
    as_of_us {BIG} NOT NULL,
    is_deleted {BIG} NOT NULL,
    source {NAME},
    leads {BIG} NOT NULL,
    body {TEXT} NOT NULL,
    old_value {TEXT},
    new_value {TEXT},
    at_us {BIG} NOT NULL,
    PRIMARY KEY (endpoint, kind, row_key)
) {WIDE};
CREATE INDEX held_by_stream ON held (endpoint, stream, is_waiting);
CREATE INDEX held_by_run ON held (run);

-- Is an id that was found in the shop another unit's already? {START} keeps an index on a long text short.
CREATE INDEX link_by_remote ON link (channel, unit, remote_id{START});

-- What a create was sent with, while its answer is missing: it is looked up by that.
ALTER TABLE delivery ADD COLUMN sought {TEXT};
