#include "authority/confirmation.h"

#include <string.h>

#include "base/encoding.h"
#include "base/secret.h"

static const char *const methods[CONFIRMATION_KINDS] = {
    [CONFIRMATION_DPOP] = "jkt", [CONFIRMATION_MTLS] = "x5t#S256"};

bool confirmation_equal(const confirmation_t *a, const confirmation_t *b)
{
  return a->kind == b->kind && secret_equal(bytes_of(a->thumbprint, sizeof a->thumbprint),
                                            bytes_of(b->thumbprint, sizeof b->thumbprint));
}

error_code_t confirmation_store(arena_t *arena, const confirmation_t *confirmation, bytes_t *ret_stored)
{
  *ret_stored = BYTES_NONE;
  if (confirmation->kind == CONFIRMATION_NONE)
    return ERR_NONE;
  builder_t stored = arena_builder(arena, CONFIRMATION_STORED_LENGTH);
  builder_add_u8(&stored, (uint8_t)confirmation->kind);
  builder_add(&stored, bytes_of(confirmation->thumbprint, sizeof confirmation->thumbprint));
  *ret_stored = builder_bytes(&stored);
  return stored.failed ? ERR_NO_MEMORY : ERR_NONE;
}

void confirmation_add_claim(builder_t *claims, const confirmation_t *confirmation)
{
  if (confirmation->kind == CONFIRMATION_NONE)
    return;
  builder_add_string(claims, ",\"cnf\":{\"");
  builder_add_string(claims, methods[confirmation->kind]);
  builder_add_string(claims, "\":\"");
  builder_add_base64url(claims, bytes_of(confirmation->thumbprint, sizeof confirmation->thumbprint));
  builder_add_string(claims, "\"}");
}

error_code_t confirmation_read_claim(const json_t *claims, confirmation_t *ret_confirmation)
{
  json_t *member;
  bytes_t text;
  *ret_confirmation = (confirmation_t){.kind = CONFIRMATION_NONE};
  if (json_object_get(claims, "cnf") == NULL)
    return ERR_NONE;
  if (json_get_object(claims, "cnf", &member) != ERR_NONE || json_object_size(member) != 1)
    return ERR_TOKEN;
  for (int kind = CONFIRMATION_DPOP; kind < CONFIRMATION_KINDS; kind++)
    if (json_require_text(member, methods[kind], &text) == ERR_NONE) {
      ret_confirmation->kind = (confirmation_kind_t)kind;
      return base64url_decode_exact(text, ret_confirmation->thumbprint, 32) == ERR_NONE ? ERR_NONE
                                                                                        : ERR_TOKEN;
    }
  return ERR_TOKEN;
}
