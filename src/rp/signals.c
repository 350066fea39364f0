#include "rp/signals.h"

#include "base/encoding.h"
#include "rp/session.h"
#include "store/rp_credential.h"

typedef struct signals {
  rp_user_t user;
  rp_credential_t *credentials;
  size_t credential_count;
} signals_t;

static error_code_t find(const exchange_t *exchange, rp_user_id_t user, signals_t *ret_signals)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = rp_user_find_by_id(read.database, exchange->arena, user, &ret_signals->user);
  if (error == ERR_NONE)
    error = rp_credential_list(read.database, exchange->arena, user, &ret_signals->credentials,
                               &ret_signals->credential_count);
  return error;
}

/* All of them, whatever they are: a manager hides what is not in this list. */
static void write_accepted(builder_t *builder, const signals_t *signals)
{
  builder_add_string(builder, ",\"allAcceptedCredentialIds\":[");
  for (size_t i = 0; i < signals->credential_count; i++) {
    builder_add_string(builder, i > 0 ? ",\"" : "\"");
    builder_add_base64url(builder, signals->credentials[i].credential_id);
    builder_add_string(builder, "\"");
  }
  builder_add_string(builder, "]}");
}

static void reply(const exchange_t *exchange, const signals_t *signals)
{
  bytes_t rp_id = exchange->settings->site.rp_id;
  size_t room = 256 + 6 * (rp_id.len + signals->user.username.len + signals->user.display_name.len);
  for (size_t i = 0; i < signals->credential_count; i++)
    room += 3 + BASE64URL_LENGTH(signals->credentials[i].credential_id.len);
  builder_t builder = arena_builder(exchange->arena, room);
  builder_add_string(&builder, "{\"rpId\":");
  builder_add_json_string(&builder, rp_id);
  builder_add_string(&builder, ",\"userId\":\"");
  builder_add_base64url(&builder, bytes_of(signals->user.handle, sizeof(signals->user.handle)));
  builder_add_string(&builder, "\",\"name\":");
  builder_add_json_string(&builder, signals->user.username);
  builder_add_string(&builder, ",\"displayName\":");
  builder_add_json_string(&builder, signals->user.display_name);
  write_accepted(&builder, signals);
  rp_reply_built(exchange, 200, &builder);
}

void signals_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const session_t *session = NULL;
  signals_t signals = {0};
  error_code_t error = session_find(&exchange, &session);
  if (error == ERR_NONE)
    error = find(&exchange, session->owner.session.user, &signals);
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    reply(&exchange, &signals);
}
