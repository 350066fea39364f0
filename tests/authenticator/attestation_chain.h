/* Inside of the software authenticator: the certificates behind an attestation certificate. */
#ifndef SEKISHO_TESTS_ATTESTATION_CHAIN_H
#define SEKISHO_TESTS_ATTESTATION_CHAIN_H

#include "authority.h"

#define CHAIN_LINKS_MAX 8

/* The authorities between a root and a leaf, the leaf's issuer first. */
typedef struct chain_links {
  authority_t links[CHAIN_LINKS_MAX];
  size_t count;
} chain_links_t;

/* Those that a chain with this fault has; free with chain_links_done. */
void chain_links_make(const authority_t *root, chain_fault_t fault, chain_links_t *ret_links);
void chain_links_done(chain_links_t *links);
/* x5c as the fault wants it. unrelated: any other CA. */
void chain_arrange(arena_t *arena, bytes_t leaf, const chain_links_t *links, const authority_t *root,
                   const authority_t *unrelated, chain_fault_t fault, soft_chain_t *ret_chain);

#endif
