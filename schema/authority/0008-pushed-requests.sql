-- Authorization requests that clients pushed (RFC 9126). All live equally long, so ids are in the order of expiry. Each gives
-- one code.
CREATE TABLE pushed_requests (
  id          INTEGER PRIMARY KEY,
  handle_hash BLOB NOT NULL CHECK (length(handle_hash) = 32),
  client      TEXT NOT NULL,
  query       BLOB NOT NULL,
  expires_ms  INTEGER NOT NULL,
  used_ms     INTEGER
) STRICT;

ALTER TABLE requests ADD COLUMN pushed INTEGER; -- of pushed_requests; NULL: it came through the browser
