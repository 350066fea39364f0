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

static error_code_t tell_session(database_t *database, const session_end_t *end, rp_outbox_kind_t kind,
                                 const uint8_t ref[RP_SESSION_REF_LENGTH])
{
  for (size_t i = 0; i < end->domain_count; i++) {
    pairwise_t sid;
    error_code_t error = pairwise_session(end->keys, &end->sectors[i], ref, &sid);
    const rp_outbox_entry_t entry = {.kind = kind,
                                     .domain = bytes_of_string(end->domains[i].text),
                                     .session = bytes_of_string(sid.text),
                                     .ended_ms = end->now_ms};
    if (error == ERR_NONE)
      error = rp_outbox_add(database, &entry);
    if (error != ERR_NONE)
      return error;
  }
  return ERR_NONE;
}

static error_code_t tell_account(database_t *database, const session_end_t *end,
                                 const session_end_account_t *account)
{
  for (size_t i = 0; i < end->domain_count; i++) {
    pairwise_t subject, kept = {""};
    error_code_t error = pairwise_subject(end->keys, &end->sectors[i], account->user_handle, &subject);
    if (error == ERR_NONE && account->keep.id.row != 0)
      error = pairwise_session(end->keys, &end->sectors[i], account->keep.ref, &kept);
    const rp_outbox_entry_t entry = {.kind = RP_OUTBOX_ACCOUNT_ENDED,
                                     .domain = bytes_of_string(end->domains[i].text),
                                     .session = bytes_of_string(kept.text),
                                     .subject = bytes_of_string(subject.text),
                                     .ended_ms = end->now_ms};
    if (error == ERR_NONE)
      error = rp_outbox_add(database, &entry);
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
  if (error == ERR_NONE && ended)
    error = tell_session(database, end, RP_OUTBOX_SESSION_ENDED, ref);
  if (error == ERR_NONE)
    *ret_ended = ended;
  return error;
}

error_code_t session_end_grants(database_t *database, const session_end_t *end,
                                const uint8_t ref[RP_SESSION_REF_LENGTH])
{
  return tell_session(database, end, RP_OUTBOX_CREDENTIAL_CHANGED, ref);
}

typedef struct telling {
  database_t *database;
  const session_end_t *end;
} telling_t;

static error_code_t tell_each(void *context, const rp_session_ref_t *session)
{
  const telling_t *telling = context;
  return tell_session(telling->database, telling->end, RP_OUTBOX_SESSION_ENDED, session->ref);
}

error_code_t session_end_of_user(database_t *database, const session_end_t *end,
                                 const session_end_account_t *account)
{
  telling_t telling = {database, end};
  error_code_t error =
      rp_session_each_of_user(database, account->user, account->keep.id, tell_each, &telling);
  if (error == ERR_NONE)
    error = rp_session_delete_of_user(database, account->user, account->keep.id);
  return error == ERR_NONE ? tell_account(database, end, account) : error;
}
