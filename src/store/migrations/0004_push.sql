-- What partners push: messages that were taken, documents and certificates, and the blobs of their
-- contents. Words as in 0001.

-- A message that a partner brought, by its own id: a repeat gets the same answer. answer: what
-- became of each record, JSON.
CREATE TABLE message (
    partner {NAME} NOT NULL,
    message {NAME} NOT NULL,
    digest {NAME} NOT NULL,
    at_us {BIG} NOT NULL,
    answer {TEXT} NOT NULL,
    PRIMARY KEY (partner, message)
) {WIDE};
CREATE INDEX message_by_age ON message (at_us);
CREATE INDEX message_by_partner ON message (partner, at_us);

CREATE TABLE document (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL, rec_sources {TEXT},
    scope {NAME}, id {NAME}, version {NAME}, type {TEXT}, titles {TEXT}, languages {TEXT},
    markets {TEXT}, products {TEXT}, variants {TEXT}, valid_from {BIG}, valid_until {BIG},
    supersedes {TEXT}, sha256 {NAME}, size {BIG}, media_type {TEXT}, file_name {TEXT}
) {WIDE};
CREATE INDEX document_by_hash ON document (sha256);

CREATE TABLE certificate (
    row_key {KEY} NOT NULL PRIMARY KEY,
    rec_hash {NAME} NOT NULL, rec_rev {BIG} NOT NULL, rec_as_of {BIG} NOT NULL,
    rec_batch {BIG} NOT NULL, rec_deleted {BIG} NOT NULL, rec_sources {TEXT},
    scope {NAME}, scheme {NAME}, number {NAME}, issuer {TEXT}, markets {TEXT}, products {TEXT},
    variants {TEXT}, valid_from {BIG}, valid_until {BIG}, document {TEXT}
) {WIDE};

-- Contents by their SHA-256; the bytes are a file of that name. at_us: when it was last brought.
CREATE TABLE stored_blob (
    sha256 {NAME} NOT NULL PRIMARY KEY,
    size {BIG} NOT NULL,
    media_type {TEXT},
    at_us {BIG} NOT NULL
) {NARROW};

-- Has this endpoint an open exception of such a subject? Asked for every message.
CREATE INDEX exceptions_by_endpoint ON exceptions (endpoint, subject, closed_us);

-- What did the newest fact of this id say? Asked for every fact, also in a stream of thousands.
CREATE INDEX fact_by_id ON fact (stream, kind, scope, id, seq);
