-- What a client of the store may be registered with, as one of the configuration may.
ALTER TABLE clients ADD COLUMN dpop_bound INTEGER NOT NULL DEFAULT 0;    -- dpop_bound_access_tokens
ALTER TABLE clients ADD COLUMN push_required INTEGER NOT NULL DEFAULT 0; -- require_pushed_authorization_requests
ALTER TABLE clients ADD COLUMN third_party INTEGER NOT NULL DEFAULT 0;
