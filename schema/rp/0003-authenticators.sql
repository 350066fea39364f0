-- What is known of the authenticator behind a credential beside its claim (src/policy/authenticator.h), and what its extensions
-- said at registration. -1: not known.

ALTER TABLE credentials ADD COLUMN vouching INTEGER NOT NULL DEFAULT 0 CHECK (vouching BETWEEN 0 AND 4);
ALTER TABLE credentials ADD COLUMN certification INTEGER NOT NULL DEFAULT 0 CHECK (certification BETWEEN 0 AND 6);
ALTER TABLE credentials ADD COLUMN hardware INTEGER NOT NULL DEFAULT 0 CHECK (hardware IN (0, 1));
-- Of the attestation certificate, where the model is not known by AAGUID (fido-u2f); empty otherwise.
ALTER TABLE credentials ADD COLUMN key_identifier BLOB NOT NULL DEFAULT x'' CHECK (length(key_identifier) IN (0, 20));
ALTER TABLE credentials ADD COLUMN discoverable INTEGER NOT NULL DEFAULT -1 CHECK (discoverable IN (-1, 0, 1));
ALTER TABLE credentials ADD COLUMN cred_protect INTEGER NOT NULL DEFAULT 0 CHECK (cred_protect BETWEEN 0 AND 3);
ALTER TABLE credentials ADD COLUMN min_pin_length INTEGER NOT NULL DEFAULT 0 CHECK (min_pin_length BETWEEN 0 AND 63);
ALTER TABLE credentials ADD COLUMN prf INTEGER NOT NULL DEFAULT -1 CHECK (prf IN (-1, 0, 1));
ALTER TABLE credentials ADD COLUMN large_blob INTEGER NOT NULL DEFAULT -1 CHECK (large_blob IN (-1, 0, 1));

-- Until now a trusted chain was the operator's own word for hardware.
UPDATE credentials SET hardware = attested, vouching = CASE
  WHEN attested = 1 AND attestation_type = 'attca' THEN 3
  WHEN attested = 1 AND attestation_type = 'anonca' THEN 4
  WHEN attested = 1 THEN 2
  WHEN attestation_type = 'self' THEN 1
  ELSE 0 END;
