#include "attestation_chain.h"

#include "soft_check.h"

/* Of a chain: how many authorities, and what the certificates of the lowest and of the others say. */
typedef struct plan {
  chain_fault_t fault;
  size_t count;
  authority_spec_t lowest, above;
} plan_t;

#define CROWD_ENOUGH 110
#define CROWD 300 /* extensions: a certificate of about 6 kB */

static const plan_t PLANS[] = {
    {CHAIN_INTERMEDIATE, 1, {0}, {0}},
    {CHAIN_INTERMEDIATE_EXPIRED, 1, {.to = "210101000000Z"}, {0}},
    {CHAIN_REVERSED, 1, {0}, {0}},
    {CHAIN_SKIPPED, 1, {0}, {0}},
    {CHAIN_EIGHT, 7, {0}, {0}},
    {CHAIN_NINE, 8, {0}, {0}},
    {CHAIN_ISSUER_NOT_CA, 1, {.basic_constraints = "critical,CA:FALSE", .key_usage = ""}, {0}},
    {CHAIN_ISSUER_WITHOUT_CONSTRAINTS, 1, {.basic_constraints = "", .key_usage = ""}, {0}},
    {CHAIN_ISSUER_MAY_NOT_SIGN, 1, {.key_usage = "critical,digitalSignature"}, {0}},
    {CHAIN_ISSUER_OTHER_KEY, 1, {.signs_with_other_key = true}, {0}},
    {CHAIN_ISSUER_NOT_YET_VALID, 1, {.from = "480101000000Z"}, {0}},
    {CHAIN_PATH_LENGTH_ENOUGH, 2, {0}, {.basic_constraints = "critical,CA:TRUE,pathlen:1"}},
    {CHAIN_PATH_LENGTH_EXCEEDED, 2, {0}, {.basic_constraints = "critical,CA:TRUE,pathlen:0"}},
    {CHAIN_PATH_LENGTH_UNREAD,
     2,
     {0},
     {.basic_constraints = "critical,CA:TRUE,pathlen:0", .has_unreadable = true}},
    {CHAIN_ISSUER_MAY_NOT_SIGN_UNREAD,
     1,
     {.key_usage = "critical,digitalSignature", .has_unreadable = true},
     {0}},
    {CHAIN_NAME_CONSTRAINED, 1, {.names_others_only = true}, {0}},
    {CHAIN_ISSUER_HUGE_RSA, 1, {.key = AUTHORITY_KEY_HUGE_RSA, .signs_with_other_key = true}, {0}},
    {CHAIN_ISSUER_RSA_EXPONENT, 1, {.key = AUTHORITY_KEY_RSA_EXPONENT, .signs_with_other_key = true}, {0}},
    {CHAIN_ISSUER_EXPLICIT_CURVE, 1, {.key = AUTHORITY_KEY_EXPLICIT_CURVE}, {0}},
    {CHAIN_ISSUER_X25519, 1, {.key = AUTHORITY_KEY_X25519, .signs_with_other_key = true}, {0}},
    {CHAIN_ISSUER_SIGNS_BY_MD5, 1, {.key = AUTHORITY_KEY_RSA, .signs_by_md5 = true}, {0}},
    {CHAIN_FULL, 7, {.extensions = CROWD_ENOUGH}, {.extensions = CROWD_ENOUGH}},
    {CHAIN_CROWDED, 7, {.extensions = CROWD}, {.extensions = CROWD}},
};

void chain_links_make(const authority_t *root, chain_fault_t fault, chain_links_t *ret_links)
{
  const plan_t *plan = NULL;
  *ret_links = (chain_links_t){0};
  for (size_t i = 0; i < sizeof(PLANS) / sizeof(PLANS[0]); i++)
    if (PLANS[i].fault == fault)
      plan = &PLANS[i];
  if (plan == NULL)
    return;
  ret_links->count = plan->count;
  for (size_t i = plan->count; i-- > 0;) { /* from the root down */
    char name[48];
    snprintf(name, sizeof(name), "Soft Intermediate %zu", i);
    ret_links->links[i] = authority_new(name, i == 0 ? &plan->lowest : &plan->above,
                                        i + 1 == plan->count ? root : &ret_links->links[i + 1]);
  }
}

void chain_links_done(chain_links_t *links)
{
  for (size_t i = 0; i < links->count; i++)
    authority_done(&links->links[i]);
}

static bytes_t padded(arena_t *arena, bytes_t bytes, size_t more)
{
  builder_t builder = arena_builder(arena, bytes.len + more);
  builder_add(&builder, bytes);
  for (size_t i = 0; i < more; i++)
    builder_add_u8(&builder, 0);
  SOFT_MUST(!builder.failed);
  return builder_bytes(&builder);
}

static void push(soft_chain_t *chain, bytes_t der)
{
  chain->certificates[chain->count++] = der;
}

/* What comes behind the leaf. */
static void push_rest(arena_t *arena, bytes_t leaf, const chain_links_t *links, const authority_t *root,
                      const authority_t *unrelated, chain_fault_t fault, soft_chain_t *chain)
{
  for (size_t i = 0; i < links->count && fault != CHAIN_REVERSED && fault != CHAIN_SKIPPED; i++)
    push(chain, certificate_der(arena, links->links[i].certificate));
  if (fault == CHAIN_WITH_ROOT || fault == CHAIN_SKIPPED || fault == CHAIN_ROOT_TWICE)
    push(chain, certificate_der(arena, root->certificate));
  if (fault == CHAIN_ROOT_TWICE)
    push(chain, certificate_der(arena, root->certificate));
  if (fault == CHAIN_DUPLICATE)
    push(chain, leaf);
  if (fault == CHAIN_UNRELATED)
    push(chain, certificate_der(arena, unrelated->certificate));
  if (fault == CHAIN_HUGE)
    push(chain, padded(arena, certificate_der(arena, unrelated->certificate), 30000));
  while (fault == CHAIN_FIFTY && chain->count < SOFT_CHAIN_MAX)
    push(chain, certificate_der(arena, unrelated->certificate));
}

void chain_arrange(arena_t *arena, bytes_t leaf, const chain_links_t *links, const authority_t *root,
                   const authority_t *unrelated, chain_fault_t fault, soft_chain_t *ret_chain)
{
  *ret_chain = (soft_chain_t){0};
  if (fault == CHAIN_EMPTY)
    return;
  if (fault == CHAIN_REVERSED)
    push(ret_chain, certificate_der(arena, links->links[0].certificate));
  push(ret_chain, fault == CHAIN_TRAILING ? padded(arena, leaf, 1) : leaf);
  push_rest(arena, leaf, links, root, unrelated, fault, ret_chain);
}
