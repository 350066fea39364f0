#include "webauthn/attestation.h"

#include "crypto/cbor_walk.h"
#include "webauthn/attestation_formats.h"
#include "webauthn/second_opinion.h"

/* The client platform writes the outer maps, so their keys come in any order
 * (docs/adr/0003-cbor-strictness.md). */
static const cbor_limits_t OBJECT_LIMITS = {.depth = 6, .items = 128, .any_order = true};

const char *attestation_type_name(attestation_type_t type)
{
  switch (type) {
  case ATTESTATION_NONE:
    return "none";
  case ATTESTATION_SELF:
    return "self";
  case ATTESTATION_BASIC:
    return "basic";
  case ATTESTATION_ATT_CA:
    return "attca";
  case ATTESTATION_ANON_CA:
    return "anonca";
  }
  return "none";
}

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION_OBJECT, "attestation object: %s", why);
}

static error_code_t read_members(reader_t *reader, uint64_t count, attestation_object_t *object,
                                 error_detail_t *detail)
{
  bool has_format = false, has_data = false, has_statement = false;
  for (uint64_t i = 0; i < count; i++) {
    cbor_value_t key = cbor_read(reader);
    reader_t value_reader = reader_over(cbor_read_encoded(reader));
    if (key.kind != CBOR_KIND_TEXT)
      return refuse(detail, "a key is not a text");
    if (cbor_value_is_text(&key, "attStmt")) {
      object->statement = bytes_of(value_reader.at, value_reader.left);
      has_statement = true;
      continue;
    }
    cbor_value_t value = cbor_read(&value_reader);
    if (cbor_value_is_text(&key, "fmt")) {
      object->format = value.string;
      has_format = value.kind == CBOR_KIND_TEXT;
    } else if (cbor_value_is_text(&key, "authData")) {
      object->authenticator_data = value.string;
      has_data = value.kind == CBOR_KIND_BYTES;
    }
  }
  if (!has_format)
    return refuse(detail, "fmt is not a text");
  if (!has_data)
    return refuse(detail, "authData is not a byte string");
  if (!has_statement)
    return refuse(detail, "attStmt is missing");
  return ERR_NONE;
}

error_code_t attestation_object_parse(bytes_t bytes, attestation_object_t *ret_object, error_detail_t *detail)
{
  if (bytes.len > ATTESTATION_OBJECT_MAX_LENGTH)
    return refuse(detail, "it is larger than 64 KiB");
  size_t walked = cbor_walk(bytes, OBJECT_LIMITS);
  if (walked == 0)
    return error_because(detail, ERR_CBOR,
                         "the attestation object is not well-formed, definite, minimal CBOR with "
                         "unique keys, of at most 128 items and depth 6");
  if (walked != bytes.len)
    return error_because(detail, ERR_CBOR, "%zu bytes follow the attestation object", bytes.len - walked);
  reader_t reader = reader_over(bytes);
  cbor_value_t map = cbor_read(&reader);
  if (map.kind != CBOR_KIND_MAP)
    return refuse(detail, "it is not a map");
  attestation_object_t object = {0};
  error_code_t code = read_members(&reader, map.value, &object, detail);
  if (code == ERR_NONE)
    *ret_object = object;
  return code;
}

/* §8.7: the statement is the empty map. */
static error_code_t none_verify(const attestation_input_t *input, attestation_finding_t *ret_finding,
                                error_detail_t *detail)
{
  if (!bytes_equal(input->statement, BYTES_LITERAL("\xa0")))
    return error_because(detail, ERR_ATTESTATION, "none: attStmt is not the empty map");
  *ret_finding = (attestation_finding_t){.type = ATTESTATION_NONE};
  return ERR_NONE;
}

/* The formats that we verify: a new one is a row here and a file of its own. */
static const attestation_format_t FORMATS[] = {
    {"none", false, none_verify},
    {"packed", true, attestation_packed_verify},
    {"fido-u2f", true, attestation_u2f_verify},
    {"tpm", true, attestation_tpm_verify},
    {"compound", false, attestation_compound_verify},
    {"android-safetynet", false, attestation_safetynet_verify},
    {"apple", false, attestation_apple_verify},
    {"android-key", false, attestation_android_key_verify},
};

const attestation_format_t *attestation_format_find(bytes_t name)
{
  for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++)
    if (bytes_equal_string(name, FORMATS[i].name))
      return &FORMATS[i];
  return NULL;
}

error_code_t attestation_format_verify(const attestation_format_t *format, const attestation_input_t *input,
                                       attestation_finding_t *ret_finding, error_detail_t *detail)
{
  attestation_finding_t finding = {0};
  error_code_t code = format->verify(input, &finding, detail);
  if (code == ERR_NONE)
    code = second_opinion_check(format, input, &finding, detail);
  if (code == ERR_NONE)
    *ret_finding = finding;
  return code;
}
