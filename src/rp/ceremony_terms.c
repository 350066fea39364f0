#include "rp/ceremony_terms.h"

#include <string.h>

#include "crypto/hash.h"
#include "rp/field.h"

#define VERSION 3

enum {
  FLAG_REQUIRE_UV = 1,
  FLAG_HAS_USER = 2,
  FLAG_NEW_ACCOUNT = 4,
  FLAG_HAS_CONTINUATION = 8,
  FLAG_CONDITIONAL = 16,
  FLAG_OTHER_EXTENSIONS = 32,
  FLAG_PROTECT_ENFORCED = 64,
  FLAG_STATEMENT = 128,
};

static uint8_t flags_of(const ceremony_terms_t *terms)
{
  unsigned flags = 0;
  if (terms->require_uv)
    flags |= FLAG_REQUIRE_UV;
  if (terms->has_user)
    flags |= FLAG_HAS_USER;
  if (terms->new_account)
    flags |= FLAG_NEW_ACCOUNT;
  if (terms->has_continuation)
    flags |= FLAG_HAS_CONTINUATION;
  if (terms->conditional)
    flags |= FLAG_CONDITIONAL;
  if (terms->extensions.others_asked)
    flags |= FLAG_OTHER_EXTENSIONS;
  if (terms->extensions.cred_protect_enforced)
    flags |= FLAG_PROTECT_ENFORCED;
  if (terms->has_statement)
    flags |= FLAG_STATEMENT;
  return (uint8_t)flags;
}

error_code_t ceremony_terms_build(arena_t *arena, const ceremony_terms_t *terms, bytes_t *ret_bytes)
{
  builder_t builder = arena_builder(arena, CEREMONY_TERMS_MAX_LENGTH);
  builder_add_u8(&builder, VERSION);
  builder_add_u8(&builder, (uint8_t)terms->kind);
  builder_add_u8(&builder, (uint8_t)terms->purpose);
  builder_add_u8(&builder, flags_of(terms));
  if (terms->has_user)
    builder_add(&builder, bytes_of(terms->user_handle, sizeof(terms->user_handle)));
  builder_add_u64be(&builder, (uint64_t)terms->session.row);
  builder_add_u64be(&builder, (uint64_t)terms->ticket.row);
  field_add(&builder, terms->username);
  field_add(&builder, terms->display_name);
  builder_add_u8(&builder, (uint8_t)terms->allow_count);
  builder_add(&builder, bytes_of(terms->allow, terms->allow_count * ALLOW_TAG_LENGTH));
  builder_add_u16be(&builder, terms->extensions.asked);
  builder_add_u8(&builder, (uint8_t)terms->extensions.cred_protect);
  if (terms->has_statement)
    builder_add(&builder, bytes_of(terms->statement, sizeof(terms->statement)));
  if (terms->has_continuation)
    continue_ref_write(&builder, &terms->continuation);
  if (builder.failed)
    return ERR_TOO_LARGE;
  *ret_bytes = builder_bytes(&builder);
  return ERR_NONE;
}

error_code_t ceremony_terms_parse(bytes_t bytes, ceremony_terms_t *ret_terms)
{
  ceremony_terms_t terms = {0};
  reader_t reader = reader_over(bytes);
  uint8_t version = reader_u8(&reader), kind = reader_u8(&reader), purpose = reader_u8(&reader);
  if (version != VERSION || (kind != CEREMONY_REGISTRATION && kind != CEREMONY_ASSERTION) ||
      purpose > PURPOSE_TRANSACTION)
    return ERR_CHALLENGE;
  terms.kind = (ceremony_kind_t)kind;
  terms.purpose = (purpose_t)purpose;
  uint8_t flags = reader_u8(&reader);
  terms.require_uv = (flags & FLAG_REQUIRE_UV) != 0;
  terms.has_user = (flags & FLAG_HAS_USER) != 0;
  terms.new_account = (flags & FLAG_NEW_ACCOUNT) != 0;
  terms.has_continuation = (flags & FLAG_HAS_CONTINUATION) != 0;
  terms.conditional = (flags & FLAG_CONDITIONAL) != 0;
  terms.extensions.others_asked = (flags & FLAG_OTHER_EXTENSIONS) != 0;
  terms.has_statement = (flags & FLAG_STATEMENT) != 0;
  terms.extensions.cred_protect_enforced = (flags & FLAG_PROTECT_ENFORCED) != 0;
  if (terms.has_user)
    field_take_exact(&reader, terms.user_handle, sizeof(terms.user_handle));
  terms.session.row = (int64_t)reader_u64be(&reader);
  terms.ticket.row = (int64_t)reader_u64be(&reader);
  terms.username = field_take(&reader);
  terms.display_name = field_take(&reader);
  terms.allow_count = reader_u8(&reader);
  if (terms.allow_count > RP_CREDENTIALS_MAX)
    return ERR_CHALLENGE;
  field_take_exact(&reader, terms.allow, terms.allow_count * ALLOW_TAG_LENGTH);
  terms.extensions.asked = reader_u16be(&reader);
  terms.extensions.cred_protect = reader_u8(&reader);
  if (terms.has_statement)
    field_take_exact(&reader, terms.statement, sizeof(terms.statement));
  if (terms.has_continuation)
    terms.continuation = continue_ref_read(&reader);
  if (!reader_done(&reader))
    return ERR_CHALLENGE;
  *ret_terms = terms;
  return ERR_NONE;
}

bool ceremony_terms_allow(const ceremony_terms_t *terms, const uint8_t hash[32])
{
  for (size_t i = 0; i < terms->allow_count; i++)
    if (memcmp(terms->allow[i].bytes, hash, ALLOW_TAG_LENGTH) == 0)
      return true;
  return terms->allow_count == 0;
}

error_code_t ceremony_terms_add_allowed(ceremony_terms_t *terms, bytes_t credential_id)
{
  if (terms->allow_count == RP_CREDENTIALS_MAX)
    return ERR_TOO_LARGE;
  sha256_t hash;
  error_code_t error = hash_sha256(credential_id, &hash);
  if (error == ERR_NONE)
    memcpy(terms->allow[terms->allow_count++].bytes, hash.bytes, ALLOW_TAG_LENGTH);
  return error;
}
