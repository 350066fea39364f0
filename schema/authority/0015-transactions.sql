-- Authorization details (RFC 9396) of a grant, canonical JSON: what its code's token carries, and what refreshing gives
-- again. Bound ones are in the first alone.
ALTER TABLE grants ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN lasting_details TEXT NOT NULL DEFAULT '';

-- Approvals of bound details, kept for disputes: what was shown, and the assertion whose challenge covers it. No row is
-- ever swept; how long they are kept is the operator's to say.
CREATE TABLE transactions (
  id                 TEXT PRIMARY KEY, -- base64url of the authorization request's own 16 bytes
  time_ms            INTEGER NOT NULL,
  client             TEXT NOT NULL,
  subject            TEXT NOT NULL,
  language           TEXT NOT NULL,
  shown              TEXT NOT NULL,
  details            TEXT NOT NULL,
  statement          TEXT NOT NULL,    -- canonical JSON: the challenge covers its SHA-256
  credential_id      BLOB NOT NULL,
  authenticator_data BLOB NOT NULL,
  client_data        BLOB NOT NULL,
  signature          BLOB NOT NULL,
  public_key         BLOB NOT NULL,    -- COSE
  algorithm          INTEGER NOT NULL  -- COSE number
) STRICT;
