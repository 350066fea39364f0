/* Evidence: one verified assertion (or registration), as a fact that policy may weigh. Nothing else counts.
 */
#ifndef SEKISHO_POLICY_EVIDENCE_H
#define SEKISHO_POLICY_EVIDENCE_H

#include "policy/authenticator.h"

/* What the person was asked to touch the authenticator for. A challenge made for one purpose finishes no
 * other. */
typedef enum purpose {
  PURPOSE_LOGIN,       /* sign in; names a domain when it was started from one */
  PURPOSE_ENROL,       /* register a passkey */
  PURPOSE_STEP_UP,     /* renew or raise, for a domain or for the account page */
  PURPOSE_TRANSACTION, /* approve one bound transaction */
} purpose_t;

#define DOMAIN_ID_MAX 32
typedef struct domain_id {
  char text[DOMAIN_ID_MAX + 1]; /* [a-z][a-z0-9-]*; empty: the rp itself, no domain */
} domain_id_t;

typedef struct evidence {
  int64_t time_ms;        /* when the rp verified it */
  uint8_t credential[32]; /* SHA-256 of the credential id */
  uint8_t request[16];    /* the authorization request it was given for; zero when none */
  authenticator_t authenticator;
  purpose_t purpose;
  domain_id_t domain; /* the domain that the purpose names; empty when none */
  bool user_present;
  bool user_verified;
  bool backup_eligible; /* can be synced: not bound to one device */
  bool backed_up;
  bool attested_hardware;  /* attestation reached a trust anchor that vouches for hardware */
  bool verified_by_domain; /* this authority issued the challenge and verified the assertion itself */
} evidence_t;

/* A session holds the newest per (credential, purpose, domain, UV, verified by domain); the oldest give way.
 */
#define EVIDENCE_MAX 16

typedef struct evidence_set {
  evidence_t items[EVIDENCE_MAX];
  size_t count;
} evidence_set_t;

/* Adds, replacing an older one of the same (credential, purpose, domain, UV, verified by domain), or the
 * oldest when full. Without user presence nothing is added; what is older than what it would replace is
 * dropped. */
void evidence_set_add(evidence_set_t *set, const evidence_t *evidence);
/* Neither can be synced nor is: the only kind that a device-bound level takes. */
bool evidence_is_device_bound(const evidence_t *evidence);
const char *purpose_name(purpose_t purpose);
MUST_USE error_code_t purpose_parse(bytes_t text, purpose_t *ret_purpose);
MUST_USE error_code_t domain_id_parse(bytes_t text, domain_id_t *ret_domain);
bool domain_id_equal(const domain_id_t *a, const domain_id_t *b);
bool domain_id_is_empty(const domain_id_t *domain);

#endif
