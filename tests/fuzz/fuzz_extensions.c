#include <stdlib.h>

#include "crypto/cbor_walk.h"
#include "fuzz.h"
#include "webauthn/extensions.h"

/* The first byte: which ceremony, and how strict. The rest, as JSON: options, and what a client says; as
 * CBOR: what an authenticator says, behind the walk that authenticator data goes through. */
static void judge(uint8_t mode, bytes_t map, extension_outputs_t outputs)
{
  extension_ceremony_t ceremony = (mode & 1) != 0 ? EXTENSION_AT_CREATE : EXTENSION_AT_GET;
  const extension_terms_t terms = {.asked = (mode & 2) != 0 ? EXTENSION_ALL : 0,
                                   .others_asked = (mode & 4) != 0,
                                   .refuse_unsolicited = (mode & 8) != 0,
                                   .cred_protect = 2,
                                   .cred_protect_enforced = (mode & 16) != 0};
  if (extensions_judge(&terms, ceremony, map, &outputs, NULL) != ERR_NONE)
    return;
  bool weak = terms.cred_protect_enforced && ceremony == EXTENSION_AT_CREATE && outputs.cred_protect < 2;
  bool unasked = terms.asked == 0 && (outputs.appid || outputs.discoverable != SAID_NOTHING ||
                                      outputs.prf != SAID_NOTHING || outputs.uvm_count > 0);
  if (weak || unasked || outputs.uvm_count > UVM_MAX || outputs.cred_protect > 3 ||
      outputs.min_pin_length > 63)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  bytes_t rest = bytes_of(data + 1, size - 1);
  extension_ceremony_t ceremony = (data[0] & 1) != 0 ? EXTENSION_AT_CREATE : EXTENSION_AT_GET;
  CLEANUP(json_drop) json_t *json = NULL;
  if (json_parse(rest, &json) == ERR_NONE && json_is_object(json)) {
    extension_terms_t terms = {0};
    if (extensions_check_inputs(json, ceremony, &terms, NULL) == ERR_NONE &&
        ((terms.asked & ~EXTENSION_ALL) != 0 || terms.cred_protect > 3))
      abort();
    judge(data[0], BYTES_NONE, extensions_parse_client(json, ceremony));
  }
  const cbor_limits_t limits = {.depth = 4, .items = 256};
  if (rest.len > 0 && cbor_walk(rest, limits) == rest.len)
    judge(data[0], rest, (extension_outputs_t){0});
  return 0;
}
