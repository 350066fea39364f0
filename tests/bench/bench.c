/* The budget table (docs/benchmarks.md): starts the real programs, loads them, and prints each row as a ratio
 * to floors of the same run. usage: bench BUILD_FOLDER [ROUNDS] */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "floors.h"
#include "scenarios.h"
#include "servers.h"
#include "workload_client.h"

#define CLIENTS 64
#define IDLE_CONNECTIONS 500

static const char *build;
static int rounds_per_client = 100;

typedef struct row_result {
  double cpu_us; /* of the server, a round */
  double per_second;
  double p50_ms, p99_ms;
} row_result_t;

/* --- the load --- */

typedef struct worker {
  pthread_t thread;
  bench_client_t *client;
  bench_round_t *round;
  int rounds;
  double *latencies_ms;
} worker_t;

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *work(void *argument)
{
  worker_t *worker = argument;
  for (int i = 0; i < worker->rounds; i++) {
    double start = now_s();
    if (!worker->round(worker->client)) {
      fprintf(stderr, "bench: a round failed, status %d: %.300s\n", worker->client->http.status,
              worker->client->http.body != NULL ? worker->client->http.body : "");
      exit(1);
    }
    worker->latencies_ms[i] = (now_s() - start) * 1e3;
  }
  return NULL;
}

