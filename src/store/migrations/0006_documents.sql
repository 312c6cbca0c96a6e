-- Regulated documents: what was ever said of them, what they cover, what customers were shown and
-- what orders are bound to. Words as in 0001.
ALTER TABLE document ADD COLUMN families {TEXT};
ALTER TABLE document ADD COLUMN reference {TEXT};
ALTER TABLE certificate ADD COLUMN families {TEXT};
ALTER TABLE certificate ADD COLUMN revoked_at {BIG};

-- Every revision of a document or certificate, as it was recorded: in the transaction of the
-- record, never changed, gone only by the rules of keeping. body: the record as JSON; recorded_us
-- grows with rev.
CREATE TABLE past (
    kind {NAME} NOT NULL,
    row_key {KEY} NOT NULL,
    rev {BIG} NOT NULL,
    recorded_us {BIG} NOT NULL,
    is_deleted {BIG} NOT NULL,
    source {TEXT},
    sha256 {NAME},
    body {TEXT} NOT NULL,
    PRIMARY KEY (row_key, kind, rev)
) {WIDE};
CREATE INDEX past_by_hash ON past (sha256);

-- What a document or certificate covers, or ever covered; the scope leads row_key. goods:
-- "variant SKU-1", "product P", "family TV".
CREATE TABLE covered (
    kind {NAME} NOT NULL,
    goods {NAME} NOT NULL,
    row_key {KEY} NOT NULL,
    PRIMARY KEY (goods, row_key, kind)
) {NARROW};
CREATE INDEX covered_by_key ON covered (row_key, kind);

-- What a channel showed of a SKU, from when until when (KT_NEVER: still). row_key, sha256: which
-- version of which document. number: a random one.
CREATE TABLE shown (
    number {BIG} NOT NULL PRIMARY KEY,
    channel {NAME} NOT NULL,
    sku_key {KEY} NOT NULL,
    type {NAME} NOT NULL,
    row_key {KEY} NOT NULL,
    sha256 {NAME} NOT NULL,
    from_us {BIG} NOT NULL,
    until_us {BIG} NOT NULL
) {NARROW};
CREATE INDEX shown_by_sku ON shown (channel, sku_key, until_us);
CREATE INDEX shown_by_key ON shown (row_key);
CREATE INDEX shown_by_hash ON shown (sha256);

-- Lines of orders that documents are bound to, as they were when the order came. dispatched_us,
-- produced_us: KT_NEVER until it is known. due: above 0 while the line waits to be resolved; each
-- mark makes it greater, also while the line is worked on. is_answered: it was resolved once.
CREATE TABLE bound_line (
    our_key {NAME} NOT NULL,
    line {NAME} NOT NULL,
    channel {NAME} NOT NULL,
    scope {NAME} NOT NULL,
    sku {NAME} NOT NULL,
    product {NAME} NOT NULL,
    family {NAME} NOT NULL,
    market {NAME} NOT NULL,
    language {NAME} NOT NULL,
    placed_us {BIG} NOT NULL,
    dispatched_us {BIG} NOT NULL,
    produced_us {BIG} NOT NULL,
    due {BIG} NOT NULL,
    is_answered {BIG} NOT NULL,
    PRIMARY KEY (our_key, line)
) {NARROW};
CREATE INDEX bound_line_by_sku ON bound_line (scope, sku);
CREATE INDEX bound_line_by_product ON bound_line (scope, product);
CREATE INDEX bound_line_by_family ON bound_line (scope, family);
CREATE INDEX bound_line_by_due ON bound_line (due);

-- Which version a line is bound to. axis: shown (never changes), valid (the newest answer; the
-- earlier ones have until_us < KT_NEVER). basis_us: the instant it was resolved for. number: a
-- random one.
CREATE TABLE bound_document (
    number {BIG} NOT NULL PRIMARY KEY,
    our_key {NAME} NOT NULL,
    line {NAME} NOT NULL,
    axis {NAME} NOT NULL,
    type {NAME} NOT NULL,
    row_key {KEY} NOT NULL,
    rev {BIG} NOT NULL,
    sha256 {NAME} NOT NULL,
    basis_us {BIG} NOT NULL,
    from_us {BIG} NOT NULL,
    until_us {BIG} NOT NULL
) {NARROW};
CREATE INDEX bound_document_by_order ON bound_document (our_key, line);
CREATE INDEX bound_document_by_key ON bound_document (row_key);
CREATE INDEX bound_document_by_hash ON bound_document (sha256);

-- Legal holds: nothing of the document goes while one stands. released_us 0: it stands.
CREATE TABLE document_hold (
    number {BIG} NOT NULL PRIMARY KEY,
    scope {NAME} NOT NULL,
    id {NAME} NOT NULL,
    reason {TEXT} NOT NULL,
    actor {NAME} NOT NULL,
    at_us {BIG} NOT NULL,
    released_by {NAME},
    released_us {BIG} NOT NULL
) {WIDE};
CREATE INDEX document_hold_by_id ON document_hold (scope, id);
INSERT INTO head (name, seq) VALUES ('hold', 0);

-- Links that customers were given. token: SHA-256 of what stands in the link, hex.
CREATE TABLE customer_link (
    token {NAME} NOT NULL PRIMARY KEY,
    our_key {NAME} NOT NULL,
    made_us {BIG} NOT NULL,
    expires_us {BIG} NOT NULL,
    revoked_us {BIG} NOT NULL
) {NARROW};
CREATE INDEX customer_link_by_order ON customer_link (our_key);
CREATE INDEX customer_link_by_end ON customer_link (expires_us);

-- When a source last said what it knows of documents and certificates, whether it was news or not.
CREATE TABLE heard (
    scope {NAME} NOT NULL,
    kind {NAME} NOT NULL,
    at_us {BIG} NOT NULL,
    PRIMARY KEY (scope, kind)
) {NARROW};
