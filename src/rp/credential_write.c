#include "rp/credential_write.h"

#include "rp/credential_list.h"
#include "webauthn/extensions.h"

static void add_member_string(builder_t *builder, const char *name, bytes_t value)
{
  builder_add_string(builder, ",\"");
  builder_add_string(builder, name);
  builder_add_string(builder, "\":");
  builder_add_json_string(builder, value);
}

static void add_member_boolean(builder_t *builder, const char *name, bool value)
{
  builder_add_string(builder, ",\"");
  builder_add_string(builder, name);
  builder_add_string(builder, value ? "\":true" : "\":false");
}

static void add_member_number(builder_t *builder, const char *name, int64_t value)
{
  builder_add_string(builder, ",\"");
  builder_add_string(builder, name);
  builder_add_string(builder, "\":");
  builder_add_decimal(builder, value);
}

static void add_member_null(builder_t *builder, const char *name)
{
  builder_add_string(builder, ",\"");
  builder_add_string(builder, name);
  builder_add_string(builder, "\":null");
}

static void add_member_tristate(builder_t *builder, const char *name, tristate_t value)
{
  if (value == TRISTATE_UNKNOWN)
    add_member_null(builder, name);
  else
    add_member_boolean(builder, name, value == TRISTATE_YES);
}

/* null: the authenticator did not say. */
static void add_extensions(builder_t *builder, const credential_extensions_t *extensions)
{
  add_member_tristate(builder, "discoverable", extensions->discoverable);
  add_member_tristate(builder, "prf", extensions->prf);
  add_member_tristate(builder, "large_blob", extensions->large_blob);
  const char *policy = cred_protect_name(extensions->cred_protect);
  if (policy != NULL)
    add_member_string(builder, "cred_protect", bytes_of_string(policy));
  else
    add_member_null(builder, "cred_protect");
  if (extensions->min_pin_length > 0)
    add_member_number(builder, "min_pin_length", extensions->min_pin_length);
  else
    add_member_null(builder, "min_pin_length");
}

/* The address by which metadata_find_named finds the model again. */
static void add_icon(builder_t *builder, const rp_credential_t *credential, const metadata_model_t *model)
{
  static const char DIGITS[] = "0123456789abcdef";
  char aaguid[AAGUID_TEXT_LENGTH + 1];
  builder_add_string(builder, ",\"icon\":\"/authenticators/");
  if (model->has_aaguid) {
    aaguid_write(&model->aaguid, aaguid);
    builder_add_string(builder, aaguid);
  }
  for (size_t i = 0; !model->has_aaguid && i < credential->key_identifier.len; i++) {
    builder_add_u8(builder, (uint8_t)DIGITS[credential->key_identifier.data[i] >> 4]);
    builder_add_u8(builder, (uint8_t)DIGITS[credential->key_identifier.data[i] & 15]);
  }
  builder_add_string(builder, "/icon\"");
}

static void add_provider(builder_t *builder, const rp_credential_t *credential, const metadata_model_t *model)
{
  builder_add_string(builder, ",\"provider\":{\"name\":");
  builder_add_json_string(builder, model->name);
  if (model->name_ja.len > 0)
    add_member_string(builder, "name_ja", model->name_ja);
  if (model->icon.len > 0)
    add_icon(builder, credential, model);
  builder_add_string(builder, "}");
}

void credential_write(builder_t *builder, const rp_credential_t *credential, const metadata_model_t *model)
{
  char aaguid[AAGUID_TEXT_LENGTH + 1];
  aaguid_write(&credential->authenticator.aaguid, aaguid);
  builder_add_string(builder, "{\"id\":\"");
  builder_add_base64url(builder, credential->credential_id);
  builder_add_string(builder, "\",\"aaguid\":\"");
  builder_add_string(builder, aaguid);
  builder_add_string(builder, "\",\"alg\":");
  builder_add_decimal(builder, credential->algorithm);
  add_member_string(builder, "nickname", credential->nickname);
  add_member_string(builder, "fmt", credential->format);
  add_member_string(builder, "attestation_type", credential->attestation_type);
  add_member_boolean(builder, "attested", credential->attested);
  add_member_boolean(builder, "hardware", credential->hardware);
  add_member_string(builder, "certification",
                    bytes_of_string(certification_name(credential->authenticator.certification)));
  add_member_number(builder, "sign_count", credential->sign_count);
  add_member_boolean(builder, "uv_initialized", credential->uv_initialized);
  add_member_boolean(builder, "backup_eligible", credential->backup_eligible);
  add_member_boolean(builder, "backed_up", credential->backed_up);
  add_extensions(builder, &credential->extensions);
  builder_add_string(builder, ",\"transports\":");
  credential_list_write_transports(builder, credential->transports);
  builder_add_string(builder, ",\"created_at\":");
  builder_add_decimal(builder, credential->created_ms / 1000);
  builder_add_string(builder, ",\"last_used_at\":");
  if (credential->last_used_ms > 0)
    builder_add_decimal(builder, credential->last_used_ms / 1000);
  else
    builder_add_string(builder, "null");
  if (model != NULL && model->name.len > 0)
    add_provider(builder, credential, model);
  builder_add_string(builder, "}");
}

size_t credential_write_room(const rp_credential_t *credential, const metadata_model_t *model)
{
  size_t provider = model != NULL ? 256 + 6 * (model->name.len + model->name_ja.len) : 0;
  return 1024 + provider + credential->credential_id.len * 4 / 3 + 6 * credential->nickname.len +
         credential->transports.len * 4;
}
