/* Finding a family of refresh tokens: its CPU among many live families against that among ten thousand,
 * on one thread, warm, and what its rotation costs. usage: bench_refresh [FAMILIES [FOLDER]]; a million takes
 * about two minutes and 1 GB of disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/authority_refresh.h"
#include "store/authority_schema.h"

#define FEW 10000
#define JOB_ROWS 5000
#define LOOKUPS 20000
#define PASSES 5
#define ROTATIONS 20000
#define NOW ((int64_t)1790000000000)
#define DAY ((int64_t)86400000)

typedef struct filling {
  store_job_t job;
  int64_t from, to;
} filling_t;

typedef struct rotating {
  store_job_t job;
  arena_t *arena;
  int64_t families;
  uint64_t state;
} rotating_t;

static void must(bool condition, const char *what)
{
  if (!condition) {
    fprintf(stderr, "bench_refresh: %s\n", what);
    exit(1);
  }
}

/* Sessions come without order, as in life. */
static error_code_t add_family(database_t *database, arena_t *arena, int64_t number)
{
  char session[44], subject[44];
  int len = snprintf(session, sizeof session, "%019lld-session-of-one-domain-",
                     (long long)(number * 6364136223846793005LL & INT64_MAX));
  int subject_len = snprintf(subject, sizeof subject, "%043lld", (long long)number);
  grant_t grant = {.client = BYTES_LITERAL("bench-web"),
                   .subject = bytes_of(subject, (size_t)subject_len),
                   .session = bytes_of(session, (size_t)len),
                   .scope = BYTES_LITERAL("openid balance.read transfer offline_access"),
                   .acr = BYTES_LITERAL("phr"),
                   .amr = BYTES_LITERAL("pop swk user mfa"),
                   .levels = BYTES_LITERAL("{\"phr\":{\"any\":1790000000,\"domain\":1790000000}}"),
                   .auth_time_ms = NOW,
                   .session_expires_ms = NOW + 90 * DAY,
                   .refreshes = true};
  memcpy(grant.ref.bytes, &number, sizeof number);
  const code_terms_t code = {.redirect_uri = BYTES_LITERAL("https://bench.example/callback"),
                             .expires_ms = NOW + 60000};
  code_presented_t presented = {.client = grant.client,
                                .redirect_uri = code.redirect_uri,
                                .now_ms = NOW,
                                .horizon_ms = NOW + 120000,
                                .token_lifetime_ms = 600000,
                                .refresh_idle_ms = 30 * DAY + number % 100000,
                                .refresh_absolute_ms = 90 * DAY};
  code_outcome_t outcome;
  error_code_t error = grant_open(database, &grant, &code, &presented.row);
  return error == ERR_NONE ? grant_redeem(database, arena, &presented, &outcome) : error;
}

static error_code_t fill(database_t *database, store_job_t *job)
{
  const filling_t *filling = (const filling_t *)job;
  error_code_t error = ERR_NONE;
  for (int64_t i = filling->from; i < filling->to && error == ERR_NONE; i++) {
    arena_t *arena = arena_new(4096, 65536);
    error = arena != NULL ? add_family(database, arena, i) : ERR_NO_MEMORY;
    arena_free(arena);
  }
  return error;
}

static store_t *open_store(const char *path)
{
  store_t *store = NULL;
  error_detail_t detail = {""};
  must(store_open(path, authority_migrations, authority_migrations_count, &store, &detail) == ERR_NONE,
       detail.text);
  return store;
}

/* Closed at the end, which moves the whole log into the file. */
static void make_store(const char *path, int64_t families)
{
  store_t *store = open_store(path);
  for (int64_t i = 0; i < families; i += JOB_ROWS) {
    filling_t filling = {
        .job = {.apply = fill}, .from = i, .to = i + JOB_ROWS < families ? i + JOB_ROWS : families};
    must(store_run(store, &filling.job) == ERR_NONE, "the store cannot be filled");
  }
  store_close(store);
}

static double now_us(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static refresh_name_t some_family(uint64_t *state, int64_t families)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  int64_t number = (int64_t)(*state % (uint64_t)families);
  refresh_name_t name = {.row = number + 1};
  memcpy(name.ref.bytes, &number, sizeof number);
  return name;
}

