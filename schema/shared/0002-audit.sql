-- The audit log: a chain of hashes, appended in the transaction of the change that it records (src/audit).
CREATE TABLE audit (
  seq      INTEGER PRIMARY KEY,
  time_ms  INTEGER NOT NULL,
  event    TEXT NOT NULL,
  actor    TEXT NOT NULL,
  subject  TEXT NOT NULL,
  request  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  previous BLOB NOT NULL CHECK (length(previous) = 32),
  hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
