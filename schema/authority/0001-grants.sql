-- One domain of the authority. Bearer values are kept as SHA-256; private keys are sealed under the key file.

CREATE TABLE signing_keys (
  id           INTEGER PRIMARY KEY,
  kid          TEXT NOT NULL UNIQUE,
  algorithm    INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('next', 'current', 'previous')),
  created_ms   INTEGER NOT NULL,
  activated_ms INTEGER NOT NULL,
  expires_ms   INTEGER NOT NULL,
  sealed       BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX signing_keys_one ON signing_keys (state) WHERE state <> 'previous';

-- Authorization requests that wait for a person. All live equally long, so ids are in the order of expiry.
CREATE TABLE requests (
  id          INTEGER PRIMARY KEY,
  handle_hash BLOB NOT NULL CHECK (length(handle_hash) = 32),
  browser     BLOB NOT NULL CHECK (length(browser) = 32),
  request     BLOB NOT NULL CHECK (length(request) = 16),
  query       BLOB NOT NULL,
  expires_ms  INTEGER NOT NULL,
  finished_ms INTEGER
) STRICT;

-- A grant begins as a code. expires_ms: the end of the code, then of the last token made from it.
CREATE TABLE grants (
  id                 INTEGER PRIMARY KEY,
  expires_ms         INTEGER NOT NULL,
  redeemed_ms        INTEGER,
  revoked_ms         INTEGER,
  code_hash          BLOB NOT NULL CHECK (length(code_hash) = 32),
  challenge          BLOB NOT NULL CHECK (length(challenge) = 32),
  ref                BLOB NOT NULL CHECK (length(ref) = 16),
  client             TEXT NOT NULL,
  redirect_uri       TEXT NOT NULL,
  subject            TEXT NOT NULL,
  session            TEXT NOT NULL,
  scope              TEXT NOT NULL,
  nonce              TEXT NOT NULL,
  acr                TEXT NOT NULL,
  amr                TEXT NOT NULL,
  levels             TEXT NOT NULL,
  auth_time_ms       INTEGER NOT NULL,
  session_expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_by_session ON grants (session);
CREATE INDEX grants_by_expiry ON grants (expires_ms);

-- Sessions that ended lately: a hand-off that was under way when they did gives nothing any more.
CREATE TABLE ended_sessions (
  session    TEXT PRIMARY KEY,
  sequence   INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_sessions_by_expiry ON ended_sessions (expires_ms);
