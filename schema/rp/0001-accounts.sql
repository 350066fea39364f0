-- The relying party's own tables. Times are milliseconds since 1970. Bearer values are kept as hashes only.

CREATE TABLE users (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  handle       BLOB NOT NULL UNIQUE CHECK (length(handle) = 32),
  username_key TEXT NOT NULL UNIQUE,
  username     TEXT NOT NULL,
  display_name TEXT NOT NULL,
  disabled     INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created_ms   INTEGER NOT NULL
) STRICT;

-- What WebAuthn L3 section 4 calls a credential record. The registration's own bytes come last: they are only
-- read when a policy is judged again.
CREATE TABLE credentials (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  credential_id      BLOB NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
  user_id            INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  public_key         BLOB NOT NULL,
  algorithm          INTEGER NOT NULL,
  sign_count         INTEGER NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
  aaguid             BLOB NOT NULL CHECK (length(aaguid) = 16),
  backup_eligible    INTEGER NOT NULL CHECK (backup_eligible IN (0, 1)),
  backed_up          INTEGER NOT NULL CHECK (backed_up IN (0, 1)),
  uv_initialized     INTEGER NOT NULL CHECK (uv_initialized IN (0, 1)),
  attested           INTEGER NOT NULL CHECK (attested IN (0, 1)),
  format             TEXT NOT NULL,
  attestation_type   TEXT NOT NULL,
  attachment         TEXT NOT NULL,
  transports         TEXT NOT NULL,
  nickname           TEXT NOT NULL,
  created_ms         INTEGER NOT NULL,
  last_used_ms       INTEGER NOT NULL,
  attestation_object BLOB NOT NULL,
  client_data        BLOB NOT NULL
) STRICT;
CREATE INDEX credentials_by_user ON credentials (user_id);

-- The cookie carries id and a secret; ref stays when the secret changes and gives each domain its own sid.
-- evidence is a record of src/rp/evidence_record.
CREATE TABLE sessions (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id          INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  ref              BLOB NOT NULL CHECK (length(ref) = 16),
  secret_hash      BLOB NOT NULL CHECK (length(secret_hash) = 32),
  created_ms       INTEGER NOT NULL,
  authenticated_ms INTEGER NOT NULL,
  seen_ms          INTEGER NOT NULL,
  idle_until_ms    INTEGER NOT NULL,
  expires_ms       INTEGER NOT NULL,
  label            TEXT NOT NULL,
  evidence         BLOB NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
-- The sweep walks the rows in slices, so that no login pays for an index on their ends.
CREATE TABLE session_sweep (
  only     INTEGER PRIMARY KEY CHECK (only = 1),
  after_id INTEGER NOT NULL
) STRICT;
INSERT INTO session_sweep VALUES (1, 0);

-- Keys append, since expiry grows with time. A challenge that is not newer than the watermark is refused, so
-- rows up to it may be forgotten.
CREATE TABLE spent_challenges (
  expiry_ms INTEGER NOT NULL,
  nonce     BLOB NOT NULL CHECK (length(nonce) = 16),
  PRIMARY KEY (expiry_ms, nonce)
) STRICT, WITHOUT ROWID;
CREATE TABLE challenge_watermark (
  only      INTEGER PRIMARY KEY CHECK (only = 1),
  expiry_ms INTEGER NOT NULL
) STRICT;
INSERT INTO challenge_watermark VALUES (1, 0);

CREATE TABLE enrolment_tickets (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('invite', 'recovery')),
  expires_ms INTEGER NOT NULL,
  spent_ms   INTEGER
) STRICT;
CREATE INDEX enrolment_tickets_by_user ON enrolment_tickets (user_id);
CREATE INDEX enrolment_tickets_by_expiry ON enrolment_tickets (expires_ms);

-- What the authorities must still be told, in order, per domain without gaps.
CREATE TABLE outbox_heads (
  domain TEXT PRIMARY KEY,
  last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  domain   TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  session  TEXT NOT NULL,
  ended_ms INTEGER NOT NULL,
  PRIMARY KEY (domain, sequence)
) STRICT, WITHOUT ROWID;
