-- A grant whose code was redeemed may go on as a family of refresh tokens. No token is kept, not even hashed: each
-- is a MAC under the key file over the row, its ref and its generation, and only the newest generation counts.
-- expires_ms of a grant is now the end of its row: of the code, then of the last thing made from it.

ALTER TABLE grants ADD COLUMN tokens_until_ms INTEGER NOT NULL DEFAULT 0; -- end of the last access token
ALTER TABLE grants ADD COLUMN refreshes INTEGER NOT NULL DEFAULT 0;       -- 1: the code gives a refresh token, too
ALTER TABLE grants ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;      -- of the newest refresh token
ALTER TABLE grants ADD COLUMN rotated_ms INTEGER;                         -- when that one was made of its predecessor
ALTER TABLE grants ADD COLUMN idle_until_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN absolute_until_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grants ADD COLUMN confirmation BLOB; -- the key that the client must prove; NULL: none

UPDATE grants SET tokens_until_ms = expires_ms;

CREATE INDEX grants_revoked ON grants (tokens_until_ms) WHERE revoked_ms IS NOT NULL;
