/* The command line: a table of commands, one file each, named command_<name>.c. */
#ifndef SEKISHO_CLI_CLI_H
#define SEKISHO_CLI_CLI_H

#include "config/config.h"

/* Exit codes: done; refused or failed, with one line on stderr; wrong usage. */
#define EXIT_DONE 0
#define EXIT_REFUSED 1
#define EXIT_USAGE 2

typedef struct command {
  const char *name;
  const char *summary;               /* one line of `sekisho help` */
  const char *usage;                 /* the lines of `sekisho help NAME`; the first is the synopsis */
  int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
} command_t;

extern const command_t commands[];
extern const size_t command_count;
const command_t *command_find(const char *name);

/* `sekisho: …` on stderr, one line. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A refusal in one line: `return cli_fail(EXIT_USAGE, "there is no domain %s", name);` */
#define cli_fail(code, ...) (cli_complain(__VA_ARGS__), (code))
/* Prints the command's synopsis to stderr; EXIT_USAGE. */
int cli_usage(const char *name);
/* Loads FILE (NULL: sekisho.yaml here), printing its errors; NULL when there were any. Free with config_free.
 */
config_t *cli_load_config(const char *file);

/* A port that leaves room for needed-1 more behind it. */
bool cli_parse_port(const char *text, int needed, int *ret_port);

int command_audit(int argc, char **argv);
int command_authority(int argc, char **argv);
int command_check_config(int argc, char **argv);
int command_client(int argc, char **argv);
int command_credential(int argc, char **argv);
int command_demo(int argc, char **argv);
int command_graph(int argc, char **argv);
int command_help(int argc, char **argv);
int command_init(int argc, char **argv);
int command_invite(int argc, char **argv);
int command_binding(int argc, char **argv);
int command_key(int argc, char **argv);
int command_metadata(int argc, char **argv);
int command_policy(int argc, char **argv);
int command_recovery(int argc, char **argv);
int command_rp(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_session(int argc, char **argv);
int command_user(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_version(int argc, char **argv);

#endif
