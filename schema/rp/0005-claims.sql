-- What operators say about accounts: claims of OpenID Connect by name, one value each (src/handoff/account_claims.c).

CREATE TABLE user_claims (
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;

-- Which domain was told the claims of which scopes in a session: while the session lives, it hears when they change. pending counts
-- the changes that it has not heard of yet.
CREATE TABLE claim_disclosures (
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  domain     TEXT NOT NULL,
  scope      TEXT NOT NULL,
  pending    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (session_id, domain, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_disclosures_pending ON claim_disclosures (domain, session_id) WHERE pending > 0;
