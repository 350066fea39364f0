#include "cli/verify_answer.h"

#include "base/encoding.h"
#include "base/text.h"
#include "webauthn/authenticator_data.h"

#define FRAME_LENGTH ((size_t)512) /* names, punctuation, numbers, slugs, the AAGUID */
#define ESCAPED_MOST ((size_t)6)   /* of one byte in a JSON string */

static void add_name(builder_t *out, const char *name)
{
  builder_add_string(out, ",\"");
  builder_add_string(out, name);
  builder_add_string(out, "\":");
}

static void add_text(builder_t *out, const char *name, bytes_t text)
{
  add_name(out, name);
  if (text.len == 0)
    builder_add_string(out, "null");
  else
    builder_add_json_string(out, text);
}

static void add_base64url(builder_t *out, const char *name, bytes_t bytes)
{
  add_name(out, name);
  if (bytes.len == 0) {
    builder_add_string(out, "null");
    return;
  }
  builder_add_u8(out, '"');
  builder_add_base64url(out, bytes);
  builder_add_u8(out, '"');
}

static void add_integer(builder_t *out, const char *name, bool known, int64_t value)
{
  add_name(out, name);
  if (known)
    builder_add_decimal(out, value);
  else
    builder_add_string(out, "null");
}

static void add_flag(builder_t *out, const char *name, const verify_learnt_t *learnt, uint8_t flag)
{
  add_name(out, name);
  builder_add_string(out, !learnt->has_data ? "null" : (learnt->flags & flag) != 0 ? "true" : "false");
}

/* As UUIDs are written. */
static void add_aaguid(builder_t *out, bytes_t aaguid)
{
  static const char HEX[] = "0123456789abcdef";
  char text[37];
  size_t at = 0;
  for (size_t i = 0; i < aaguid.len && aaguid.len == AAGUID_LENGTH; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      text[at++] = '-';
    text[at++] = HEX[aaguid.data[i] >> 4];
    text[at++] = HEX[aaguid.data[i] & 0xf];
  }
  add_text(out, "aaguid", bytes_of(text, at));
}

static void add_learnt(builder_t *out, const verify_learnt_t *learnt)
{
  add_text(out, "fmt", learnt->format);
  add_text(out, "attestation_type", bytes_of_string(learnt->attestation_type));
  add_aaguid(out, learnt->aaguid);
  add_integer(out, "alg", learnt->algorithm != 0, learnt->algorithm);
  add_base64url(out, "public_key_cose", learnt->public_key);
  add_base64url(out, "credential_id", learnt->credential_id);
  add_integer(out, "sign_count", learnt->has_data, learnt->sign_count);
  add_flag(out, "uv", learnt, AUTHENTICATOR_FLAG_UV);
  add_flag(out, "backup_eligible", learnt, AUTHENTICATOR_FLAG_BE);
  add_flag(out, "backup_state", learnt, AUTHENTICATOR_FLAG_BS);
}

/* What is to be said. A detail may quote what came in: never answer with text that is not UTF-8. */
static bytes_t words(const verify_answer_t *answer)
{
  if (answer->message.len > 0 && text_is_utf8(answer->message))
    return answer->message;
  return answer->code == ERR_NONE ? BYTES_NONE : bytes_of_string(error_info(answer->code)->sentence);
}

bytes_t verify_answer_print(arena_t *arena, const verify_answer_t *answer)
{
  const verify_learnt_t *learnt = &answer->learnt;
  bytes_t id = BYTES_LITERAL("null"), message = words(answer);
  if (answer->id != NULL && json_print(arena, answer->id, &id) == NULL)
    return BYTES_NONE;
  builder_t out = arena_builder(
      arena, FRAME_LENGTH + id.len + ESCAPED_MOST * (message.len + learnt->format.len) +
                 BASE64URL_LENGTH(learnt->public_key.len) + BASE64URL_LENGTH(learnt->credential_id.len));
  builder_add_string(&out, "{\"id\":");
  builder_add(&out, id);
  builder_add_string(&out, answer->code == ERR_NONE ? ",\"verified\":true" : ",\"verified\":false");
  bool refused = answer->code != ERR_NONE, stepped = refused && answer->step != WEBAUTHN_STEP_NONE;
  add_text(&out, "error", bytes_of_string(refused ? error_info(answer->code)->slug : NULL));
  add_text(&out, "step", bytes_of_string(stepped ? webauthn_step_info(answer->step)->slug : NULL));
  add_text(&out, "message", message);
  add_learnt(&out, learnt);
  builder_add_string(&out, "}\n");
  return out.failed ? BYTES_NONE : builder_bytes(&out);
}