static int compare_doubles(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static row_result_t run(bench_client_t *clients, int count, int rounds, bench_round_t *round,
                        const servers_t *servers)
{
  worker_t *workers = calloc((size_t)count, sizeof(*workers));
  double *latencies = calloc((size_t)(count * rounds), sizeof(*latencies));
  if (workers == NULL || latencies == NULL)
    exit(1);
  double cpu = servers_cpu_us(servers), start = now_s();
  for (int i = 0; i < count; i++) {
    workers[i] = (worker_t){
        .client = &clients[i], .round = round, .rounds = rounds, .latencies_ms = latencies + i * rounds};
    pthread_create(&workers[i].thread, NULL, work, &workers[i]);
  }
  for (int i = 0; i < count; i++)
    pthread_join(workers[i].thread, NULL);
  double elapsed = now_s() - start, total = (double)count * rounds;
  qsort(latencies, (size_t)(count * rounds), sizeof(*latencies), compare_doubles);
  row_result_t result = {.cpu_us = (servers_cpu_us(servers) - cpu) / total,
                         .per_second = total / elapsed,
                         .p50_ms = latencies[(size_t)(total * 0.5)],
                         .p99_ms = latencies[(size_t)(total * 0.99)]};
  free(workers);
  free(latencies);
  return result;
}

/* --- the server --- */

static void write_config(const char *folder, const char *reuse)
{
  char path[512];
  snprintf(path, sizeof(path), "%s/sekisho.yaml", folder);
  FILE *file = fopen(path, "we");
  if (file == NULL)
    exit(1);
  fprintf(
      file,
      "rp:\n"
      "  id: localhost\n"
      "  name: Bench\n"
      "  origins: [" BENCH_ORIGIN "]\n"
      "  listen: 127.0.0.1:%d\n"
      "  registration: open\n"
      "  rate_limit: {burst: 1000000, per_minute: 60000000}\n"
      "authority:\n"
      "  listen: 127.0.0.1:%d\n"
      "  internal: 127.0.0.1:%d\n"
      "domains:\n"
      "  - id: pay\n"
      "    issuer: http://localhost:%d/pay\n"
      "    external_url: http://localhost:19001\n"
      "    entry: {acr: phr, max_age: 12h}\n"
      "    scopes: {balance.read: {}}\n"
      "    routes: [{match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}]\n"
      "    internal_token: {lifetime: 60s, reuse: %s}\n"
      "    services:\n"
      "      - {id: ledger, identity: {issuer: \"https://platform.example\", claims: "
      "{kubernetes.io/namespace: pay,"
      " sub: \"system:serviceaccount:pay:ledger\"}}, offers: {ledger.read: {audit: [audit.append]}}}\n"
      "      - {id: audit, identity: {issuer: \"https://platform.example\", claims: {sub: audit}}, offers: "
      "{audit.append: {}}}\n"
      "    workload_issuers: [{issuer: \"https://platform.example\", audience: pay, jwks_file: "
      "platform.jwks}]\n"
      "    clients: [{id: pay-web, public: true, redirect_uris: [http://localhost:19001/callback]}]\n",
      BENCH_PORT, BENCH_PORT + 1, BENCH_PORT + 2, BENCH_PORT + 1, reuse);
  fclose(file);
}

static servers_t start_sekisho(const char *folder, const char *reuse, const char *preload)
{
  char program[512], config[512];
  write_config(folder, reuse);
  snprintf(program, sizeof(program), "%s/sekisho", build);
  snprintf(config, sizeof(config), "%s/sekisho.yaml", folder);
  char *argv[] = {program, (char *)"serve", (char *)"-c", config, NULL};
  return servers_start(argv, preload, true);
}

static void reset_connections(bench_client_t *clients)
{
  for (int i = 0; i < CLIENTS; i++) {
    client_close(&clients[i].http);
    memset(&clients[i].http, 0, sizeof(clients[i].http));
  }
}

/* --- rows --- */

static void print_row(const char *what, row_result_t result, double floor_us, double budget)
{
  printf("%-58s %7.0f µs  %5.2f ×", what, result.cpu_us, result.cpu_us / floor_us);
  if (budget > 0)
    printf("  (budget %.1f ×)", budget);
  printf("   %6.0f/s  p50 %.1f ms  p99 %.1f ms\n", result.per_second, result.p50_ms, result.p99_ms);
  fflush(stdout);
}

static void measure_logins(bench_client_t *clients, floors_t floors, const servers_t *servers)
{
  run(clients, CLIENTS, 1, bench_register, servers);
  run(clients, CLIENTS, rounds_per_client, bench_login,
      servers); /* warm: heap, caches, the log at its size */
  row_result_t login = run(clients, CLIENTS, rounds_per_client, bench_login, servers);
  print_row("login (options + result, durable), CPU", login, floors.verify_us, 2.0);
  row_result_t alone = run(clients, 1, rounds_per_client * 4, bench_login, servers);
  print_row("the same at one client", alone, floors.verify_us, 0);
  printf("%-58s %7.1f ×  (budget 1.5 ×)   %.0f/s against %.0f/s one at a time, fsync as it is\n",
         "durable logins per second", login.per_second / alone.per_second, login.per_second,
         alone.per_second);
  row_result_t token = run(clients, CLIENTS, rounds_per_client, bench_login_to_token, servers);
  print_row("login to domain token", token, floors.verify_us + 2 * floors.sign_us, 2.5);
}

static double measure_bare(bench_client_t *clients)
{
  char program[512], port[16];
  snprintf(program, sizeof(program), "%s/tests/bench/bare_server", build);
  snprintf(port, sizeof(port), "%d", BENCH_BARE_PORT);
  char *argv[] = {program, port, NULL};
  servers_t bare = servers_start(argv, NULL, false);
  run(clients, CLIENTS, rounds_per_client, bench_bare, &bare);
  row_result_t result = run(clients, CLIENTS, rounds_per_client * 10, bench_bare, &bare);
  servers_stop(&bare);
  printf("%-58s %7.1f µs\n", "floor: bare reply with the check's headers", result.cpu_us);
  return result.cpu_us;
}

static void measure_checks(bench_client_t *clients, floors_t floors, double bare_us, const servers_t *servers)
{
  run(clients, CLIENTS, rounds_per_client / 2 + 1, bench_store_token, servers);
  row_result_t unseen = run(clients, CLIENTS, rounds_per_client / 2, bench_check_unseen, servers);
  print_row("/check, external token not seen before", unseen, floors.verify_us + floors.sign_us + bare_us,
            1.4);
  row_result_t fresh = run(clients, CLIENTS, rounds_per_client * 10, bench_check_fresh, servers);
  print_row("/check, internal token signed afresh", fresh, floors.sign_us + bare_us, 1.4);
}

/* The token is known; what is new is the proof: its key, its signature, and that it was not used before. */
static void measure_bound_checks(bench_client_t *clients, floors_t floors, double bare_us,
                                 const servers_t *servers)
{
  run(clients, CLIENTS, 1, bench_login_to_bound_token, servers);
  run(clients, CLIENTS, rounds_per_client, bench_check_bound, servers);
  row_result_t bound = run(clients, CLIENTS, rounds_per_client * 10, bench_check_bound, servers);
  print_row("/check, token bound by DPoP, internal token signed afresh", bound,
            floors.verify_us + floors.sign_us + bare_us, 1.6);
}

static void measure_refresh(bench_client_t *clients, floors_t floors, double bare_us,
                            const servers_t *servers)
{
  run(clients, CLIENTS, 1, bench_login_to_refresh, servers);
  run(clients, CLIENTS, rounds_per_client, bench_refresh, servers);
  row_result_t refresh = run(clients, CLIENTS, rounds_per_client * 4, bench_refresh, servers);
  print_row("refresh (durable; access and ID token)", refresh, 2 * floors.sign_us + bare_us, 1.6);
  row_result_t introspection = run(clients, CLIENTS, rounds_per_client * 10, bench_introspect, servers);
  print_row("introspection of an access token, warm", introspection, bare_us, 1.5);
}

/* Who asks, and with what: two signatures that are seen for the first time each time, and one that is made.
 */
static void measure_exchange(bench_client_t *clients, floors_t floors, double bare_us,
                             const servers_t *servers)
{
  run(clients, CLIENTS, 1, bench_keep_internal, servers);
  run(clients, CLIENTS, rounds_per_client / 2, bench_exchange, servers);
  run(clients, CLIENTS, 1, bench_keep_internal, servers);
  row_result_t exchange = run(clients, CLIENTS, rounds_per_client * 4, bench_exchange, servers);
  print_row("exchange of an internal token for the next hop", exchange,
            2 * floors.verify_us + floors.sign_us + bare_us, 1.4);
}

static void measure_memory(const servers_t *servers)
{
  long before = servers_pss_kib(servers);
  http_bench_client_t *idle = calloc(IDLE_CONNECTIONS, sizeof(*idle));
  for (int i = 0; idle != NULL && i < IDLE_CONNECTIONS; i++)
    if (!client_exchange(&idle[i], BENCH_PORT, "GET", "/healthz", "", NULL))
      exit(1);
  long after = servers_pss_kib(servers);
  printf("%-58s %7.1f KiB (budget 32)\n", "memory per idle keep-alive connection",
         (double)(after - before) / IDLE_CONNECTIONS);
  for (int i = 0; idle != NULL && i < IDLE_CONNECTIONS; i++)
    client_close(&idle[i]);
  free(idle);
}

static void measure_slow_disk(const char *folder, bench_client_t *clients)
{
  char preload[512];
  snprintf(preload, sizeof(preload), "%s/tests/bench/slow_fsync.so", build);
  reset_connections(clients);
  servers_t servers = start_sekisho(folder, "0s", preload);
  run(clients, CLIENTS, 2, bench_login, &servers);
  row_result_t many = run(clients, CLIENTS, rounds_per_client / 2, bench_login, &servers);
  row_result_t alone = run(clients, 1, rounds_per_client, bench_login, &servers);
  printf("%-58s %7.1f ×  (budget 10 ×)   %.0f/s against %.0f/s one at a time, p99 %.1f ms\n",
         "durable logins per second, fsync slowed to 2 ms", many.per_second / alone.per_second,
         many.per_second, alone.per_second, many.p99_ms);
  servers_stop(&servers);
}

static void make_clients(bench_client_t *clients)
{
  for (int i = 0; i < CLIENTS; i++)
    snprintf(clients[i].username, sizeof(clients[i].username), "bench-%d-%d", (int)getpid(), i);
}

int main(int argc, char **argv)
{
  if (argc < 2)
    return fprintf(stderr, "usage: bench BUILD_FOLDER [ROUNDS]\n"), 2;
  build = argv[1];
  if (argc > 2)
    rounds_per_client = atoi(argv[2]);
  if (rounds_per_client < 10)
    return fprintf(stderr, "bench: at least 10 rounds a client\n"), 2;
  char folder[] = "bench-XXXXXX";
  bench_client_t *clients = calloc(CLIENTS, sizeof(*clients));
  if (mkdtemp(folder) == NULL || clients == NULL)
    return 1;
  make_clients(clients);
  if (!workload_client_begin(folder))
    return 1;
  floors_t floors = floors_measure();
  printf("floor: verify %.1f µs, sign %.1f µs; %d keep-alive clients; CPU is the servers', user and system\n",
         floors.verify_us, floors.sign_us, CLIENTS);
  servers_t servers = start_sekisho(folder, "0s", NULL);
  printf("%-58s %7.1f MB (budget 20)\n", "memory of both processes, idle: sum of PSS",
         (double)servers_pss_kib(&servers) / 1024);
  measure_logins(clients, floors, &servers);
  double bare_us = measure_bare(clients);
  measure_checks(clients, floors, bare_us, &servers);
  measure_exchange(clients, floors, bare_us, &servers);
  measure_bound_checks(clients, floors, bare_us, &servers);
  measure_refresh(clients, floors, bare_us, &servers);
  measure_memory(&servers);
  servers_stop(&servers);
  reset_connections(clients);
  servers = start_sekisho(folder, "30s", NULL);
  run(clients, CLIENTS, 1, bench_login_to_token, &servers);
  row_result_t reused = run(clients, CLIENTS, rounds_per_client * 10, bench_check_reused, &servers);
  print_row("/check, internal token reused within its window", reused, bare_us, 1.5);
  servers_stop(&servers);
  measure_slow_disk(folder, clients);
  printf("everything of this run lies in %s; delete it when done\n", folder);
  return 0;
}
