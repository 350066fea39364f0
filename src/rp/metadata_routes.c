#include "rp/metadata_routes.h"

#include "base/encoding.h"
#include "rp/metadata_watch.h"

#define NAME_MAX_LENGTH 40
#define MODELS_MAX 20000

/* --- finding --- */

const metadata_model_t *metadata_find_named(const metadata_t *metadata, bytes_t name)
{
  aaguid_t aaguid;
  size_t count;
  uint8_t memory[256];
  bytes_t identifier = BYTES_NONE;
  if (metadata == NULL)
    return NULL;
  if (aaguid_parse(name, &aaguid) == ERR_NONE)
    return metadata_find(metadata, bytes_of(aaguid.bytes, sizeof aaguid.bytes), &count);
  if (name.len != (size_t)2 * KEY_IDENTIFIER_LENGTH)
    return NULL;
  arena_t *arena = arena_new(sizeof memory, sizeof memory);
  const metadata_model_t *model = NULL;
  if (arena != NULL && hex_decode(arena, name, &identifier) == ERR_NONE)
    model = metadata_find_by_key(metadata, identifier);
  arena_free(arena);
  return model;
}

const metadata_model_t *metadata_find_credential(const metadata_t *metadata,
                                                 const rp_credential_t *credential)
{
  const aaguid_t *aaguid = &credential->authenticator.aaguid;
  static const aaguid_t ZERO = {{0}};
  size_t count;
  if (metadata == NULL)
    return NULL;
  return aaguid_equal(aaguid, &ZERO)
             ? metadata_find_by_key(metadata, credential->key_identifier)
             : metadata_find(metadata, bytes_of(aaguid->bytes, sizeof aaguid->bytes), &count);
}

/* --- for people --- */

void authenticator_icon_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange.rp->metadata_watch);
  const metadata_model_t *model = metadata_find_named(metadata, http_request_segment(request, "model"));
  if (model == NULL || model->icon.len == 0) {
    rp_refuse(&exchange, ERR_NOT_FOUND);
    return;
  }
  http_reply_header(request, "Cache-Control", "public, max-age=86400");
  http_reply_bytes(request, 200, "image/png", model->icon);
}

/* --- for operators --- */

static bool set_time(json_t *object, const char *name, int64_t time_ms)
{
  return time_ms == 0 || json_set_integer(object, name, time_ms / 1000);
}

static json_t *overview_json(const metadata_overview_t *overview)
{
  json_t *object = json_object();
  bool complete = json_set_string(object, "state", metadata_state_name(overview->state)) &&
                  json_set_integer(object, "models", (int64_t)overview->model_count) &&
                  json_set_integer(object, "statements", (int64_t)overview->statement_count) &&
                  set_time(object, "tried_at", overview->tried_ms);
  if (overview->has_blob)
    complete = complete && json_set_integer(object, "number", overview->blob.number) &&
               set_time(object, "next_update", overview->blob.next_update_ms) &&
               set_time(object, "received_at", overview->received_ms) &&
               json_set_integer(object, "unusable", (int64_t)overview->blob.unusable_count) &&
               json_set_boolean(object, "revocation_checked", overview->checks_revocation);
  if (overview->problem.text[0] != '\0')
    complete = complete && json_set_string(object, "problem", overview->problem.text);
  if (complete)
    return object;
  json_decref(object);
  return NULL;
}

static void show_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  metadata_overview_t overview;
  metadata_watch_overview(exchange.rp->metadata_watch, exchange.now_ms, &overview);
  http_reply_json(request, 200, overview_json(&overview));
}

/* 409 with what hinders, unless all is well now. */
static void update_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  metadata_overview_t overview;
  metadata_watch_overview(exchange.rp->metadata_watch, exchange.now_ms, &overview);
  json_t *object = overview_json(&overview);
  const char *problem = overview.state == METADATA_OFF     ? "rp.metadata is not configured"
                        : overview.problem.text[0] != '\0' ? overview.problem.text
                                                           : NULL;
  if (problem != NULL && object != NULL) {
    json_set_string(object, "error", error_info(ERR_METADATA)->slug);
    json_set_string(object, "message", problem);
  }
  http_reply_json(request, problem != NULL ? 409 : 200, object);
}

