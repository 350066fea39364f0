#include "rp/session_end.h"

#include "rp/pairwise.h"
#include "store/rp_outbox.h"

error_code_t session_end_prepare(const exchange_t *exchange, session_end_t *ret_end)
{
  size_t count = exchange->config->domain_count;
  domain_id_t *domains = arena_alloc(exchange->arena, (2 * count + 1) * sizeof(*domains));
  if (domains == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    domains[i] = exchange->config->domains[i].id;
    domains[count + i] = pairwise_sector(exchange->config, &domains[i]);
  }
  *ret_end = (session_end_t){&exchange->rp->keys, domains, domains + count, count, exchange->now_ms};
  return ERR_NONE;
}

typedef struct telling {
  database_t *database;
  const session_end_t *end;
} telling_t;

static error_code_t tell_domains(void *context, const rp_session_ref_t *session)
{
  const telling_t *telling = context;
  const session_end_t *end = telling->end;
  for (size_t i = 0; i < end->domain_count; i++) {
    pairwise_t sid;
    error_code_t error = pairwise_session(end->keys, &end->sectors[i], session->ref, &sid);
    if (error == ERR_NONE)
      error = rp_outbox_add(telling->database, bytes_of_string(end->domains[i].text),
                            bytes_of_string(sid.text), end->now_ms);
    if (error != ERR_NONE)
      return error;
  }
  return ERR_NONE;
}

error_code_t session_end_one(database_t *database, const session_end_t *end, rp_session_id_t id,
                             const uint8_t ref[RP_SESSION_REF_LENGTH], bool *ret_ended)
{
  bool ended = false;
  error_code_t error = rp_session_delete(database, id, &ended);
  if (error == ERR_NONE && ended) {
    telling_t telling = {database, end};
    rp_session_ref_t session = {.id = id};
    for (size_t i = 0; i < RP_SESSION_REF_LENGTH; i++)
      session.ref[i] = ref[i];
    error = tell_domains(&telling, &session);
  }
  if (error == ERR_NONE)
    *ret_ended = ended;
  return error;
}

error_code_t session_end_of_user(database_t *database, const session_end_t *end, rp_user_id_t user,
                                 rp_session_id_t keep)
{
  telling_t telling = {database, end};
  error_code_t error = rp_session_each_of_user(database, user, keep, tell_domains, &telling);
  if (error == ERR_NONE)
    error = rp_session_delete_of_user(database, user, keep);
  return error;
}
