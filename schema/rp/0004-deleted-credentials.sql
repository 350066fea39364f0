-- Passkeys that were deleted here, for a while: whoever proves to hold one still is told that it is gone, so that their passkey
-- manager can forget it. Nothing says whose they were.

CREATE TABLE deleted_credentials (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  credential_id BLOB NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
  public_key    BLOB NOT NULL,
  deleted_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX deleted_credentials_by_time ON deleted_credentials (deleted_ms);
