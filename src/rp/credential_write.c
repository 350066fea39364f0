#include "rp/credential_write.h"

#include "rp/credential_list.h"

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
  add_member_boolean(builder, "backup_eligible", credential->backup_eligible);
  add_member_boolean(builder, "backed_up", credential->backed_up);
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
  return 512 + provider + credential->credential_id.len * 4 / 3 + 6 * credential->nickname.len +
         credential->transports.len * 4;
}
