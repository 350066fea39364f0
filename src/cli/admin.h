/* Talking to the processes that own the data: over their Unix socket, and when they do not run, by starting
 * the one that is needed for the length of a command. So there is one code path, and one writer of each
 * database. */
#ifndef SEKISHO_CLI_ADMIN_H
#define SEKISHO_CLI_ADMIN_H

#include "base/json.h"
#include "cli/cli.h"
#include "cli/program.h"
#include "http/client.h"

typedef struct admin {
  arena_t *arena;
  http_client_t *client;
  program_t program; /* started for this command; pid 0 when the server runs anyway */
  int lock;          /* held while it runs: commands that start a process wait for one another; -1: none */
} admin_t;

/* name is PROGRAM_RP or PROGRAM_AUTHORITY. Says on stderr why it failed: EXIT_DONE or EXIT_REFUSED. */
int admin_open(const config_t *config, const char *name, admin_t *ret_admin);
void admin_close(admin_t *admin);

/* One call; body may be NULL. EXIT_DONE with the answer's JSON (NULL when it has none), to be dropped by the
 * caller; otherwise the answer's message was printed, behind what the call was about (may be NULL). */
int admin_call(admin_t *admin, const char *about, const char *method, const char *path, const json_t *body,
               json_t **ret_answer);

#endif
