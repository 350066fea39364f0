/* `sekisho demo`: everything in a temporary folder, with two example products on origins of their own. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/folder.h"
#include "cli/program.h"
#include "demo/product.h"
#include "ops/process.h"

#define READY_TIMEOUT_MS 60000
#define STOP_GRACE_MS 15000
#define PORTS_NEEDED 5

typedef struct running {
  demo_t demo;
  program_t servers; /* sekisho serve */
  product_t pay, coin;
} running_t;

static int start_products(running_t *running)
{
  error_detail_t detail = {{0}};
  arena_t *arena = running->demo.arena;
  const int pay = running->demo.port + 3, coin = running->demo.port + 4;
  running->pay = (product_t){.kind = &product_pay, .demo = &running->demo};
  running->coin = (product_t){.kind = &product_coin, .demo = &running->demo};
  running->pay.origin = running->coin.other_origin = arena_format(arena, "http://localhost:%d", pay);
  running->coin.origin = running->pay.other_origin = arena_format(arena, "http://localhost:%d", coin);
  if (product_start(&running->pay, arena_format(arena, "127.0.0.1:%d", pay), &detail) != ERR_NONE ||
      product_start(&running->coin, arena_format(arena, "127.0.0.1:%d", coin), &detail) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "a product cannot be started: %s", detail.text);
  return EXIT_DONE;
}

/* The rp and the authority, under the same supervisor as in production. Its process stands for both at
 * SIGHUP. */
static int start_servers(running_t *running)
{
  char *arguments[] = {(char *)"serve", (char *)"-c", (char *)running->demo.config_path, NULL};
  if (program_start("sekisho", arguments, &running->servers) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "no process could be made");
  running->demo.supervisor = running->servers.pid;
  if (program_wait_ready(&running->servers, READY_TIMEOUT_MS))
    return EXIT_DONE;
  program_give_up(&running->servers, "sekisho serve", STOP_GRACE_MS);
  return EXIT_REFUSED;
}

static int run_until_stopped(running_t *running)
{
  fprintf(stderr,
          "\nsekisho demo: open http://localhost:%d/\n"
          "  pay   %s\n  coin  %s\n  login %s/account\n"
          "Everything is gone when this ends (Ctrl-C).\n",
          running->demo.port, running->pay.origin, running->coin.origin, running->demo.rp_origin);
  process_notify_ready();
  for (;;) {
    process_signal_t signal = process_signal_wait(-1);
    if (signal == PROCESS_STOP)
      return EXIT_DONE;
    if (signal == PROCESS_CHILD)
      return cli_fail(EXIT_REFUSED, "the servers ended; their lines above say why");
  }
}

static int run_demo(const char *folder, int port)
{
  running_t running = {.servers = {0, -1}};
  error_detail_t detail = {{0}};
  if (demo_begin(&running.demo, folder, port, &detail) != ERR_NONE) {
    demo_end(&running.demo);
    return cli_fail(EXIT_REFUSED, "%s", detail.text);
  }
  int code = start_servers(&running);
  if (code == EXIT_DONE)
    code = start_products(&running);
  if (code == EXIT_DONE)
    code = run_until_stopped(&running);
  product_stop(&running.pay);
  product_stop(&running.coin);
  int servers_code = program_stop(&running.servers, STOP_GRACE_MS);
  demo_end(&running.demo);
  return code == EXIT_DONE && servers_code != 0 ? EXIT_REFUSED : code;
}

int command_demo(int argc, char **argv)
{
  static const struct option options[] = {{"port", required_argument, NULL, 'p'}, {0}};
  int port = 8080, option;
  while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
    if (option != 'p' || !cli_parse_port(optarg, PORTS_NEEDED, &port))
      return cli_usage("demo");
  if (optind != argc)
    return cli_usage("demo");
  process_begin();
  log_open("demo", LOG_INFO);
  const char *base = getenv("TMPDIR");
  char folder[256];
  if (snprintf(folder, sizeof(folder), "%s/sekisho-demo-XXXXXX", base != NULL ? base : "/tmp") >=
          (int)sizeof(folder) ||
      mkdtemp(folder) == NULL)
    return cli_fail(EXIT_REFUSED, "no temporary folder could be made below %s", base != NULL ? base : "/tmp");
  int code = run_demo(folder, port);
  folder_remove(folder);
  return code;
}
