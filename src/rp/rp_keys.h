/* The keys of the relying party: one file, and from it an independent key for each use. */
#ifndef SEKISHO_RP_RP_KEYS_H
#define SEKISHO_RP_RP_KEYS_H

#include "base/secret.h"

typedef struct rp_keys {
  uint8_t id;               /* names the key in challenges, so that another can follow it */
  secret_key_t challenge;   /* MAC of challenges */
  secret_key_t seal;        /* ceremony cookies and continue handles */
  secret_key_t pairwise;    /* subjects and session ids, per domain */
  secret_key_t decoy;       /* credential ids of accounts that do not exist */
  secret_key_t fingerprint; /* tells whether two nodes have one key file; nothing is made with it */
} rp_keys_t;

MUST_USE error_code_t rp_keys_open(const char *path, const char *database, rp_keys_t *ret_keys,
                                   error_detail_t *detail);
MUST_USE error_code_t rp_keys_derive(const secret_key_t *root, rp_keys_t *ret_keys);
void rp_keys_wipe(rp_keys_t *keys);

#endif
