#include "cli/metadata_check.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "metadata/metadata_blob.h"

typedef struct check {
  const char *file, *config_file, *roots, *crls, *signer, *time;
  bool json;
  int64_t time_ms;
  metadata_signer_t *who;
  metadata_t *metadata;
  metadata_blob_t blob;
  bool is_statement;
} check_t;

typedef struct contents {
  uint8_t *data;
  size_t len;
} contents_t;

static void contents_free(contents_t *contents)
{
  free(contents->data);
}

/* False after saying on stderr why not. */
static bool read_file(const char *path, contents_t *ret_contents)
{
  contents_t contents = {.data = malloc(METADATA_BLOB_MAX_LENGTH + 3)};
  int fd = contents.data != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  ssize_t got = fd >= 0 ? 1 : -1;
  while (got > 0 && contents.len < METADATA_BLOB_MAX_LENGTH + 3) {
    got = read(fd, contents.data + contents.len, METADATA_BLOB_MAX_LENGTH + 3 - contents.len);
    contents.len += got > 0 ? (size_t)got : 0;
  }
  int why = errno;
  if (fd >= 0)
    close(fd);
  if (got < 0) {
    free(contents.data);
    cli_complain("%s: %s", path, strerror(why));
    return false;
  }
  *ret_contents = contents;
  return true;
}

static bool add_from(const char *path, metadata_signer_t *signer, const char *what,
                     error_code_t (*add)(metadata_signer_t *signer, bytes_t bytes))
{
  CLEANUP(contents_free) contents_t contents = {0};
  if (!read_file(path, &contents))
    return false;
  if (add(signer, bytes_of(contents.data, contents.len)) == ERR_NONE)
    return true;
  cli_complain("%s: no readable %s in it", path, what);
  return false;
}

static bool make_signer(check_t *check)
{
  if (metadata_signer_new(&check->who) != ERR_NONE ||
      metadata_signer_set_name(check->who, check->signer) != ERR_NONE) {
    cli_complain("out of memory");
    return false;
  }
  return add_from(check->roots, check->who, "certificate", metadata_signer_add_roots) &&
         (check->crls == NULL ||
          add_from(check->crls, check->who, "revocation list", metadata_signer_add_crls));
}

static int refuse(const check_t *check, const char *why)
{
  if (!check->json)
    return cli_fail(EXIT_REFUSED, "%s: refused: %s", check->file, why);
  json_t *verdict =
      json_pack("{s:b, s:s, s:s}", "ok", 0, "error", error_info(ERR_METADATA)->slug, "message", why);
  if (verdict != NULL && json_dumpf(verdict, stdout, JSON_INDENT(2)) == 0)
    putchar('\n');
  json_decref(verdict);
  return EXIT_REFUSED;
}

static int approve(const check_t *check)
{
  const metadata_blob_t *blob = &check->blob;
  arena_t *arena = arena_new(1024, 4096);
  char *until = arena != NULL ? text_format_time(arena, blob->next_update_ms - 1) : NULL;
  int code = EXIT_DONE;
  if (until == NULL)
    code = cli_fail(EXIT_REFUSED, "out of memory");
  else if (check->json)
    printf("{\"ok\": true, \"number\": %lld, \"next_update\": %lld, \"models\": %zu, \"unusable\": %zu, "
           "\"revocation_checked\": %s}\n",
           (long long)blob->number, (long long)(blob->next_update_ms / 1000), blob->model_count,
           blob->unusable_count, metadata_signer_checks_revocation(check->who) ? "true" : "false");
  else
    printf(
        "%s: ok, number %lld, good until %s, %zu models, %zu of them unreadable and refused, revocation %s\n",
        check->file, (long long)blob->number, until, blob->model_count, blob->unusable_count,
        metadata_signer_checks_revocation(check->who) ? "checked" : "not checked: no lists");
  arena_free(arena);
  return code;
}

static int judge_statement(const check_t *check, bytes_t text)
{
  error_detail_t detail = {""};
  if (metadata_add_statement(check->metadata, text, &detail) != ERR_NONE)
    return refuse(check, detail.text);
  const metadata_model_t *model = metadata_at(check->metadata, 0);
  if (check->json)
    printf("{\"ok\": true, \"models\": 1}\n");
  else
    printf("%s: ok, a statement of %.*s, for rp.metadata.statements\n", check->file, (int)model->name.len,
           (const char *)model->name.data);
  return EXIT_DONE;
}

static int judge(check_t *check)
{
  CLEANUP(contents_free) contents_t contents = {0};
  error_detail_t detail = {""};
  bool same;
  if (!read_file(check->file, &contents))
    return EXIT_REFUSED;
  bytes_t text = bytes_of(contents.data, contents.len);
  if (metadata_new(&check->metadata) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "out of memory");
  if (text.len > 0 && text.data[0] == '{')
    return judge_statement(check, text);
  if (check->roots == NULL)
    return cli_fail(EXIT_REFUSED,
                    "there is no root to hold it against: give --roots, or set rp.metadata.roots");
  if (!make_signer(check))
    return EXIT_REFUSED;
  error_code_t code =
      metadata_blob_read(check->metadata, text, check->who, check->time_ms, &check->blob, &detail);
  if (code == ERR_NONE)
    code = metadata_blob_check_successor(NULL, &check->blob, check->time_ms, &same, &detail);
  return code == ERR_NONE ? approve(check)
                          : refuse(check, detail.text[0] != '\0' ? detail.text : error_info(code)->sentence);
}

enum { OPTION_ROOTS = 256, OPTION_CRLS, OPTION_SIGNER, OPTION_AT, OPTION_JSON };

static bool parse(int argc, char **argv, check_t *check)
{
  static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                          {"roots", required_argument, NULL, OPTION_ROOTS},
                                          {"crls", required_argument, NULL, OPTION_CRLS},
                                          {"signer", required_argument, NULL, OPTION_SIGNER},
                                          {"at", required_argument, NULL, OPTION_AT},
                                          {"json", no_argument, NULL, OPTION_JSON},
                                          {0}};
  opterr = 0;
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
    switch (option) {
    case 'c':
      check->config_file = optarg;
      break;
    case OPTION_ROOTS:
      check->roots = optarg;
      break;
    case OPTION_CRLS:
      check->crls = optarg;
      break;
    case OPTION_SIGNER:
      check->signer = optarg;
      break;
    case OPTION_AT:
      check->time = optarg;
      break;
    case OPTION_JSON:
      check->json = true;
      break;
    default:
      return false;
    }
  }
  check->file = argv[optind];
  check->time_ms = clock_now_ms();
  return optind + 1 == argc &&
         (check->time == NULL || text_parse_time(bytes_of_string(check->time), &check->time_ms) == ERR_NONE);
}

int metadata_check(int argc, char **argv)
{
  check_t check = {0};
  config_t *config = NULL;
  if (!parse(argc, argv, &check))
    return cli_usage("metadata");
  json_seed();
  if (check.roots == NULL || check.config_file != NULL) {
    config = cli_load_config(check.config_file);
    if (config == NULL)
      return EXIT_REFUSED;
    const config_metadata_t *metadata = &config->rp.metadata;
    check.crls = check.roots == NULL && check.crls == NULL ? metadata->crls : check.crls;
    check.signer = check.roots == NULL && check.signer == NULL ? metadata->signer : check.signer;
    check.roots = check.roots == NULL ? metadata->roots : check.roots;
  }
  int code = judge(&check);
  metadata_signer_free(check.who);
  metadata_release(check.metadata);
  config_free(config);
  return code;
}
