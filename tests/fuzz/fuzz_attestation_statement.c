/* Statements, asked for the members of every format. */
#include <stdlib.h>

#include "crypto/cbor_walk.h"
#include "fuzz.h"
#include "webauthn/attestation_statement.h"

static void must_be_inside(bytes_t part, bytes_t whole)
{
  if (part.len > 0 && (part.data < whole.data || part.data + part.len > whole.data + whole.len))
    abort();
}

static void check(bytes_t bytes, unsigned required, unsigned optional)
{
  attestation_statement_t statement;
  error_detail_t detail;
  if (attestation_statement_parse("fuzz", bytes, required, optional, &statement, &detail) != ERR_NONE)
    return;
  if ((required & ~statement.members) != 0 || (statement.members & ~(required | optional)) != 0 ||
      statement.chain.count > ATTESTATION_CHAIN_MAX)
    abort();
  must_be_inside(statement.signature, bytes);
  must_be_inside(statement.version, bytes);
  must_be_inside(statement.cert_info, bytes);
  must_be_inside(statement.pub_area, bytes);
  must_be_inside(statement.response, bytes);
  for (size_t i = 0; i < statement.chain.count; i++)
    must_be_inside(statement.chain.certificates[i], bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const cbor_limits_t LIMITS = {.depth = 5, .items = 128, .any_order = true};
  bytes_t bytes = bytes_of(data, size);
  if (cbor_walk(bytes, LIMITS) != size || size == 0)
    return 0;
  check(bytes, STATEMENT_ALG | STATEMENT_SIG, STATEMENT_X5C);
  check(bytes, STATEMENT_SIG | STATEMENT_X5C, 0);
  check(bytes, STATEMENT_X5C, STATEMENT_ALG);
  check(bytes, STATEMENT_TPM, 0);
  check(bytes, STATEMENT_VER | STATEMENT_RESPONSE, 0);
  check(bytes, 0, STATEMENT_TPM | STATEMENT_RESPONSE);
  return 0;
}
