-- By session and ref: the grants that clients have in their own name are of one session, which is none, and are found by ref.
CREATE INDEX grants_by_session_ref ON grants (session, ref);
DROP INDEX grants_by_session;

-- For the removal of a client, which ends all that it has.
CREATE INDEX grants_by_client ON grants (client);
