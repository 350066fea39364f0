-- Assertions by which clients showed who they are (private_key_jwt). Each counts once, until it ends.
CREATE TABLE client_assertions (
  hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX client_assertions_by_expiry ON client_assertions (expires_ms);

-- Clients that `sekisho client add` made, beside those of the configuration. Lists are separated by spaces.
-- After a rotation the secret before it is good until previous_until_ms.
CREATE TABLE clients (
  id                TEXT PRIMARY KEY,
  name              TEXT NOT NULL,
  method            TEXT NOT NULL,
  redirect_uris     TEXT NOT NULL,
  grant_types       TEXT NOT NULL,
  scope             TEXT NOT NULL,
  jwks              TEXT NOT NULL,
  secret_hash       BLOB NOT NULL CHECK (length(secret_hash) = 32),
  previous_hash     BLOB NOT NULL CHECK (length(previous_hash) = 32),
  previous_until_ms INTEGER NOT NULL,
  created_ms        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
