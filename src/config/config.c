#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/database_address.h"
#include "config/build.h"
#include "config/check.h"

#define ARENA_FIRST (64 * 1024)
#define ARENA_LIMIT (48 * 1024 * 1024)

typedef struct reporter {
  const char *path;
  config_report_t *report;
  void *context;
} reporter_t;

static void report_line(const reporter_t *reporter, int line, const char *text)
{
  char message[1200];
  snprintf(message, sizeof message, "%s:%d: %s", reporter->path, line, text);
  if (reporter->report != NULL)
    reporter->report(reporter->context, message);
}

static void report_errors(const reporter_t *reporter, const problems_t *problems)
{
  char more[80];
  for (const problem_t *problem = problems->errors; problem != NULL; problem = problem->next)
    report_line(reporter, problem->line, problem->text);
  if (problems->error_count > PROBLEMS_MAX) {
    snprintf(more, sizeof more, "file: and %zu more errors", problems->error_count - PROBLEMS_MAX);
    report_line(reporter, 1, more);
  }
  if (problems->out_of_memory)
    report_line(reporter, 1, "file: out of memory, make the file smaller or give the process more");
}

/* Absolute, so that a later change of the working directory moves nothing. */
static bool set_paths(config_t *config, const char *path)
{
  char *absolute = realpath(path, NULL); /* NULL for what is not a file: texts from memory */
  config->path = arena_string(config->arena, bytes_of_string(absolute != NULL ? absolute : path));
  char *folder = arena_string(config->arena, bytes_of_string(config->path));
  free(absolute);
  config->directory = folder != NULL ? dirname(folder) : NULL;
  return config->path != NULL && config->directory != NULL;
}

static bool set_notes(config_t *config, const problems_t *problems, const char *path)
{
  size_t count = 0;
  for (const problem_t *note = problems->notes; note != NULL; note = note->next)
    count++;
  if (count == 0)
    return true;
  config->notes.items = arena_alloc(config->arena, count * sizeof *config->notes.items);
  for (const problem_t *note = problems->notes; note != NULL; note = note->next) {
    char *line = config->notes.items != NULL
                     ? arena_format(config->arena, "%s:%d: %s", path, note->line, note->text)
                     : NULL;
    if (line == NULL)
      return false;
    config->notes.items[config->notes.count++] = line;
  }
  return true;
}

error_code_t config_parse(const char *path, bytes_t text, config_report_t *report, void *context,
                          config_t **ret_config)
{
  reporter_t reporter = {path, report, context};
  arena_t *arena = arena_new(ARENA_FIRST, ARENA_LIMIT);
  config_t *config = arena != NULL ? arena_alloc(arena, sizeof *config) : NULL;
  if (config == NULL) {
    arena_free(arena);
    return ERR_NO_MEMORY;
  }
  config->arena = arena;
  problems_t problems = {.arena = arena};
  build_t build = {.problems = &problems, .config = config};
  problems.out_of_memory = !set_paths(config, path);
  const tree_node_t *root = problems.out_of_memory ? NULL : tree_parse(&problems, text);
  if (root != NULL) {
    config_check_tree(&problems, root);
    if (!problems.overfull)
      build_config(&build, root);
  }
  problems.out_of_memory |= !set_notes(config, &problems, path);
  if (problems.error_count > 0 || problems.out_of_memory) {
    report_errors(&reporter, &problems);
    arena_free(arena);
    return ERR_CONFIG;
  }
  *ret_config = config;
  return ERR_NONE;
}

/* At most one byte more than is taken, so that too much is seen. */
static error_code_t read_file(const char *path, uint8_t *memory, size_t capacity, size_t *ret_len)
{
  size_t len = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (fd < 0)
    return ERR_CONFIG;
  if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
    close(fd);
    errno = EINVAL;
    return ERR_CONFIG;
  }
  while (len < capacity) {
    ssize_t got = read(fd, memory + len, capacity - len);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      int cause = errno;
      close(fd);
      errno = cause;
      *ret_len = len;
      return got == 0 ? ERR_NONE : ERR_CONFIG;
    }
    len += (size_t)got;
  }
  close(fd);
  *ret_len = len;
  return ERR_NONE;
}

error_code_t config_load(const char *path, config_report_t *report, void *context, config_t **ret_config)
{
  size_t len = 0;
  reporter_t reporter = {path, report, context};
  uint8_t *memory = malloc(TREE_BYTES_MAX + 1);
  if (memory == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = read_file(path, memory, TREE_BYTES_MAX + 1, &len);
  if (error == ERR_NONE) {
    error = config_parse(path, bytes_of(memory, len), report, context, ret_config);
  } else {
    char text[200];
    snprintf(text, sizeof text, "file: cannot be read (%s), `sekisho init DIR` writes one", strerror(errno));
    report_line(&reporter, 1, text);
  }
  free(memory);
  return error;
}

void config_free(config_t *config)
{
  if (config != NULL)
    arena_free(config->arena);
}

const config_domain_t *config_find_domain(const config_t *config, bytes_t id)
{
  for (size_t i = 0; i < config->domain_count; i++)
    if (bytes_equal_string(id, config->domains[i].id.text))
      return &config->domains[i];
  return NULL;
}

const config_client_t *config_find_client(const config_domain_t *domain, bytes_t client_id)
{
  for (size_t i = 0; i < domain->client_count; i++)
    if (bytes_equal_string(client_id, domain->clients[i].id))
      return &domain->clients[i];
  return NULL;
}

const config_service_t *config_find_service(const config_domain_t *domain, bytes_t id)
{
  for (size_t i = 0; i < domain->service_count; i++)
    if (bytes_equal_string(id, domain->services[i].id))
      return &domain->services[i];
  return NULL;
}

const config_offer_t *config_find_offer(const config_service_t *service, bytes_t name)
{
  for (size_t i = 0; i < service->offer_count; i++)
    if (bytes_equal_string(name, service->offers[i].name))
      return &service->offers[i];
  return NULL;
}

const config_scope_t *config_find_scope(const config_domain_t *domain, bytes_t name)
{
  for (size_t i = 0; i < domain->scope_count; i++)
    if (bytes_equal_string(name, domain->scopes[i].name))
      return &domain->scopes[i];
  return NULL;
}

const config_detail_t *config_find_detail(const config_domain_t *domain, bytes_t type)
{
  for (size_t i = 0; i < domain->detail_count; i++)
    if (bytes_equal_string(type, domain->details[i].type))
      return &domain->details[i];
  return NULL;
}

char *config_domain_database(arena_t *arena, const config_t *config, const config_domain_t *domain)
{
  const char *path = config->authority_database;
  if (database_address_is_url(path))
    return database_address_of_domain(arena, path, domain->id.text);
  const char *slash = strrchr(path, '/');
  const char *dot = strrchr(path, '.');
  size_t stem = dot != NULL && (slash == NULL || dot > slash + 1) ? (size_t)(dot - path) : strlen(path);
  return arena_format(arena, "%.*s-%s%s", (int)stem, path, domain->id.text, path + stem);
}

char *config_key_path(arena_t *arena, const config_t *config, const char *name)
{
  return arena_format(arena, "%s/keys/%s", config->directory, name);
}

char *config_run_path(arena_t *arena, const config_t *config, const char *name)
{
  return arena_format(arena, "%s/run/%s", config->directory, name);
}
