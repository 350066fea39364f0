/* The credential lookup of a login: its latency among many credentials against that among ten thousand, on
 * one thread, warm. usage: bench_lookup [CREDENTIALS [FOLDER]]; a million takes about a minute and 1 GB of
 * disk. */
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/rp_credential.h"
#include "store/store.h"

#define FEW 10000
#define JOB_ROWS 5000
#define LOOKUPS 20000
#define PASSES 5
#define LOOKUPS_AFTER_COMMIT 1000

typedef struct filling {
  store_job_t job;
  int64_t from, to;
} filling_t;

static void must(bool condition, const char *what)
{
  if (!condition) {
    fprintf(stderr, "bench_lookup: %s\n", what);
    exit(1);
  }
}

/* Credential ids and user handles as they are in life: without order. */
static void name_of(int64_t number, const char *kind, uint8_t name[32])
{
  char text[64];
  int len = snprintf(text, sizeof(text), "%s %lld", kind, (long long)number);
  SHA256((const unsigned char *)text, (size_t)len, name);
}

static error_code_t add_account(database_t *database, int64_t number)
{
  static const uint8_t bytes[200];
  char username[40];
  uint8_t id[32];
  int len = snprintf(username, sizeof(username), "%lld@example.org", (long long)(number * 7919 % 100000007));
  bytes_t name = bytes_of(username, (size_t)len);
  rp_user_t user = {.username_key = name, .username = name, .display_name = name};
  name_of(number, "user", user.handle);
  error_code_t error = rp_user_insert(database, &user, &user.id);
  if (error != ERR_NONE)
    return error;
  name_of(number, "credential", id);
  const rp_credential_t credential = {.credential_id = bytes_of(id, sizeof(id)),
                                      .user = user.id,
                                      .public_key = bytes_of(bytes, 77),
                                      .algorithm = -7,
                                      .format = BYTES_LITERAL("none"),
                                      .attestation_type = BYTES_LITERAL("none"),
                                      .attestation_object = bytes_of(bytes, 200),
                                      .client_data = bytes_of(bytes, 130)};
  return rp_credential_insert(database, &credential);
}

static error_code_t fill(database_t *database, store_job_t *job)
{
  const filling_t *filling = (const filling_t *)job;
  error_code_t error = ERR_NONE;
  for (int64_t i = filling->from; i < filling->to && error == ERR_NONE; i++)
    error = add_account(database, i);
  return error;
}

static store_t *open_store(const char *path)
{
  store_t *store = NULL;
  error_detail_t detail = {""};
  must(store_open(path, rp_migrations, rp_migrations_count, &store, &detail) == ERR_NONE, detail.text);
  return store;
}

/* Closed at the end, which moves the whole log into the file. */
static void make_store(const char *path, int64_t credentials)
{
  store_t *store = open_store(path);
  for (int64_t i = 0; i < credentials; i += JOB_ROWS) {
    filling_t filling = {
        .job = {.apply = fill}, .from = i, .to = i + JOB_ROWS < credentials ? i + JOB_ROWS : credentials};
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

static void look_up(store_t *store, arena_t *arena, int64_t number)
{
  uint8_t id[32];
  rp_credential_owner_t owner;
  name_of(number, "credential", id);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(store);
  must(read.database != NULL &&
           rp_credential_find(read.database, arena, bytes_of(id, sizeof(id)), &owner) == ERR_NONE,
       "a credential is not there");
}

/* Mean of the best pass: what else the machine does only ever adds. */
static double lookup_us(store_t *store, int64_t credentials)
{
  double best = 0;
  uint64_t state = 88172645463325252u;
  for (int pass = 0; pass < PASSES; pass++) {
    double start = now_us(CLOCK_MONOTONIC);
    for (int i = 0; i < LOOKUPS; i++) {
      arena_t *arena = arena_new(4096, 65536);
      must(arena != NULL, "no memory");
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      look_up(store, arena, (int64_t)(state % (uint64_t)credentials));
      arena_free(arena);
    }
    double mean = (now_us(CLOCK_MONOTONIC) - start) / LOOKUPS;
    best = pass == 0 || mean < best ? mean : best;
  }
  return best;
}

static error_code_t touch(database_t *database, store_job_t *job)
{
  const rp_credential_use_t use = {.id = {1}, .time_ms = 1};
  bool used;
  return rp_credential_use(database, &use, &used);
}

/* A commit by somebody else empties a reading connection's cache: what a lookup costs on a busy server. CPU.
 */
static double lookup_after_commit_us(store_t *store, int64_t credentials)
{
  double sum = 0;
  for (int64_t i = 0; i < LOOKUPS_AFTER_COMMIT; i++) {
    store_job_t job = {.apply = touch};
    must(store_run(store, &job) == ERR_NONE, "a credential cannot be touched");
    arena_t *arena = arena_new(4096, 65536);
    must(arena != NULL, "no memory");
    double start = now_us(CLOCK_THREAD_CPUTIME_ID);
    look_up(store, arena, i * 7919 % credentials);
    sum += now_us(CLOCK_THREAD_CPUTIME_ID) - start;
    arena_free(arena);
  }
  return sum / LOOKUPS_AFTER_COMMIT;
}

static double measure(const char *folder, int64_t credentials)
{
  static const char *const SUFFIXES[] = {"", "-wal", "-shm", ".lock"};
  char path[512], file[540];
  snprintf(path, sizeof(path), "%s/lookup-%lld.db", folder, (long long)credentials);
  double start = now_us(CLOCK_MONOTONIC);
  make_store(path, credentials);
  double filled = now_us(CLOCK_MONOTONIC);
  store_t *store = open_store(path);
  double us = lookup_us(store, credentials);
  printf("%9lld credentials: %.1f µs a lookup, %.1f µs CPU right after a commit (filled in %.0f s)\n",
         (long long)credentials, us, lookup_after_commit_us(store, credentials), (filled - start) / 1e6);
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
  snprintf(folder, sizeof(folder), "%s/bench-lookup-XXXXXX", argc > 2 ? argv[2] : ".");
  must(many >= FEW, "at least 10000 credentials");
  must(mkdtemp(folder) != NULL, "no folder to work in");
  double few_us = measure(folder, FEW), many_us = measure(folder, many);
  printf("lookup latency, %lld credentials against %d: %.2f × (budget 1.5 × at 10 million)\n", many, FEW,
         many_us / few_us);
  (void)rmdir(folder);
  return 0;
}
