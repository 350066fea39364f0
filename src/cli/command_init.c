/* `sekisho init`: a folder that serves as it is. Never overwrites. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/program.h"
#include "config/template.h"
#include "ops/process.h"

#define PORTS_NEEDED 3
#define START_TIMEOUT_MS 30000
#define STOP_GRACE_MS 10000
#define INIT_ARENA_LIMIT (1u << 20)

static int write_new_file(const char *path, const char *text)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return cli_fail(EXIT_REFUSED, "%s: %s%s", path, strerror(errno),
                    errno == EEXIST ? "; init never overwrites, take another folder" : "");
  size_t len = strlen(text);
  bool written = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
  written = close(fd) == 0 && written;
  return written ? EXIT_DONE : cli_fail(EXIT_REFUSED, "%s: %s", path, strerror(errno));
}

/* Each process makes what is its own (keys, databases); nobody else needs to know how. */
static int prepare(const char *program_name, const char *config_path)
{
  char *arguments[] = {(char *)"-c", (char *)config_path, (char *)"--admin-only", NULL};
  program_t program;
  if (program_start(program_name, arguments, &program) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "no process could be made");
  if (!program_wait_ready(&program, START_TIMEOUT_MS)) {
    program_give_up(&program, program_name, STOP_GRACE_MS);
    return EXIT_REFUSED;
  }
  return program_stop(&program, STOP_GRACE_MS) == 0
             ? EXIT_DONE
             : cli_fail(EXIT_REFUSED, "%s could not finish its keys and database", program_name);
}

static int init(arena_t *arena, const char *folder, const char *rp_id, int port)
{
  error_detail_t detail = {{0}};
  if (process_make_folder(folder, &detail) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "%s", detail.text);
  const char *path = arena_format(arena, "%s/sekisho.yaml", folder);
  const char *text = config_template_build(arena, rp_id, port);
  if (path == NULL || text == NULL)
    return cli_fail(EXIT_REFUSED, "out of memory");
  int code = write_new_file(path, text);
  if (code != EXIT_DONE)
    return code;
  config_t *config = cli_load_config(path);
  if (config == NULL)
    return cli_fail(EXIT_REFUSED, "%s cannot be an RP ID; take a host name like login.example.com", rp_id);
  code = prepare(PROGRAM_AUTHORITY, config->path);
  if (code == EXIT_DONE)
    code = prepare(PROGRAM_RP, config->path);
  config_free(config);
  if (code == EXIT_DONE)
    printf("%s is ready. Start it with: sekisho serve -c %s\n", folder, path);
  return code;
}

int command_init(int argc, char **argv)
{
  static const struct option options[] = {
      {"rp-id", required_argument, NULL, 'r'}, {"port", required_argument, NULL, 'p'}, {0}};
  const char *rp_id = "localhost";
  int port = 8080, option;
  while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
    if (option == 'r')
      rp_id = optarg;
    else if (option != 'p' || !cli_parse_port(optarg, PORTS_NEEDED, &port))
      return cli_usage("init");
  }
  if (optind + 1 != argc)
    return cli_usage("init");
  process_begin();
  arena_t *arena = arena_new(16384, INIT_ARENA_LIMIT);
  int code = arena != NULL ? init(arena, argv[optind], rp_id, port) : cli_fail(EXIT_REFUSED, "out of memory");
  arena_free(arena);
  return code;
}
