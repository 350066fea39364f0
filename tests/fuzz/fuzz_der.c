/* Every element that is read lies inside, and a failed reader stays failed. */
#include <stdlib.h>

#include "crypto/der.h"
#include "fuzz.h"

#define DEPTH_MAX 64

static void walk(bytes_t bytes, unsigned depth)
{
  reader_t reader = reader_over(bytes);
  while (reader.left > 0 && !reader.failed) {
    size_t left = reader.left;
    der_element_t element = der_read(&reader);
    if (reader.failed) {
      if (element.content.len != 0)
        abort();
      return;
    }
    if (reader.left >= left || element.content.len > left ||
        (element.content.len > 0 && (element.content.data < bytes.data ||
                                     element.content.data + element.content.len > bytes.data + bytes.len)))
      abort();
    int64_t number = 0;
    if (der_number(element.content, &number) &&
        (number < 0 || element.content.len == 0 || element.content.len > 8))
      abort();
    if (depth < DEPTH_MAX)
      walk(element.content, depth + 1);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  walk(bytes_of(data, size), 0);
  return 0;
}
