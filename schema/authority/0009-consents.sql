-- What people allowed applications of others: once for a client and its scopes, until they grow.
CREATE TABLE consents (
  subject    TEXT NOT NULL,
  client     TEXT NOT NULL,
  scope      TEXT NOT NULL, -- words
  granted_ms INTEGER NOT NULL,
  PRIMARY KEY (subject, client)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_by_client ON consents (client);
