-- Grants that live on when their session has ended, until their account is told to be over: found by person.
ALTER TABLE grants ADD COLUMN outlives INTEGER NOT NULL DEFAULT 0 CHECK (outlives IN (0, 1));
CREATE INDEX grants_outliving ON grants (subject) WHERE outlives = 1;
