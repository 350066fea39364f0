-- What else a client of the store is registered with, by RFC 7591's names: a JSON object of members that the
-- authority has checked (client_metadata.h).
ALTER TABLE clients ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
