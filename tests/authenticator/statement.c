#include "statement.h"

#include <string.h>

#include "cbor_build.h"
#include "signature_faults.h"
#include "soft_check.h"

bool statement_fault_is(const statement_work_t *work, const char *fault)
{
  return work->knobs->statement_fault != NULL && strcmp(work->knobs->statement_fault, fault) == 0;
}

bytes_t statement_sign(const statement_work_t *work, int64_t algorithm, EVP_PKEY *key, bytes_t message)
{
  EVP_PKEY *other = work->knobs->wrong_key ? soft_key_generate(algorithm != 0 ? algorithm : -7) : NULL;
  bytes_t signature =
      soft_signature(work->arena, algorithm, other != NULL ? other : key, message, work->knobs->signature);
  EVP_PKEY_free(other);
  return signature;
}

void statement_add_chain(const soft_chain_t *chain, builder_t *builder)
{
  cbor_add_text(builder, "x5c");
  cbor_add_array(builder, chain->count);
  for (size_t i = 0; i < chain->count; i++)
    cbor_add_bytes(builder, chain->certificates[i]);
}

static void add_none(const statement_work_t *work, builder_t *builder)
{
  (void)work;
  cbor_add_map(builder, 0);
}

static void add_packed_self(const statement_work_t *work, builder_t *builder)
{
  int64_t algorithm = work->knobs->statement_algorithm;
  cbor_add_map(builder, 2);
  cbor_add_text(builder, "alg");
  cbor_add_integer(builder, algorithm != 0 ? algorithm : work->credential->algorithm);
  cbor_add_text(builder, "sig");
  cbor_add_bytes(builder,
                 statement_sign(work, work->credential->algorithm, work->credential->key, work->signed_data));
}

/* Good: "key-of-algorithm", where the certificate's key is of statement_algorithm; it is P-256 otherwise. */
static void add_packed(const statement_work_t *work, builder_t *builder)
{
  const soft_knobs_t *knobs = work->knobs;
  soft_chain_t chain;
  int64_t algorithm = knobs->statement_algorithm, key_algorithm = 0;
  if (statement_fault_is(work, "key-of-algorithm")) {
    key_algorithm = algorithm;
    const soft_leaf_t leaf = {.key = soft_key_generate(algorithm),
                              .aaguid = work->aaguid,
                              .fault = knobs->certificate,
                              .bend = knobs->bend};
    attestation_ca_certify(work->ca, work->arena, &leaf, knobs->chain, &chain);
    chain.key = leaf.key;
  } else {
    attestation_ca_issue(work->ca, work->arena, work->aaguid, knobs->certificate, knobs->chain, knobs->bend,
                         &chain);
  }
  cbor_add_map(builder, 3);
  cbor_add_text(builder, "alg");
  cbor_add_integer(builder, algorithm != 0 ? algorithm : -7);
  cbor_add_text(builder, "sig");
  cbor_add_bytes(builder, statement_sign(work, key_algorithm, chain.key, work->signed_data));
  statement_add_chain(&chain, builder);
  EVP_PKEY_free(chain.key);
}

typedef struct format {
  const char *name, *written;
  void (*add)(const statement_work_t *work, builder_t *builder);
} format_t;

static const format_t FORMATS[] = {
    {"none", "none", add_none},
    {"packed-self", "packed", add_packed_self},
    {"packed", "packed", add_packed},
    {"fido-u2f", "fido-u2f", statement_add_u2f},
    {"tpm", "tpm", statement_add_tpm},
    {"compound", "compound", statement_add_compound},
    {"android-safetynet", "android-safetynet", statement_add_safetynet},
    {"apple", "apple", statement_add_apple},
    {"android-key", "android-key", statement_add_android_key},
};

static const format_t *find(const char *name)
{
  size_t i = 0;
  while (i < sizeof(FORMATS) / sizeof(FORMATS[0]) && strcmp(FORMATS[i].name, name) != 0)
    i++;
  SOFT_MUST(i < sizeof(FORMATS) / sizeof(FORMATS[0]));
  return &FORMATS[i];
}

const char *statement_format_name(const char *format)
{
  return find(format)->written;
}

void statement_add(const statement_work_t *work, const char *format, builder_t *builder)
{
  find(format)->add(work, builder);
}
