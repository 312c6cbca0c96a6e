-- What keeps a secured message from being taken twice, the clock it is judged by, and what is kept
-- of refusals and of people's deeds. Words as in 0001.

-- What made a secured message unique within its time. digest: of its content. Gone when the
-- security clock has passed until_us: by then its Timestamp refuses it.
CREATE TABLE replay (
    partner {NAME} NOT NULL,
    replay {NAME} NOT NULL,
    digest {NAME} NOT NULL,
    until_us {BIG} NOT NULL,
    PRIMARY KEY (partner, replay)
) {NARROW};
CREATE INDEX replay_by_end ON replay (until_us);

-- One row: the highest instant up to which `replay` was cleared. Nothing that ends by then is ever
-- taken again.
CREATE TABLE security_clock (
    name {NAME} NOT NULL PRIMARY KEY,
    at_us {BIG} NOT NULL
) {NARROW};
INSERT INTO security_clock (name, at_us) VALUES ('cleared', 0);

-- Messages whose security was refused, counted by the hour. code 'others': those above what an hour
-- may hold.
CREATE TABLE security_refusal (
    hour_us {BIG} NOT NULL,
    code {NAME} NOT NULL,
    partner {NAME} NOT NULL,
    address {NAME} NOT NULL,
    times {BIG} NOT NULL,
    last_us {BIG} NOT NULL,
    PRIMARY KEY (hour_us, code, partner, address)
) {NARROW};

-- What people did that must be seen later. Written in the transaction of the deed, never changed.
CREATE TABLE audit (
    number {BIG} NOT NULL PRIMARY KEY,
    at_us {BIG} NOT NULL,
    actor {NAME} NOT NULL,
    action {NAME} NOT NULL,
    subject {NAME} NOT NULL,
    detail {TEXT}
) {WIDE};
CREATE INDEX audit_by_action ON audit (action, number);
INSERT INTO head (name, seq) VALUES ('audit', 0);
