#include <stdlib.h>

#include "fuzz.h"
#include "webauthn/authenticator_data.h"

/* The parts, laid end to end, are the whole: nothing is read twice or left out. */
static size_t length_of(const authenticator_data_t *data)
{
  size_t length = AUTHENTICATOR_DATA_HEAD_LENGTH + data->extensions.len;
  if ((data->flags & AUTHENTICATOR_FLAG_AT) != 0)
    length += data->aaguid.len + 2 + data->credential_id.len + data->credential_key.len;
  return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  authenticator_data_t parsed;
  error_code_t code = authenticator_data_parse(bytes_of(data, size), &parsed, NULL);
  if (code == ERR_NONE && (length_of(&parsed) != size || size > AUTHENTICATOR_DATA_MAX_LENGTH))
    abort();
  return 0;
}
