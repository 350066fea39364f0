-- Which bound key's touch let a further one in (`binding: bound_key`); NULL: none did. And a passkey is one person's.
ALTER TABLE bindings ADD COLUMN vouched_by BLOB;
CREATE INDEX bindings_by_credential ON bindings (credential);
