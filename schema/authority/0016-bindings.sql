-- The domain's own copies of people's keys: what verified evidence is verified with. The login server's word never
-- changes a row.
CREATE TABLE bindings (
  subject    TEXT NOT NULL,
  credential BLOB NOT NULL,    -- SHA-256 of the credential id
  algorithm  TEXT NOT NULL,
  key        BLOB NOT NULL,    -- DER of a SubjectPublicKeyInfo
  ticket     INTEGER NOT NULL, -- 1: by a ticket of the operator's; 0: at first use
  hardware   INTEGER NOT NULL, -- attested, as the login server said under that ticket
  bound_ms   INTEGER NOT NULL,
  sign_count INTEGER NOT NULL,
  PRIMARY KEY (subject, credential)
) STRICT, WITHOUT ROWID;

-- One-time permissions to bind one more key of a person.
CREATE TABLE binding_tickets (
  subject    TEXT PRIMARY KEY,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
