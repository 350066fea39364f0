-- Back-channel logout. Which clients must be told when a session ends: those that were given something in it and have an
-- address for it. A grant's own row may be long gone by then.
CREATE TABLE logout_receivers (
  session    TEXT NOT NULL,
  client     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  expires_ms INTEGER NOT NULL, -- the session's own end
  PRIMARY KEY (session, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX logout_receivers_by_expiry ON logout_receivers (expires_ms);
CREATE INDEX logout_receivers_by_client ON logout_receivers (client);

-- What has yet to be told, and when it is tried next.
CREATE TABLE logouts (
  id         INTEGER PRIMARY KEY,
  client     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  session    TEXT NOT NULL,
  attempts   INTEGER NOT NULL,
  due_ms     INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL  -- then it is given up
) STRICT;
CREATE INDEX logouts_by_due ON logouts (due_ms);
CREATE INDEX logouts_by_client ON logouts (client);
