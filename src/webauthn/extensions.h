/* WebAuthn extensions (L3 §9 and §10, CTAP 2.2 §12): what may be asked of those that this server knows, and
 * what they may answer. Others are passed on unread. */
#ifndef SEKISHO_WEBAUTHN_EXTENSIONS_H
#define SEKISHO_WEBAUTHN_EXTENSIONS_H

#include "base/json.h"

typedef enum extension {
  EXTENSION_APPID,
  EXTENSION_APPID_EXCLUDE,
  EXTENSION_CRED_BLOB,
  EXTENSION_CRED_PROPS,
  EXTENSION_CRED_PROTECT,
  EXTENSION_HMAC_SECRET, /* by CTAP's own name; browsers use it for prf */
  EXTENSION_LARGE_BLOB,
  EXTENSION_MIN_PIN_LENGTH,
  EXTENSION_PAYMENT,
  EXTENSION_PRF,
  EXTENSION_UVM,
  EXTENSION_COUNT
} extension_t;

typedef uint16_t extension_set_t; /* bits: EXTENSION_BIT */
#define EXTENSION_BIT(extension) ((extension_set_t)(1u << (extension)))
#define EXTENSION_ALL ((extension_set_t)((1u << EXTENSION_COUNT) - 1))

/* An extension may ask and answer otherwise in create() than in get(). */
typedef enum extension_ceremony { EXTENSION_AT_CREATE = 1, EXTENSION_AT_GET = 2 } extension_ceremony_t;

/* What options asked for: it travels with the ceremony, so that the result can be held against it. */
typedef struct extension_terms {
  extension_set_t asked;
  bool others_asked;          /* by names that are not known here */
  int cred_protect;           /* the policy asked, 1 to 3; 0: none */
  bool cred_protect_enforced; /* a weaker one is refused */
  bool refuse_unsolicited;    /* outputs that nobody asked for; otherwise they are ignored */
} extension_terms_t;

/* "userVerificationOptional" and so on of 1 to CRED_PROTECT_MAX; NULL for other numbers. */
#define CRED_PROTECT_MAX 3
const char *cred_protect_name(int policy);

/* The `extensions` member of options: every known input of its type and within bounds. Sets what it asks for
 * in ret_terms, and nothing else there. ERR_EXTENSION_INPUT names the member. */
MUST_USE error_code_t extensions_check_inputs(const json_t *inputs, extension_ceremony_t ceremony,
                                              extension_terms_t *ret_terms, error_detail_t *detail);

/* --- outputs --- */

typedef enum said { SAID_NOTHING, SAID_NO, SAID_YES } said_t;

#define UVM_MAX 3
typedef struct uvm_entry {
  uint32_t method, key_protection, matcher_protection; /* FIDO Registry of Predefined Values */
} uvm_entry_t;

/* Secrets (prf results, blobs) are checked for their form and forgotten. */
typedef struct extension_outputs {
  extension_set_t client;               /* about which the client said anything */
  extension_set_t client_malformed;     /* and not in the output's type */
  bool client_others;                   /* or about any that is not known here */
  bool appid;                           /* the AppID was used */
  said_t discoverable, prf, large_blob; /* credProps.rk, prf.enabled, largeBlob.supported */
  int cred_protect;                     /* 1 to 3; 0: not said */
  int min_pin_length;                   /* 0: not said */
  uvm_entry_t uvm[UVM_MAX];
  size_t uvm_count;
} extension_outputs_t;

/* clientExtensionResults; NULL: none. Whether a wrong type matters depends on what was asked. */
extension_outputs_t extensions_parse_client(const json_t *results, extension_ceremony_t ceremony);

/* L3 §7.1 step 21 and §7.2 step 20: what the client said, and the authenticator's CBOR map (none: nothing),
 * against what was asked. On success only what was asked is left in *outputs. ERR_EXTENSION,
 * ERR_CRED_PROTECT. */
MUST_USE error_code_t extensions_judge(const extension_terms_t *terms, extension_ceremony_t ceremony,
                                       bytes_t authenticator, extension_outputs_t *outputs,
                                       error_detail_t *detail);

#endif