static void look_up(store_t *store, const refresh_name_t *name)
{
  refresh_family_t family;
  arena_t *arena = arena_new(4096, 65536);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(store);
  must(arena != NULL && read.database != NULL &&
           refresh_peek(read.database, arena, name, NOW + 1000, &family) == ERR_NONE &&
           family.verdict == REFRESH_CURRENT,
       "a family is not there");
  arena_free(arena);
}

/* Mean of the best pass: what else the machine does only ever adds. */
static double lookup_us(store_t *store, int64_t families)
{
  double best = 0;
  uint64_t state = 88172645463325252u;
  for (int pass = 0; pass < PASSES; pass++) {
    double start = now_us(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < LOOKUPS; i++) {
      const refresh_name_t name = some_family(&state, families);
      look_up(store, &name);
    }
    double mean = (now_us(CLOCK_THREAD_CPUTIME_ID) - start) / LOOKUPS;
    best = pass == 0 || mean < best ? mean : best;
  }
  return best;
}

/* What came up before is found as rotated, and is rotated no more. */
static error_code_t rotate(database_t *database, store_job_t *job)
{
  rotating_t *rotating = (rotating_t *)job;
  error_code_t error = ERR_NONE;
  for (int i = 0; i < JOB_ROWS && error == ERR_NONE; i++) {
    refresh_family_t family;
    const refresh_presented_t presented = {.name = some_family(&rotating->state, rotating->families),
                                           .client = BYTES_LITERAL("bench-web"),
                                           .now_ms = NOW + 1000,
                                           .grace_ms = 10000};
    const refresh_terms_t terms = {
        .now_ms = NOW + 1000, .idle_until_ms = NOW + 30 * DAY + 1000, .tokens_until_ms = NOW + 601000};
    error = refresh_find(database, rotating->arena, &presented, &family);
    if (error == ERR_NONE && family.verdict == REFRESH_CURRENT)
      error = refresh_rotate(database, &presented.name, &family, &terms);
  }
  return error;
}

static double rotation_us(store_t *store, int64_t families)
{
  rotating_t rotating = {.job = {.apply = rotate}, .families = families, .state = 362436069u};
  double start = now_us(CLOCK_MONOTONIC);
  for (int done = 0; done < ROTATIONS; done += JOB_ROWS) {
    rotating.arena = arena_new(65536, (size_t)64 * 1024 * 1024);
    must(rotating.arena != NULL && store_run(store, &rotating.job) == ERR_NONE, "a family cannot be rotated");
    arena_free(rotating.arena);
  }
  return (now_us(CLOCK_MONOTONIC) - start) / ROTATIONS;
}

static double measure(const char *folder, int64_t families)
{
  static const char *const SUFFIXES[] = {"", "-wal", "-shm", ".lock"};
  char path[512], file[540];
  snprintf(path, sizeof(path), "%s/refresh-%lld.db", folder, (long long)families);
  double start = now_us(CLOCK_MONOTONIC);
  make_store(path, families);
  double filled = now_us(CLOCK_MONOTONIC);
  store_t *store = open_store(path);
  double us = lookup_us(store, families);
  printf("%9lld families: %.1f µs CPU a lookup, %.1f µs a rotation in a batch (filled in %.0f s)\n",
         (long long)families, us, rotation_us(store, families), (filled - start) / 1e6);
  fflush(stdout);
  store_close(store);
  for (size_t i = 0; i < sizeof(SUFFIXES) / sizeof(SUFFIXES[0]); i++) {
    snprintf(file, sizeof(file), "%s%s", path, SUFFIXES[i]);
    (void)unlink(file);
  }
  return us;
}

int main(int argc, char **argv)
{
  long long many = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
  char folder[512];
  snprintf(folder, sizeof(folder), "%s/bench-refresh-XXXXXX", argc > 2 ? argv[2] : ".");
  must(many >= FEW, "at least 10000 families");
  must(mkdtemp(folder) != NULL, "no folder to work in");
  double few_us = measure(folder, FEW), many_us = measure(folder, many);
  printf("lookup, %lld families against %d: %.2f × (budget 1.5 × at a million)\n", many, FEW,
         many_us / few_us);
  (void)rmdir(folder);
  return 0;
}
