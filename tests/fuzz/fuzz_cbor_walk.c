/* What the walk passes, libcbor must take whole, and our reader must find the same end. */
#include <cbor.h>
#include <stdlib.h>

#include "crypto/cbor_walk.h"
#include "fuzz.h"

static void check(bytes_t bytes, cbor_limits_t limits)
{
  size_t walked = cbor_walk(bytes, limits);
  if (walked == 0)
    return;
  reader_t reader = reader_over(bytes);
  if (walked > bytes.len || cbor_read_encoded(&reader).len != walked || reader.failed)
    abort();
  struct cbor_load_result result;
  cbor_item_t *item = cbor_load(bytes.data, walked, &result);
  if (item == NULL || result.read != walked)
    abort();
  cbor_decref(&item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  check(bytes_of(data, size), (cbor_limits_t){.depth = 8, .items = 256});
  check(bytes_of(data, size), (cbor_limits_t){.depth = 8, .items = 256, .any_order = true});
  return 0;
}
