#include "webauthn/second_opinion.h"

#include <fido.h>
#include <string.h>

#include "crypto/cbor_walk.h"
#include "webauthn/attestation_statement.h"

#define RP_ID_MAX 255
#define STATEMENT_MEMBERS_MAX 8

static void cred_free(fido_cred_t *cred)
{
  fido_cred_free(&cred);
}
CLEANUP_FUNCTION(cred_drop, fido_cred_t, cred_free)

/* libfido2 wants the extensions that the caller asked for to be those that it finds: we say what we found. */
static int declare_extensions(fido_cred_t *cred, bytes_t extensions)
{
  reader_t reader = reader_over(extensions);
  cbor_value_t map = cbor_read(&reader);
  int mask = 0, code = FIDO_OK;
  for (uint64_t i = 0; extensions.len > 0 && i < map.value && code == FIDO_OK; i++) {
    cbor_value_t key = cbor_read(&reader);
    reader_t value_reader = reader_over(cbor_read_encoded(&reader));
    cbor_value_t value = cbor_read(&value_reader);
    bool yes = value.kind == CBOR_KIND_SIMPLE && value.value == 21; /* true */
    if (yes && cbor_value_is_text(&key, "hmac-secret"))
      mask |= FIDO_EXT_HMAC_SECRET;
    else if (yes && cbor_value_is_text(&key, "credBlob"))
      mask |= FIDO_EXT_CRED_BLOB;
    else if (cbor_value_is_text(&key, "minPinLength") && value.kind == CBOR_KIND_UNSIGNED) {
      mask |= FIDO_EXT_MINPINLEN; /* which the length itself does not set where it is 0 */
      code = fido_cred_set_pin_minlen(cred, (size_t)value.value);
    } else if (cbor_value_is_text(&key, "credProtect") && value.kind == CBOR_KIND_UNSIGNED &&
               value.value <= 3)
      code = fido_cred_set_prot(cred, (int)value.value);
  }
  if (code == FIDO_OK && mask != 0)
    code = fido_cred_set_extensions(cred, mask);
  return code;
}

typedef struct pair {
  bytes_t key, whole; /* as they are encoded; whole: with the value */
} pair_t;

static bool comes_before(bytes_t a, bytes_t b)
{
  return a.len != b.len ? a.len < b.len : memcmp(a.data, b.data, a.len) < 0;
}

/* libfido2 wants the statement's keys in CTAP2's order, clients write them as they like. Nothing signs the
 * order. */
static error_code_t sort_statement(const attestation_input_t *input, bytes_t *ret_statement)
{
  pair_t pairs[STATEMENT_MEMBERS_MAX];
  size_t count = 0;
  reader_t reader = reader_over(input->statement);
  cbor_value_t map = cbor_read(&reader);
  if (map.kind != CBOR_KIND_MAP || map.value > STATEMENT_MEMBERS_MAX)
    return ERR_INTERNAL; /* no format of ours has more */
  for (; count < map.value; count++) {
    pair_t pair;
    pair.whole.data = reader.at;
    pair.key = cbor_read_encoded(&reader);
    pair.whole.len = pair.key.len + cbor_read_encoded(&reader).len;
    size_t at = count;
    for (; at > 0 && comes_before(pair.key, pairs[at - 1].key); at--)
      pairs[at] = pairs[at - 1];
    pairs[at] = pair;
  }
  builder_t sorted = arena_builder(input->arena, input->statement.len);
  builder_add_u8(&sorted, input->statement.data[0]); /* a map of fewer than 24 */
  for (size_t i = 0; i < count; i++)
    builder_add(&sorted, pairs[i].whole);
  *ret_statement = builder_bytes(&sorted);
  return sorted.failed ? ERR_NO_MEMORY : ERR_NONE;
}

static int ask(fido_cred_t *cred, const char *format, const char *rp_id, const attestation_input_t *input,
               bytes_t statement, bool certified)
{
  int code = fido_cred_set_type(cred, (int)public_key_algorithm(input->credential_key));
  if (code == FIDO_OK)
    code = fido_cred_set_fmt(cred, format);
  if (code == FIDO_OK)
    code = fido_cred_set_rp(cred, rp_id, NULL);
  if (code == FIDO_OK)
    code = fido_cred_set_clientdata_hash(cred, input->client_data_hash.data, input->client_data_hash.len);
  if (code == FIDO_OK)
    code = declare_extensions(cred, input->data->extensions);
  if (code == FIDO_OK)
    code = fido_cred_set_authdata_raw(cred, input->data->raw.data, input->data->raw.len);
  if (code == FIDO_OK)
    code = fido_cred_set_attstmt(cred, statement.data, statement.len);
  if (code == FIDO_OK)
    code = certified ? fido_cred_verify(cred) : fido_cred_verify_self(cred);
  return code;
}

