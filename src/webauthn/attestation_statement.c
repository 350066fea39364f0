#include "webauthn/attestation_statement.h"

#include <stddef.h>

#include "crypto/cbor_walk.h"

typedef struct member {
  const char *name;
  unsigned bit;
  cbor_kind_t kind; /* of texts and byte strings; the others have readers of their own */
  size_t offset;    /* of the view */
} member_t;

static const member_t MEMBERS[] = {
    {"alg", STATEMENT_ALG, CBOR_KIND_UNSIGNED, 0},
    {"sig", STATEMENT_SIG, CBOR_KIND_BYTES, offsetof(attestation_statement_t, signature)},
    {"x5c", STATEMENT_X5C, CBOR_KIND_ARRAY, 0},
    {"ver", STATEMENT_VER, CBOR_KIND_TEXT, offsetof(attestation_statement_t, version)},
    {"certInfo", STATEMENT_CERT_INFO, CBOR_KIND_BYTES, offsetof(attestation_statement_t, cert_info)},
    {"pubArea", STATEMENT_PUB_AREA, CBOR_KIND_BYTES, offsetof(attestation_statement_t, pub_area)},
    {"response", STATEMENT_RESPONSE, CBOR_KIND_BYTES, offsetof(attestation_statement_t, response)},
};

#define MEMBER_COUNT (sizeof(MEMBERS) / sizeof(MEMBERS[0]))

static error_code_t refuse(error_detail_t *detail, const char *format, const char *name, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "%s: %s %s", format, name, why);
}

static bool read_chain(reader_t *reader, attestation_chain_t *chain)
{
  cbor_value_t array = cbor_read(reader);
  if (array.kind != CBOR_KIND_ARRAY || array.value == 0 || array.value > ATTESTATION_CHAIN_MAX)
    return false;
  for (uint64_t i = 0; i < array.value; i++) {
    cbor_value_t certificate = cbor_read(reader);
    if (certificate.kind != CBOR_KIND_BYTES || certificate.string.len == 0)
      return false;
    chain->certificates[chain->count++] = certificate.string;
  }
  return true;
}

static error_code_t read_value(reader_t *reader, const char *format, const member_t *member,
                               attestation_statement_t *statement, error_detail_t *detail)
{
  statement->members |= member->bit;
  if (member->bit == STATEMENT_X5C)
    return read_chain(reader, &statement->chain)
               ? ERR_NONE
               : refuse(detail, format, "x5c", "is not an array of 1 to 8 certificates, none of them empty");
  cbor_value_t value = cbor_read(reader);
  if (member->bit == STATEMENT_ALG)
    return cbor_value_integer(&value, &statement->algorithm)
               ? ERR_NONE
               : refuse(detail, format, "alg", "is not an integer");
  if (value.kind != member->kind)
    return refuse(detail, format, member->name,
                  member->kind == CBOR_KIND_TEXT ? "is not a text" : "is not a byte string");
  *(bytes_t *)(void *)((char *)statement + member->offset) = value.string;
  return ERR_NONE;
}

static error_code_t read_member(reader_t *reader, const char *format, unsigned known,
                                attestation_statement_t *statement, error_detail_t *detail)
{
  cbor_value_t key = cbor_read(reader);
  for (size_t i = 0; i < MEMBER_COUNT; i++)
    if ((known & MEMBERS[i].bit) != 0 && cbor_value_is_text(&key, MEMBERS[i].name))
      return read_value(reader, format, &MEMBERS[i], statement, detail);
  if (cbor_value_is_text(&key, "ecdaaKeyId")) /* L2 took it out */
    return refuse(detail, format, "ECDAA", "is not supported");
  return refuse(detail, format, "attStmt", "has a member that the format's syntax does not know");
}

error_code_t attestation_statement_parse(const char *format, bytes_t bytes, unsigned required,
                                         unsigned optional, attestation_statement_t *ret_statement,
                                         error_detail_t *detail)
{
  attestation_statement_t statement = {0};
  reader_t reader = reader_over(bytes);
  cbor_value_t map = cbor_read(&reader);
  if (map.kind != CBOR_KIND_MAP)
    return refuse(detail, format, "attStmt", "is not a map");
  for (uint64_t i = 0; i < map.value; i++) {
    error_code_t code = read_member(&reader, format, required | optional, &statement, detail);
    if (code != ERR_NONE)
      return code;
  }
  for (size_t i = 0; i < MEMBER_COUNT; i++)
    if ((required & ~statement.members & MEMBERS[i].bit) != 0)
      return refuse(detail, format, MEMBERS[i].name, "is missing");
  *ret_statement = statement;
  return ERR_NONE;
}
