/* What is known of the authenticator behind evidence, and rules about which authenticators count. */
#ifndef SEKISHO_POLICY_AUTHENTICATOR_H
#define SEKISHO_POLICY_AUTHENTICATOR_H

#include <stdbool.h>

#include "base/bytes.h"

/* FIDO authenticator certification, weakest first (FIDO Metadata Service 3.1 §3.1.4). */
typedef enum certification {
  CERTIFICATION_NONE, /* not certified, or no metadata says so */
  CERTIFICATION_L1,
  CERTIFICATION_L1PLUS,
  CERTIFICATION_L2,
  CERTIFICATION_L2PLUS,
  CERTIFICATION_L3,
  CERTIFICATION_L3PLUS,
} certification_t;
#define CERTIFICATION_COUNT ((size_t)CERTIFICATION_L3PLUS + 1)

/* Who vouched for the authenticator at registration (WebAuthn L3 §6.5.3). A chain that reached no trust root
 * vouches for nothing: it counts as none. */
typedef enum vouching {
  VOUCHING_NONE,
  VOUCHING_SELF,
  VOUCHING_BASIC,
  VOUCHING_ATT_CA,
  VOUCHING_ANON_CA,
} vouching_t;
#define VOUCHING_COUNT ((size_t)VOUCHING_ANON_CA + 1)

typedef struct aaguid {
  uint8_t bytes[16];
} aaguid_t;

typedef struct authenticator {
  aaguid_t aaguid; /* as claimed; true only where somebody else vouches */
  vouching_t vouching;
  certification_t certification;
} authenticator_t;

/* Zero admits everything. Whatever is borrowed lives with the configuration. */
typedef struct authenticator_rule {
  const aaguid_t *allow; /* none: any model */
  size_t allow_count;
  const aaguid_t *deny;
  size_t deny_count;
  bool allow_unvouched;          /* allow takes models that nobody vouches for, too */
  certification_t certification; /* at least */
  unsigned vouching;             /* bits 1 << vouching_t; 0: any */
} authenticator_rule_t;

typedef enum authenticator_objection {
  OBJECTION_NONE,
  OBJECTION_DENIED,        /* the model is on the list of denied ones */
  OBJECTION_NOT_ALLOWED,   /* or not on that of allowed ones */
  OBJECTION_UNVOUCHED,     /* it is, but nobody vouches that it is that model */
  OBJECTION_VOUCHING,      /* another kind of attestation is asked for */
  OBJECTION_CERTIFICATION, /* certified too low, or not at all */
} authenticator_objection_t;

authenticator_objection_t authenticator_rule_judge(const authenticator_rule_t *rule,
                                                   const authenticator_t *authenticator);
/* "denied", "not_allowed", "unvouched", "attestation", "certification"; "none". */
const char *authenticator_objection_name(authenticator_objection_t objection);
bool authenticator_rule_is_empty(const authenticator_rule_t *rule);
/* Nothing passes unless somebody vouches for it, or it for itself: without attestation nobody ever can. */
bool authenticator_rule_needs_vouching(const authenticator_rule_t *rule);
/* Whatever the stronger admits, the weaker admits. */
bool authenticator_rule_implies(const authenticator_rule_t *stronger, const authenticator_rule_t *weaker);

/* "none", "L1", "L1plus", "L2", "L2plus", "L3", "L3plus". */
const char *certification_name(certification_t certification);
MUST_USE error_code_t certification_parse(bytes_t text, certification_t *ret_certification);
/* "none", "self", "basic", "attca", "anonca", as attestation types are called everywhere here. */
const char *vouching_name(vouching_t vouching);
MUST_USE error_code_t vouching_parse(bytes_t text, vouching_t *ret_vouching);

/* 8-4-4-4-12 hex digits, in either case. ERR_MALFORMED for anything else. */
MUST_USE error_code_t aaguid_parse(bytes_t text, aaguid_t *ret_aaguid);
#define AAGUID_TEXT_LENGTH 36
/* In lower case, with a NUL behind it. */
void aaguid_write(const aaguid_t *aaguid, char ret_text[AAGUID_TEXT_LENGTH + 1]);
bool aaguid_equal(const aaguid_t *a, const aaguid_t *b);

#endif
