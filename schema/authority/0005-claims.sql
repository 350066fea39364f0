-- What a grant's person is, as far as its scopes let the client know: for the userinfo endpoint. One row a grant that has such
-- scopes; it goes with the grant. ref is the grant's, by which its tokens find it.

CREATE TABLE grant_claims (
  grant_id INTEGER PRIMARY KEY REFERENCES grants (id) ON DELETE CASCADE,
  ref      BLOB NOT NULL UNIQUE CHECK (length(ref) = 16),
  subject  TEXT NOT NULL,
  scopes   TEXT NOT NULL,
  claims   TEXT NOT NULL
) STRICT;
CREATE INDEX grant_claims_by_subject ON grant_claims (subject);
