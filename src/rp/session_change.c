#include "rp/session_change.h"

#include <string.h>

#define LABEL_MAX_LENGTH 200

/* What the browser calls itself, if it is plain text. */
static bytes_t label_of(const exchange_t *exchange)
{
  bytes_t agent;
  if (http_request_header(exchange->request, "User-Agent", &agent) != 1)
    return BYTES_NONE;
  if (agent.len > LABEL_MAX_LENGTH)
    agent.len = LABEL_MAX_LENGTH;
  for (size_t i = 0; i < agent.len; i++)
    if (agent.data[i] < 0x20 || agent.data[i] > 0x7e)
      return BYTES_NONE;
  return agent;
}

static void set_times(const exchange_t *exchange, rp_session_t *row)
{
  const config_rp_t *rp = &exchange->config->rp;
  row->authenticated_ms = row->seen_ms = exchange->now_ms;
  row->expires_ms = exchange->now_ms + rp->session_absolute_ms;
  row->idle_until_ms =
      exchange->now_ms +
      (rp->session_idle_ms < rp->session_absolute_ms ? rp->session_idle_ms : rp->session_absolute_ms);
}

/* renewed: the session it is added to; NULL: it is the first of a new one. */
static error_code_t encode_evidence(const exchange_t *exchange, const session_t *renewed,
                                    const handoff_evidence_t *evidence, session_change_t *change)
{
  evidence_record_t *record = arena_alloc(exchange->arena, sizeof(*record));
  if (record == NULL)
    return ERR_NO_MEMORY;
  evidence_record_add(record, evidence);
  error_code_t error = evidence_record_build(exchange->arena, record, &change->first_evidence);
  change->row.evidence = change->first_evidence;
  if (error != ERR_NONE || renewed == NULL)
    return error;
  *record = renewed->evidence;
  evidence_record_add(record, evidence);
  return evidence_record_build(exchange->arena, record, &change->row.evidence);
}

error_code_t session_change_prepare(const exchange_t *exchange, const session_t *old, rp_user_id_t user,
                                    const handoff_evidence_t *evidence, session_change_t *ret_change)
{
  session_change_t *change = ret_change;
  const session_t *renewed =
      old != NULL && user.row != 0 && old->owner.session.user.row == user.row ? old : NULL;
  change->renews = renewed != NULL;
  if (old != NULL)
    change->old = old->owner;
  if (renewed != NULL) {
    change->row = renewed->owner.session;
  } else {
    change->row = (rp_session_t){.user = user, .label = label_of(exchange), .created_ms = exchange->now_ms};
    random_fill(change->row.ref, sizeof(change->row.ref));
  }
  set_times(exchange, &change->row);
  error_code_t error = encode_evidence(exchange, renewed, evidence, change);
  if (error == ERR_NONE && old != NULL)
    error = session_end_prepare(exchange, &change->end);
  if (error == ERR_NONE)
    error = bearer_make(change->token.secret, change->row.secret_hash);
  return error;
}

static error_code_t open_new(database_t *database, session_change_t *change)
{
  rp_session_t row = change->row;
  row.evidence = change->first_evidence;
  if (change->renews) { /* it ended meanwhile, and the domains were told so: begin afresh */
    random_fill(row.ref, sizeof(row.ref));
    row.created_ms = row.authenticated_ms;
  }
  change->opened = true;
  return rp_session_insert(database, &row, &change->token.id);
}

error_code_t session_change_apply(database_t *database, session_change_t *change, bool *ret_changed)
{
  error_code_t error = ERR_NONE;
  change->opened = false;
  if (change->renews) {
    bool renewed = false;
    error = rp_session_renew(database, &change->row, &change->old.session, &renewed);
    if (error != ERR_NONE)
      return error;
    change->token.id = change->row.id;
    *ret_changed = renewed;
    if (renewed || change->must_renew)
      return ERR_NONE;
  } else if (change->old.session.id.row != 0) {
    bool ended;
    error = session_end_one(database, &change->end, change->old.session.id, change->old.session.ref, &ended);
    if (error != ERR_NONE)
      return error;
  }
  *ret_changed = true;
  return open_new(database, change);
}

error_code_t session_change_evidence(const session_change_t *change, evidence_record_t *ret_evidence)
{
  return evidence_record_parse(change->opened ? change->first_evidence : change->row.evidence, ret_evidence);
}
