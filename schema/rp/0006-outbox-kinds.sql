-- What an entry tells: that a session has ended; that all sessions of a person have, but one at most; that a passkey of theirs is gone,
-- and what it earned the session with it.
ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'session_ended'
  CHECK (kind IN ('session_ended', 'account_ended', 'credential_changed'));
ALTER TABLE outbox ADD COLUMN subject TEXT NOT NULL DEFAULT '';
