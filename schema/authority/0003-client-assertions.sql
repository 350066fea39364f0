-- Assertions by which clients showed who they are (private_key_jwt). Each counts once, until it ends.
CREATE TABLE client_assertions (
  hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX client_assertions_by_expiry ON client_assertions (expires_ms);
