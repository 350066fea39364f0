/* `sekisho verify` against the signature floor of the same run: logs of a software authenticator are written
 * to the folder, the program reads each to its end, and its CPU time, user and system, is divided by the
 * cases. usage: bench_verify SEKISHO [CASES] */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authenticator.h"
#include "floors.h"

#define ORIGIN "https://login.example.com"
#define RP_ID "example.com"
#define UP_UV 0x05
#define ES256 (-7)
#define REPEATED_KEYS 1000
#define REGISTRATION_SHARE 5 /* a registration costs more than an authentication: fewer of them */

typedef struct log_kind {
  const char *name, *format; /* format NULL: authentications */
  int keys;                  /* authentications: 0: every case another */
} log_kind_t;

static const log_kind_t KINDS[] = {
    {"authentication, every case another key", NULL, 0},
    {"authentication, 1,000 keys again and again", NULL, REPEATED_KEYS},
    {"registration, none", "none", 0},
    {"registration, packed self", "packed-self", 0},
    {"registration, packed with certificate, no roots", "packed", 0},
};

static void fail(const char *what)
{
  fprintf(stderr, "bench_verify: %s\n", what);
  exit(1);
}

static void set_base64url(json_t *object, const char *name, const void *data, size_t len)
{
  if (!json_set_base64url(object, name, bytes_of(data, len)))
    fail("no memory");
}

/* Head of a case; the challenge is its number, spread over 32 bytes. */
static json_t *case_new(const char *type, int number, char challenge[64])
{
  char text[40];
  snprintf(text, sizeof(text), "challenge of the case %010u", (unsigned)number);
  builder_t encoded = builder_over(challenge, 63);
  builder_add_base64url(&encoded, bytes_of(text, 32));
  challenge[encoded.len] = '\0';
  return json_pack("{s:s+, s:s, s:s, s:[s], s:s, s:b}", "id", type, text + 22, "type", type, "rp_id", RP_ID,
                   "origins", ORIGIN, "challenge", challenge, "require_uv", 1);
}

static json_t *authentication_case(const soft_credential_t *credential, int number)
{
  char challenge[64];
  soft_assertion_t assertion;
  json_t *one = case_new("authentication", number, challenge);
  json_t *outer = json_object(), *response = json_object(), *stored = json_object();
  bytes_t id = soft_credential_id(credential), cose = soft_credential_cose(credential);
  soft_assertion_sign(credential, bytes_of_string(challenge), ORIGIN, UP_UV, 1, &assertion);
  set_base64url(outer, "id", id.data, id.len);
  set_base64url(outer, "rawId", id.data, id.len);
  json_set_string(outer, "type", "public-key");
  set_base64url(response, "clientDataJSON", assertion.client_data_json, assertion.client_data_length);
  set_base64url(response, "authenticatorData", assertion.authenticator_data,
                sizeof(assertion.authenticator_data));
  set_base64url(response, "signature", assertion.signature, assertion.signature_length);
  set_base64url(response, "userHandle", "user-1", 6);
  json_object_set_new(outer, "response", response);
  json_object_set_new(outer, "clientExtensionResults", json_object());
  set_base64url(stored, "public_key_cose", cose.data, cose.len);
  json_set_integer(stored, "sign_count", 0);
  set_base64url(stored, "credential_id", id.data, id.len);
  set_base64url(stored, "user_handle", "user-1", 6);
  json_set_boolean(stored, "backup_eligible", false);
  json_object_set_new(one, "credential", outer);
  json_object_set_new(one, "stored", stored);
  return one;
}

static json_t *registration_case(soft_authenticator_t *authenticator, const char *format, int number)
{
  char challenge[64];
  const char *why = NULL;
  soft_knobs_t knobs = SOFT_HONEST;
  knobs.format = format;
  json_t *one = case_new("registration", number, challenge);
  json_t *options = json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:s, s:[{s:s, s:i}]}", "rp", "id", RP_ID,
                              "name", "x", "user", "id", "dXNlci0x", "name", "u", "displayName", "u",
                              "challenge", challenge, "pubKeyCredParams", "type", "public-key", "alg", ES256);
  json_t *response = soft_create(authenticator, options, ORIGIN, &knobs, &why);
  if (response == NULL)
    fail(why);
  json_object_set_new(one, "credential", response);
  json_decref(options);
  soft_forget(authenticator, BYTES_NONE);
  return one;
}

