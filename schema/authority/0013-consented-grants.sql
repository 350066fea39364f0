-- Grants that a person was asked about: taking the word back finds and ends them.
ALTER TABLE grants ADD COLUMN consented INTEGER NOT NULL DEFAULT 0 CHECK (consented IN (0, 1));
CREATE INDEX grants_consented ON grants (subject, client) WHERE consented = 1;
