/* What a person allowed applications of others, as the account page shows it and takes it back. Built and
 * read as handoff.h says. */
#ifndef SEKISHO_HANDOFF_CONSENTS_H
#define SEKISHO_HANDOFF_CONSENTS_H

#include "handoff/handoff.h"

#define APPLICATIONS_MAX 200 /* of one person at one domain */

/* applications: what one of the rp's people allows at a domain. */
typedef struct handoff_applications {
  domain_id_t domain;
  bytes_t subject; /* text: pairwise */
} handoff_applications_t;

typedef struct handoff_application {
  bytes_t client, client_name;
  bytes_t scope_titles_en, scope_titles_ja; /* one a line */
  int64_t granted_ms;
} handoff_application_t;

typedef struct handoff_applications_answer {
  bytes_t domain_name;
  const handoff_application_t *items;
  size_t count;
} handoff_applications_answer_t;

/* consent_withdrawn: the person takes it back; whatever the client has of theirs ends. */
typedef struct handoff_consent_withdrawn {
  domain_id_t domain;
  bytes_t subject, client;
} handoff_consent_withdrawn_t;

bytes_t handoff_applications_build(arena_t *arena, const handoff_applications_t *message);
MUST_USE error_code_t handoff_applications_parse(arena_t *arena, bytes_t text,
                                                 handoff_applications_t *ret_message);
bytes_t handoff_applications_answer_build(arena_t *arena, const handoff_applications_answer_t *answer);
MUST_USE error_code_t handoff_applications_answer_parse(arena_t *arena, bytes_t text,
                                                        handoff_applications_answer_t *ret_answer);
bytes_t handoff_consent_withdrawn_build(arena_t *arena, const handoff_consent_withdrawn_t *message);
MUST_USE error_code_t handoff_consent_withdrawn_parse(arena_t *arena, bytes_t text,
                                                      handoff_consent_withdrawn_t *ret_message);

#endif
