-- Clients of the store have all that those of the configuration have. Words, separated by spaces.
ALTER TABLE clients ADD COLUMN post_logout_redirect_uris TEXT NOT NULL DEFAULT '';
