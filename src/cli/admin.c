#include "cli/admin.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/turn.h"

#define START_TIMEOUT_MS 30000
#define TURN_TIMEOUT_MS 180000
#define CALL_TIMEOUT_MS 120000 /* walking a long audit log takes its time */
#define STOP_GRACE_MS 10000
#define ADMIN_ARENA_LIMIT (128u << 20)

static bool somebody_listens(const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof(address.sun_path))
    return false;
  memcpy(address.sun_path, path, strlen(path) + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return false;
  bool connected = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
  close(fd);
  return connected;
}

static int start_for_this_command(const config_t *config, const char *name, admin_t *admin)
{
  char *arguments[] = {(char *)"-c", (char *)config->path, (char *)"--admin-only", NULL};
  if (program_start(name, arguments, &admin->program) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "no process could be made");
  if (program_wait_ready(&admin->program, START_TIMEOUT_MS))
    return EXIT_DONE;
  program_give_up(&admin->program, name, STOP_GRACE_MS);
  return EXIT_REFUSED;
}

static int reach(const config_t *config, const char *name, const char *path, admin_t *admin)
{
  if (somebody_listens(path) && !turn_is_taken(config))
    return EXIT_DONE;
  admin->lock = turn_take(config, TURN_TIMEOUT_MS);
  if (admin->lock < 0)
    return EXIT_REFUSED;
  if (!somebody_listens(path))
    return start_for_this_command(config, name, admin);
  turn_end(admin->lock);
  admin->lock = -1;
  return EXIT_DONE;
}

int admin_open(const config_t *config, const char *name, admin_t *ret_admin)
{
  admin_t admin = {.arena = arena_new(4096, ADMIN_ARENA_LIMIT), .program = {0, -1}, .lock = -1};
  bool is_rp = strcmp(name, PROGRAM_RP) == 0;
  char *path = admin.arena == NULL
                   ? NULL
                   : config_run_path(admin.arena, config, is_rp ? "rp-admin.sock" : "authority.sock");
  if (path == NULL)
    return cli_fail(EXIT_REFUSED, "out of memory");
  int code = reach(config, name, path, &admin);
  if (code == EXIT_DONE && http_client_new(path, 1, &admin.client) != ERR_NONE)
    code = cli_fail(EXIT_REFUSED, "%s cannot be reached", path);
  if (code != EXIT_DONE)
    admin_close(&admin);
  else
    *ret_admin = admin;
  return code;
}

void admin_close(admin_t *admin)
{
  http_client_free(admin->client);
  (void)program_stop(&admin->program, STOP_GRACE_MS);
  turn_end(admin->lock);
  arena_free(admin->arena);
  *admin = (admin_t){.program = {0, -1}, .lock = -1};
}

/* Both processes' shapes of a refusal. */
static int refusal(const http_call_t *call, const char *about, const json_t *answer)
{
  bytes_t message = BYTES_NONE;
  const char *colon = about != NULL ? ": " : "";
  if (json_get_text(answer, "message", &message) != ERR_NONE || message.len == 0)
    (void)!json_get_text(answer, "errorMessage", &message);
  if (message.len == 0)
    return cli_fail(EXIT_REFUSED, "%s%sthe server answered %d", about != NULL ? about : "", colon,
                    call->status);
  return cli_fail(EXIT_REFUSED, "%s%s%.*s", about != NULL ? about : "", colon, (int)message.len,
                  (const char *)message.data);
}

int admin_call(admin_t *admin, const char *about, const char *method, const char *path, const json_t *body,
               json_t **ret_answer)
{
  http_call_t call = {.arena = admin->arena, .method = method, .path = path, .timeout_ms = CALL_TIMEOUT_MS};
  if (body != NULL && json_print(admin->arena, body, &call.body) == NULL)
    return cli_fail(EXIT_REFUSED, "out of memory");
  if (http_client_run(admin->client, &call) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "the server did not answer; look at its log");
  CLEANUP(json_drop) json_t *answer = NULL;
  if (call.reply.len > 0 && json_parse(call.reply, &answer) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "the server's answer cannot be read");
  if (call.status < 200 || call.status > 299)
    return refusal(&call, about, answer);
  *ret_answer = answer;
  answer = NULL;
  return EXIT_DONE;
}