/* ES256, ES384, Ed25519 under -8, and RSA keys of 2048 bits. */
static bool knows_algorithm(int64_t algorithm)
{
  return algorithm == SIGNATURE_ES256 || algorithm == SIGNATURE_ES384 || algorithm == SIGNATURE_EDDSA ||
         algorithm == SIGNATURE_RS256;
}

/* libfido2 compares both structures with the one form that Windows' TPMs of 2021 gave them: RSA of 2048 bits,
 * the exponent 0, a policy, no schemes, names by SHA-256, a safe clock. Other forms it would refuse unseen.
 * Of the key's attributes it asks fixedTPM, fixedParent, sensitiveDataOrigin and sign, which the standard
 * does not. */
static bool has_known_form(bytes_t statement_bytes)
{
  static const uint8_t PUBLIC_HEAD[] = {0x00, 0x01, 0x00, 0x0b}, POLICY_LENGTH[] = {0x00, 0x20};
  static const uint8_t PARAMETERS[] = {0x00, 0x10, 0x00, 0x10, 0x08, 0x00, 0, 0, 0, 0, 0x01, 0x00};
  attestation_statement_t statement;
  error_detail_t ignored;
  if (attestation_statement_parse("tpm", statement_bytes, STATEMENT_TPM, 0, &statement, &ignored) !=
          ERR_NONE ||
      statement.algorithm != SIGNATURE_RS1 || statement.pub_area.len != 310 || statement.cert_info.len != 161)
    return false;
  const uint8_t *area = statement.pub_area.data;
  return memcmp(area, PUBLIC_HEAD, sizeof(PUBLIC_HEAD)) == 0 &&
         memcmp(area + 8, POLICY_LENGTH, sizeof(POLICY_LENGTH)) == 0 &&
         memcmp(area + 42, PARAMETERS, sizeof(PARAMETERS)) == 0 && statement.cert_info.data[80] == 1;
}

static bool knows_statement(const attestation_input_t *input, const attestation_finding_t *finding)
{
  if (finding->type == ATTESTATION_ATT_CA) /* tpm */
    return public_key_algorithm(input->credential_key) == SIGNATURE_RS256 && has_known_form(input->statement);
  return knows_algorithm(finding->algorithm);
}

/* The length of the one form of RSA key that libfido2 reads: n of 256 bytes, e of 3. */
#define RSA_KEY_LENGTH 272

/* libfido2 reads UP as required. */
static bool is_covered(const attestation_format_t *format, const attestation_input_t *input,
                       const attestation_finding_t *finding)
{
  signature_algorithm_t algorithm = public_key_algorithm(input->credential_key);
  bool other_rsa = algorithm == SIGNATURE_RS256 && input->data->credential_key.len != RSA_KEY_LENGTH;
  return format->second_opinion && (input->data->flags & AUTHENTICATOR_FLAG_UP) != 0 && !other_rsa &&
         knows_algorithm(algorithm) && knows_statement(input, finding);
}

error_code_t second_opinion_check(const attestation_format_t *format, const attestation_input_t *input,
                                  const attestation_finding_t *finding, error_detail_t *detail)
{
  if (!is_covered(format, input, finding))
    return ERR_NONE;
  char rp_id[RP_ID_MAX + 1];
  builder_t builder = builder_over(rp_id, sizeof(rp_id));
  builder_add(&builder, input->rp_id);
  builder_add_u8(&builder, 0);
  if (builder.failed)
    return error_because(detail, ERR_RP_ID, "the RP ID is longer than a host name can be");
  CLEANUP(cred_drop) fido_cred_t *cred = fido_cred_new();
  if (cred == NULL)
    return ERR_NO_MEMORY;
  bytes_t statement = BYTES_NONE;
  error_code_t sorted = sort_statement(input, &statement);
  if (sorted != ERR_NONE)
    return sorted;
  int code = ask(cred, format->name, rp_id, input, statement, finding->chain.count > 0);
  if (code != FIDO_OK)
    return error_because(detail, ERR_ATTESTATION, "%s: libfido2 does not agree: %s", format->name,
                         fido_strerr(code));
  return ERR_NONE;
}
