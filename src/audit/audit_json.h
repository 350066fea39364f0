/* The audit log as the admin routes of both processes show it. */
#ifndef SEKISHO_AUDIT_AUDIT_JSON_H
#define SEKISHO_AUDIT_AUDIT_JSON_H

#include "audit/audit.h"
#include "base/json.h"

#define AUDIT_SHOWN_DEFAULT 100
#define AUDIT_SHOWN_MAX 500

/* The parameters of a query, as they came: decimal numbers, empty when absent. Others are as absent. */
typedef struct audit_query {
  bytes_t subject, before, limit;
} audit_query_t;

/* {"events": […]}, newest first. The caller owns it. */
MUST_USE error_code_t audit_show_json(database_t *database, const audit_query_t *query, arena_t *arena,
                                      json_t **ret_object);
/* {"whole", "broken_seq", "last_seq", "last_hash" (hex)}: audit_verify's report. The caller owns it. */
MUST_USE error_code_t audit_verify_json(database_t *database, json_t **ret_object);

#endif