static void write_line(FILE *file, json_t *one)
{
  if (one == NULL || json_dumpf(one, file, JSON_COMPACT) != 0 || putc('\n', file) == EOF)
    fail("the log cannot be written");
  json_decref(one);
}

static void write_authentications(FILE *file, int count, int keys)
{
  int held = keys > 0 ? keys : 1;
  soft_credential_t **credentials = calloc((size_t)held, sizeof(soft_credential_t *));
  if (credentials == NULL)
    fail("no memory");
  for (int i = 0; i < count; i++) {
    soft_credential_t **credential = &credentials[i % held];
    if (keys == 0) {
      soft_credential_free(*credential);
      *credential = NULL;
    }
    if (*credential == NULL)
      *credential = soft_credential_new(RP_ID, BYTES_LITERAL("user-1"), ES256);
    write_line(file, authentication_case(*credential, i));
  }
  for (int i = 0; i < held; i++)
    soft_credential_free(credentials[i]);
  free(credentials);
}

static void write_registrations(FILE *file, int count, const char *format)
{
  soft_authenticator_t *authenticator = soft_authenticator_new();
  for (int i = 0; i < count; i++)
    write_line(file, registration_case(authenticator, format, i));
  soft_authenticator_free(authenticator);
}

static void write_log(const char *path, const log_kind_t *kind, int count)
{
  FILE *file = fopen(path, "we");
  if (file == NULL)
    fail("the log cannot be written");
  if (kind->format == NULL)
    write_authentications(file, count, kind->keys);
  else
    write_registrations(file, count, kind->format);
  if (fclose(file) != 0)
    fail("the log cannot be written");
}

/* Nothing but yes may be in the answers: a fast no is no figure. */
static void check_answers(const char *path, int count)
{
  char *line = NULL;
  size_t capacity = 0;
  int verified = 0;
  FILE *file = fopen(path, "re");
  while (file != NULL && getline(&line, &capacity, file) > 0)
    verified += strstr(line, "\"verified\":true") != NULL ? 1 : 0;
  if (file == NULL || verified != count)
    fail("not all cases were verified");
  fclose(file);
  free(line);
}

static double seconds(struct timeval time)
{
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* CPU of one run. */
static double run(const char *sekisho, const char *in, const char *out)
{
  pid_t child = fork();
  if (child == 0) {
    int from = open(in, O_RDONLY | O_CLOEXEC), to = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (from < 0 || to < 0 || dup2(from, 0) < 0 || dup2(to, 1) < 0)
      _exit(126);
    execl(sekisho, sekisho, "verify", (char *)NULL);
    _exit(127);
  }
  int status = -1;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) != child || status != 0)
    fail("sekisho verify failed");
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static void measure(const char *sekisho, const log_kind_t *kind, int count)
{
  write_log("cases.jsonl", kind, count);
  double before = floors_measure().verify_us;
  double each_us = run(sekisho, "cases.jsonl", "answers.jsonl") * 1e6 / count;
  double floor_us = (before + floors_measure().verify_us) / 2;
  check_answers("answers.jsonl", count);
  printf("%-50s %7.1f µs  floor %6.1f µs  %6.0f a second and core, %3.0f %% of the floor's\n", kind->name,
         each_us, floor_us, 1e6 / each_us, 100 * floor_us / each_us);
  fflush(stdout);
  unlink("cases.jsonl");
  unlink("answers.jsonl");
}

int main(int argc, char **argv)
{
  int count = argc > 2 ? atoi(argv[2]) : 30000;
  char folder[] = "bench-XXXXXX", program[4096];
  if (argc < 2 || count < 1000)
    return fprintf(stderr, "usage: bench_verify SEKISHO [CASES], at least 1000\n"), 2;
  if (realpath(argv[1], program) == NULL || mkdtemp(folder) == NULL || chdir(folder) != 0)
    fail("no such program, or no folder to write to");
  for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
    measure(program, &KINDS[i], KINDS[i].format == NULL ? count : count / REGISTRATION_SHARE);
  return chdir("..") == 0 && rmdir(folder) == 0 ? 0 : 1;
}
