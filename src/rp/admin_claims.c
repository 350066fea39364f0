/* What operators say about an account. Nothing here is guessed from anything else: an account has the claims
 * that somebody set. */
#include "handoff/account_claims.h"
#include "rp/admin.h"
#include "rp/admin_job.h"
#include "store/rp_claims.h"

/* --- reading --- */

static void list_one(void *context, bytes_t name, bytes_t value)
{
  char member[64];
  if (name.len >= sizeof(member))
    return;
  for (size_t i = 0; i < name.len; i++)
    member[i] = (char)name.data[i];
  member[name.len] = '\0';
  json_set_text(context, member, value);
}

void admin_claims_show(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange.rp->store);
  CLEANUP(json_drop) json_t *claims = json_object();
  rp_user_t user;
  error_code_t error =
      read.database != NULL ? admin_find_user(&exchange, read.database, &user) : ERR_UNAVAILABLE;
  if (error == ERR_NONE)
    error = rp_claims_each(read.database, user.id, list_one, claims);
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  json_t *object = json_object();
  json_set_text(object, "username", user.username);
  json_object_set(object, "claims", claims);
  http_reply_json(request, 200, object);
}

/* --- changing: {"set": {NAME: VALUE}, "clear": [NAME]} --- */

static const account_claim_t *settable(bytes_t name)
{
  const account_claim_t *claim = account_claim_find(name);
  return claim != NULL && claim->kind != ACCOUNT_CLAIM_TIME ? claim : NULL;
}

static bytes_t text_of(const json_t *value)
{
  return json_is_string(value) ? bytes_of(json_string_value(value), json_string_length(value)) : BYTES_NONE;
}

static error_code_t check_change(const json_t *body, json_t **ret_set, json_t **ret_clear)
{
  error_code_t error = json_get_object(body, "set", ret_set);
  if (error == ERR_NONE)
    error = json_get_array(body, "clear", ret_clear);
  if (error != ERR_NONE)
    return error;
  const char *name;
  json_t *value;
  json_object_foreach(*ret_set, name, value)
  {
    const account_claim_t *claim = settable(bytes_of_string(name));
    if (claim == NULL || !account_claim_accepts(claim, text_of(value)))
      return ERR_ACCOUNT_CLAIM;
  }
  for (size_t i = 0; i < json_array_size(*ret_clear); i++)
    if (settable(text_of(json_array_get(*ret_clear, i))) == NULL)
      return ERR_ACCOUNT_CLAIM;
  return json_object_size(*ret_set) + json_array_size(*ret_clear) > 0 ? ERR_NONE : ERR_MALFORMED;
}

/* Nobody has verified an address that has just been put in place of another. */
static error_code_t clear_vouchers(database_t *database, const admin_job_t *job, const char *about)
{
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < account_claim_count && error == ERR_NONE; i++) {
    const account_claim_t *claim = &account_claims[i];
    if (claim->about != NULL && bytes_equal_string(bytes_of_string(claim->about), about) &&
        json_object_get(job->claims_set, claim->name) == NULL)
      error = rp_claim_clear(database, job->user.id, bytes_of_string(claim->name));
  }
  return error;
}

static error_code_t change_claims(database_t *database, admin_job_t *job)
{
  error_code_t error = ERR_NONE;
  const char *name;
  json_t *value;
  for (size_t i = 0; i < json_array_size(job->claims_clear) && error == ERR_NONE; i++) {
    name = json_string_value(json_array_get(job->claims_clear, i));
    error = rp_claim_clear(database, job->user.id, bytes_of_string(name));
    if (error == ERR_NONE)
      error = clear_vouchers(database, job, name);
  }
  json_object_foreach(job->claims_set, name, value)
  {
    if (error == ERR_NONE)
      error = rp_claim_set(database, job->user.id, bytes_of_string(name), text_of(value));
    if (error == ERR_NONE)
      error = clear_vouchers(database, job, name);
  }
  const char *now = arena_format(job->arena, "%lld", (long long)(job->note.time_ms / 1000));
  if (error == ERR_NONE)
    error = now != NULL ? rp_claim_set(database, job->user.id, BYTES_LITERAL(ACCOUNT_CLAIM_UPDATED_AT),
                                       bytes_of_string(now))
                        : ERR_NO_MEMORY;
  return error == ERR_NONE ? rp_disclosure_renew(database, job->user.id) : error;
}

/* The audit log says which claims were changed, and never what they were or are. */
static error_code_t name_changes(const exchange_t *exchange, admin_job_t *job)
{
  CLEANUP(json_drop) json_t *detail = json_object();
  json_t *set = json_array();
  json_object_set_new(detail, "set", set);
  const char *name;
  json_t *value;
  json_object_foreach(job->claims_set, name, value)
  {
    json_array_append_new(set, json_string(name));
  }
  if (job->claims_clear != NULL)
    json_object_set(detail, "clear", job->claims_clear);
  return json_print(exchange->arena, detail, &job->note.detail) != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

void admin_claims_change(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  json_t *body = NULL, *set = NULL, *clear = NULL;
  admin_job_t *job = NULL;
  error_code_t error = http_request_json(request, &body);
  if (error == ERR_NONE)
    error = check_change(body, &set, &clear);
  if (error == ERR_NONE)
    error = admin_job_begin(&exchange, http_request_segment(request, "name"), &job);
  if (error == ERR_NONE) {
    job->claims_set = set;
    job->claims_clear = clear;
    error = name_changes(&exchange, job);
  }
  if (error != ERR_NONE) {
    rp_refuse(&exchange, error);
    return;
  }
  job->event = "user.claims_changed";
  job->change = change_claims;
  admin_job_submit(&exchange, job, admin_job_answer_ok);
}