static void ask(http_request_t *request, void *app, bool fetch, http_handler_t *then)
{
  EXCHANGE_BEGIN(exchange, request, app);
  metadata_ask_t *made = arena_alloc(exchange.arena, sizeof *made);
  if (made == NULL) {
    rp_refuse(&exchange, ERR_NO_MEMORY);
    return;
  }
  *made = (metadata_ask_t){.request = request, .fetch = fetch};
  metadata_watch_ask(exchange.rp->metadata_watch, made, then, app);
}

void admin_metadata_show(http_request_t *request, void *app)
{
  ask(request, app, false, show_answer);
}

void admin_metadata_update(http_request_t *request, void *app)
{
  ask(request, app, true, update_answer);
}

static bool set_identity(json_t *object, const metadata_model_t *model)
{
  char text[AAGUID_TEXT_LENGTH + 1];
  if (!model->has_aaguid) {
    char *hex = NULL;
    arena_t *arena = arena_new(256, 256);
    if (arena != NULL)
      hex = hex_encode(arena, bytes_of(model->key_identifiers.data, KEY_IDENTIFIER_LENGTH));
    bool set = hex != NULL && json_set_string(object, "key_identifier", hex);
    arena_free(arena);
    return set;
  }
  aaguid_write(&model->aaguid, text);
  return json_set_string(object, "aaguid", text);
}

static json_t *model_json(const metadata_model_t *model, int64_t now_ms)
{
  metadata_standing_t standing = metadata_standing(model->reports, model->report_count, NULL, now_ms);
  json_t *object = json_object();
  bool complete = set_identity(object, model) && json_set_text(object, "name", model->name) &&
                  json_set_string(object, "certification", certification_name(standing.certification)) &&
                  json_set_boolean(object, "hardware", metadata_model_is_hardware(model));
  if (standing.problem != STATUS_UNKNOWN)
    complete = complete && json_set_string(object, "problem", metadata_status_name(standing.problem));
  else if (model->is_unusable || standing.retired)
    complete = complete && json_set_string(object, "problem", model->is_unusable ? "unreadable" : "RETIRED");
  if (complete)
    return object;
  json_decref(object);
  return NULL;
}

static bool add_reports(json_t *object, const metadata_model_t *model)
{
  json_t *reports = json_array();
  bool complete = reports != NULL;
  for (size_t i = 0; i < model->report_count && complete; i++) {
    const metadata_report_t *report = &model->reports[i];
    json_t *one = json_object();
    complete = json_set_string(one, "status", metadata_status_name(report->status)) &&
               (report->effective_ms == DATE_NONE ||
                json_set_integer(one, "effective", report->effective_ms / 1000)) &&
               (report->certificate.len == 0 || json_set_boolean(one, "batch", true));
    complete = json_array_append_new(reports, one) == 0 && complete;
  }
  return json_object_set_new(object, "reports", reports) == 0 && complete;
}

static void models_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange.rp->metadata_watch);
  json_t *array = json_array();
  size_t count = metadata != NULL ? metadata_count(metadata) : 0;
  for (size_t i = 0; i < count && i < MODELS_MAX; i++)
    json_array_append_new(array, model_json(metadata_at(metadata, i), exchange.now_ms));
  http_reply_json(request, 200, array);
}

static void model_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(metadata_drop) metadata_t *metadata = metadata_watch_hold(exchange.rp->metadata_watch);
  const metadata_model_t *model = metadata_find_named(metadata, http_request_segment(request, "model"));
  if (model == NULL) {
    rp_refuse(&exchange, ERR_UNKNOWN_MODEL);
    return;
  }
  json_t *object = model_json(model, exchange.now_ms);
  if (object != NULL &&
      (!add_reports(object, model) || !json_set_integer(object, "roots", (int64_t)model->root_count) ||
       !json_set_boolean(object, "icon", model->icon.len > 0))) {
    json_decref(object);
    object = NULL;
  }
  http_reply_json(request, 200, object);
}

void admin_metadata_models(http_request_t *request, void *app)
{
  ask(request, app, false, models_answer);
}

void admin_metadata_model(http_request_t *request, void *app)
{
  ask(request, app, false, model_answer);
}
