#include "fuzz.h"

#include "http/client_reply.h"

/* A reply that grows byte by byte must end as it does at once, and stay broken once it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  client_reply_t whole = {0}, part = {0};
  client_reply_state_t state = client_reply_parse(bytes_of(data, size), &whole);
  if (state == CLIENT_REPLY_COMPLETE && whole.head_len + whole.body_len != size)
    __builtin_trap();
  for (size_t len = 0; len < size && len < 4096; len++) {
    client_reply_state_t before = client_reply_parse(bytes_of(data, len), &part);
    if (before == CLIENT_REPLY_BROKEN && state != CLIENT_REPLY_BROKEN)
      __builtin_trap();
    if (before == CLIENT_REPLY_COMPLETE && state != CLIENT_REPLY_BROKEN)
      __builtin_trap();
  }
  return 0;
}
