/* Why the gateway check refused a call, one line each, in the terms of `policy explain`: what the route wants
 * and what the credential holds. No credential, no path, nothing of the person. Whoever sends many bad calls
 * gets no more than a few lines a second; the next line says how many were left out. */
#ifndef SEKISHO_AUTHORITY_CHECK_LOG_H
#define SEKISHO_AUTHORITY_CHECK_LOG_H

#include "authority/check.h"

#define CHECK_LOG_LINES 50 /* a second and domain */

typedef struct check_log check_log_t;

MUST_USE error_code_t check_log_new(check_log_t **ret_log);
void check_log_free(check_log_t *log);
/* Whether a line of now may be written; *ret_left_out is how many were not since the last one. */
bool check_log_admit(check_log_t *log, int64_t now_ms, int64_t *ret_left_out);

void check_log_refusal(check_log_t *log, const domain_t *domain, const char *request_id,
                       const check_answer_t *answer);

#endif
