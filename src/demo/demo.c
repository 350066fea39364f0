#include "demo/demo.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEMO_ARENA_LIMIT (1u << 20)

char *demo_config_build(arena_t *arena, int port, bool fast)
{
  static const char template[] =
      "# Written by sekisho demo.\n"
      "rp:\n"
      "  id: localhost\n"
      "  name: Sekisho Demo\n"
      "  origins: [http://localhost:%d]\n"
      "  home: http://localhost:%d\n"
      "  listen: 127.0.0.1:%d\n"
      "  registration: open\n"
      "authority:\n"
      "  listen: 127.0.0.1:%d\n"
      "  internal: 127.0.0.1:%d\n"
      "domains:\n"
      "  - id: pay\n"
      "    name: Pay\n"
      "    issuer: http://localhost:%d/pay\n"
      "    external_url: http://localhost:%d\n"
      "    entry: {acr: phr, max_age: 12h}\n"
      "    scopes:\n"
      "      balance.read: {title: {en: See your balance, ja: 残高を見る}}\n"
      "      transfer: {acr: phr, max_age: %s, title: {en: Send money, ja: 送金する}}\n"
      "    routes:\n"
      "      - {match: GET /api/balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}\n"
      "      - {match: POST /api/transfers, scopes: [transfer], service: payments, grants: "
      "[payments.charge]}\n"
      "    clients:\n"
      "      - {id: pay-web, name: Pay, public: true, redirect_uris: [http://localhost:%d/callback]}\n"
      "  - id: coin\n"
      "    name: Coin\n"
      "    issuer: http://localhost:%d/coin\n"
      "    external_url: http://localhost:%d\n"
      "    entry: {acr: phr, max_age: %s, evidence: domain}\n"
      "    scopes:\n"
      "      portfolio.read: {title: {en: See your portfolio, ja: 資産を見る}}\n"
      "      trade: {acr: phr, max_age: %s, evidence: domain, title: {en: Trade, ja: 取引する}}\n"
      "    routes:\n"
      "      - {match: GET /api/portfolio, scopes: [portfolio.read], service: ledger, grants: "
      "[ledger.read]}\n"
      "      - {match: POST /api/orders, scopes: [trade], service: exchange, grants: [orders.place]}\n"
      "    clients:\n"
      "      - {id: coin-web, name: Coin, public: true, redirect_uris: [http://localhost:%d/callback]}\n";
  const int issuers = port + 1, checks = port + 2, pay = port + 3, coin = port + 4;
  return arena_format(arena, template, port, pay, port, issuers, checks, issuers, pay, fast ? "30s" : "5m",
                      pay, issuers, coin, fast ? "1m" : "10m", fast ? "20s" : "2m", coin);
}

/* Whole or not at all: the servers may reread at any moment. */
static error_code_t write_whole(arena_t *arena, const char *path, const char *text)
{
  char *fresh = arena_format(arena, "%s.new", path);
  int fd = fresh != NULL ? open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
  if (fd < 0)
    return ERR_UNAVAILABLE;
  size_t len = strlen(text);
  bool written = write(fd, text, len) == (ssize_t)len;
  written = close(fd) == 0 && written;
  return written && rename(fresh, path) == 0 ? ERR_NONE : ERR_UNAVAILABLE;
}

static void print_error(void *context, const char *line)
{
  (void)context;
  fprintf(stderr, "%s\n", line);
}

static error_code_t write_and_load(demo_t *demo, bool fast)
{
  char *text = demo_config_build(demo->arena, demo->port, fast);
  if (text == NULL)
    return ERR_NO_MEMORY;
  error_code_t code = write_whole(demo->arena, demo->config_path, text);
  return code != ERR_NONE ? code : config_load(demo->config_path, print_error, NULL, &demo->configs[fast]);
}

error_code_t demo_begin(demo_t *demo, const char *folder, int port, error_detail_t *detail)
{
  memset(demo, 0, sizeof(*demo));
  demo->port = port;
  demo->arena = arena_new(8192, DEMO_ARENA_LIMIT);
  if (demo->arena == NULL)
    return ERR_NO_MEMORY;
  demo->config_path = arena_format(demo->arena, "%s/sekisho.yaml", folder);
  demo->rp_origin = arena_format(demo->arena, "http://localhost:%d", port);
  demo->check_url = arena_format(demo->arena, "http://127.0.0.1:%d", port + 2);
  error_code_t code = write_and_load(demo, true);
  if (code == ERR_NONE)
    code = write_and_load(demo, false); /* the usual times are what the servers start with */
  if (code != ERR_NONE)
    return error_because(detail, code, "%s cannot be written or read back", demo->config_path);
  return ERR_NONE;
}

void demo_end(demo_t *demo)
{
  config_free(demo->configs[0]);
  config_free(demo->configs[1]);
  arena_free(demo->arena);
}

error_code_t demo_switch(demo_t *demo, bool fast)
{
  arena_t *arena = arena_new(8192, DEMO_ARENA_LIMIT);
  char *text = arena != NULL ? demo_config_build(arena, demo->port, fast) : NULL;
  error_code_t code = text != NULL ? write_whole(arena, demo->config_path, text) : ERR_NO_MEMORY;
  arena_free(arena);
  if (code != ERR_NONE)
    return code;
  atomic_store(&demo->fast, fast);
  return kill(demo->supervisor, SIGHUP) == 0 ? ERR_NONE : ERR_UNAVAILABLE;
}

const config_t *demo_config(const demo_t *demo)
{
  return demo->configs[atomic_load(&demo->fast)];
}
