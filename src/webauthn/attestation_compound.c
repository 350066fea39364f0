#include "crypto/cbor_walk.h"
#include "webauthn/attestation_formats.h"

#define STATEMENTS_LEAST 2
#define STATEMENTS_MOST 8 /* ours: each costs a signature and a chain */

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "compound: %s", why);
}

/* nonCompoundAttStmt: a map of fmt and attStmt. */
static error_code_t read_part(reader_t *reader, bytes_t *ret_format, bytes_t *ret_statement,
                              error_detail_t *detail)
{
  cbor_value_t map = cbor_read(reader);
  bool has_statement = false;
  if (map.kind != CBOR_KIND_MAP || map.value != 2)
    return refuse(detail, "a statement is not a map of fmt and attStmt");
  cbor_value_t format = {.kind = CBOR_KIND_SIMPLE};
  for (int i = 0; i < 2; i++) {
    cbor_value_t key = cbor_read(reader);
    bytes_t value = cbor_read_encoded(reader);
    reader_t value_reader = reader_over(value);
    if (cbor_value_is_text(&key, "fmt"))
      format = cbor_read(&value_reader);
    else if (cbor_value_is_text(&key, "attStmt"))
      *ret_statement = value;
    has_statement |= cbor_value_is_text(&key, "attStmt");
  }
  if (format.kind != CBOR_KIND_TEXT || !has_statement)
    return refuse(detail, "a statement lacks fmt or attStmt");
  *ret_format = format.string;
  return ERR_NONE;
}

static error_code_t verify_part(const attestation_input_t *input, reader_t *reader,
                                attestation_finding_t *ret_finding, error_detail_t *detail)
{
  bytes_t name = BYTES_NONE;
  attestation_input_t part = *input;
  error_code_t code = read_part(reader, &name, &part.statement, detail);
  if (code != ERR_NONE)
    return code;
  if (bytes_equal_string(name, "compound"))
    return refuse(detail, "a statement is compound itself");
  const attestation_format_t *format = attestation_format_find(name);
  if (format == NULL)
    return refuse(detail, "a statement is of a format that is not supported");
  return attestation_format_verify(format, &part, ret_finding, detail);
}

/* What the statements say together: the strongest kind among them. */
static attestation_type_t strongest(const attestation_finding_t *parts, size_t count)
{
  attestation_type_t type = ATTESTATION_NONE;
  for (size_t i = 0; i < count; i++) {
    if (parts[i].chain.count > 0)
      return parts[i].type;
    if (parts[i].type == ATTESTATION_SELF)
      type = ATTESTATION_SELF;
  }
  return type;
}

/* §8.9 leaves to the relying party how many must verify: all. */
error_code_t attestation_compound_verify(const attestation_input_t *input, attestation_finding_t *ret_finding,
                                         error_detail_t *detail)
{
  reader_t reader = reader_over(input->statement);
  cbor_value_t array = cbor_read(&reader);
  if (array.kind != CBOR_KIND_ARRAY || array.value < STATEMENTS_LEAST || array.value > STATEMENTS_MOST)
    return refuse(detail, "attStmt is not an array of 2 to 8 statements");
  size_t count = (size_t)array.value;
  attestation_finding_t *parts = arena_alloc(input->arena, count * sizeof(*parts));
  if (parts == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    parts[i] = (attestation_finding_t){0};
    error_code_t code = verify_part(input, &reader, &parts[i], detail);
    if (code != ERR_NONE)
      return code;
  }
  *ret_finding =
      (attestation_finding_t){.type = strongest(parts, count), .parts = parts, .part_count = count};
  return ERR_NONE;
}
