#include "config/reference.h"

#include <string.h>

#include "config/keys.h"

#define MARKDOWN_MAX (64 * 1024)

/* A part of the reference: the rows below path that no later, longer path claims. */
typedef struct section {
  const char *path, *title, *text;
} section_t;

static const section_t sections[] = {
    {"", "The file", "Four keys at the top."},
    {"rp", "rp: the login server", NULL},
    {"rp.authenticators", "rp.authenticators: which authenticators may be registered",
     "`allow`, `deny`, `certification` and `attestation` are also the rule of a level and of a domain: "
     "there they say which evidence counts. An AAGUID is only a claim unless an attestation vouches for it: "
     "`deny` takes claims at their word, `allow` does not."},
    {"rp.metadata", "rp.metadata: FIDO's metadata service", NULL},
    {"rp.create", "rp.create: registration", NULL},
    {"rp.get", "rp.get: authentication", NULL},
    {"rp.extensions", "rp.extensions: WebAuthn extensions", NULL},
    {"rp.apps", "rp.apps: apps", NULL},
    {"authority", "authority: the token server", NULL},
    {"levels[]", "levels: what an `acr` means",
     "Left out, the levels are `urn:sekisho:acr:presence` (the user touched the authenticator), `phr` (and "
     "was verified "
     "by PIN, fingerprint or face) and `phrh` (and the key cannot be synced and is attested hardware)."},
    {"domains[]", "domains: isolated services", NULL},
    {"domains[].scopes.*", "Scopes",
     "`max_age` starts at the evidence, not at the token: a scope whose time has passed needs a step-up. The "
     "requirement "
     "is joined with `entry`: the higher level, the shorter age, the stricter evidence."},
    {"domains[].routes[]", "Routes",
     "What the gateway check lets through. A route that is not public asks for its scopes (without any, for "
     "a token of whoever is signed in, and of no client in its own name), for what they "
     "require, and for "
     "its own `acr`, `max_age` and `evidence`. HEAD is judged as GET. A path that an earlier route would "
     "match "
     "but for letter case or a slash at the end is not left to a later, wider one: it is denied, unless the "
     "later route is that other form."},
    {"domains[].clients[]", "Clients",
     "Names as in RFC 7591. A client is public, or has one method and exactly what that needs: "
     "`client_secret_file` for the client_secret methods, `jwks` for private_key_jwt, a name of its "
     "certificate for "
     "tls_client_auth (docs/integrations/mutual-tls.md)."},
    {"domains[].services[]", "Services",
     "Checked as a graph: every service and scope that is named must be there."},
    {"domains[].workload_issuers[]", "Workload issuers", NULL},
    {"domains[].trusts[]", "Trusts", NULL},
};
#define SECTION_COUNT (sizeof sections / sizeof sections[0])

static const char head[] =
    "# Configuration\n"
    "\n"
    "One YAML file, read at start and again at SIGHUP (a wrong file is refused and the old one stays). "
    "`sekisho "
    "check-config FILE` names every error at once as `FILE:LINE: key: what is wrong, what is allowed`; "
    "`sekisho init DIR` "
    "writes a file to start from; `schema/config.schema.json` is for editors.\n"
    "\n"
    "- Unknown keys are errors, and so is a key given twice. Anchors, aliases, tags and a second document "
    "are not taken.\n"
    "- Durations are a number and a unit: `90s`, `5m`, `12h`, `30d`. A number without unit is an error.\n"
    "- File names are relative to the folder of the file. Keys lie in its `keys/`, sockets in its `run/`.\n"
    "- Limits: 1 MiB, 16 levels deep, 100000 values.\n"
    "- *later*: accepted and checked, but this version makes no use of it; nothing is granted by it "
    "meanwhile, and "
    "`check-config` prints a note.\n"
    "- *refused*: known, but this version cannot honour it, and ignoring it would weaken something; so it is "
    "an error.\n";

/* The shape that src/cli/evidence_file.h reads. */
static const char tail[] =
    "\n## What a domain would decide\n\n"
    "`sekisho policy explain -c FILE --domain D --evidence FILE` says what a domain decides about given "
    "evidence, and why. "
    "It judges entering the domain, with `--scope` also that scope, with `--route` alone only that route "
    "(its `match` as it "
    "stands in the file), and `--acr` and `--max-age` ask for more, as a request would (`--max-age 0`: "
    "evidence for this "
    "very request). Exit code 0 is satisfied, 1 is step-up or denied, 2 is a name that the file does not "
    "have. The evidence "
    "file is a JSON array:\n\n"
    "```json\n"
    "[{\"age\": \"12m\", \"purpose\": \"login\", \"user_verified\": true, \"backup_eligible\": true},\n"
    " {\"time\": \"2026-01-31T12:00:00Z\", \"purpose\": \"step_up\", \"domain\": \"pay\", \"user_verified\": "
    "true}]\n"
    "```\n\n"
    "| member | value |\n| --- | --- |\n"
    "| `time` or `age` | RFC 3339 or seconds since 1970; or how long before `--now` (default: the clock) |\n"
    "| `purpose` | `login` (default), `enrol`, `step_up`, `transaction` |\n"
    "| `domain` | the domain that the purpose names; none when left out |\n"
    "| `credential` | any text of at most 32 bytes that tells credentials apart |\n"
    "| `user_present` | default `true`; evidence without it counts for nothing |\n"
    "| `aaguid` | the authenticator's model |\n"
    "| `attestation` | `none` (default), `self`, `basic`, `attca`, `anonca`: who vouched for it |\n"
    "| `certification` | `none` (default), `L1` to `L3plus` |\n"
    "| `user_verified`, `backup_eligible`, `backed_up`, `attested_hardware`, `verified_by_domain`, "
    "`this_request` | default "
    "`false` |\n";

static bool starts_with(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_in(const config_key_t *key, const char *path)
{
  size_t len = strlen(path);
  return len == 0 || (starts_with(key->path, path) && key->path[len] == '.');
}

static const section_t *section_of(const config_key_t *key)
{
  const section_t *best = &sections[0];
  for (size_t i = 1; i < SECTION_COUNT; i++)
    if (is_in(key, sections[i].path) && strlen(sections[i].path) > strlen(best->path))
      best = &sections[i];
  return best;
}

static const char *allowed_text(arena_t *arena, const config_key_t *key)
{
  size_t most = config_key_most(key);
  switch (key->type) {
  case KEY_MAP:
  case KEY_OPEN_MAP:
    return "map";
  case KEY_NAMED:
    return key->allowed != NULL ? arena_format(arena, "map by name: %s", key->allowed) : "map by name";
  case KEY_LIST:
    return arena_format(arena, "list, %zu to %zu entries", (size_t)key->least, most);
  case KEY_CHOICE:
    return arena_format(arena, "`%s`", config_values_text(arena, key->allowed, "`, `"));
  case KEY_BOOLEAN:
    return key->later == NULL ? "`true`, `false`" : "`false`";
  case KEY_NUMBER:
    return arena_format(arena, "%lld to %lld", (long long)key->least, (long long)key->most);
  case KEY_DURATION:
    return arena_format(arena, "%s to %s", config_duration_text(arena, key->least),
                        config_duration_text(arena, key->most));
  case KEY_TEXT:
    break;
  }
  return key->allowed != NULL ? key->allowed : arena_format(arena, "text, at most %zu bytes", most);
}

static void add_row(arena_t *arena, builder_t *out, const config_key_t *key, size_t skip)
{
  const char *allowed = allowed_text(arena, key);
  builder_add_string(out, "| `");
  builder_add_string(out, key->path + skip);
  builder_add_string(out, "` | ");
  builder_add_string(out, allowed != NULL ? allowed : "");
  if (key->later != NULL) {
    builder_add_string(out, "; refused: `");
    builder_add_string(out, config_values_text(arena, key->later, "`, `"));
    builder_add_string(out, "`");
  }
  builder_add_string(out, " | ");
  if ((key->flags & KEY_REQUIRED) != 0)
    builder_add_string(out, "*required*");
  else if (key->fallback != NULL) {
    builder_add_string(out, "`");
    builder_add_string(out, key->fallback);
    builder_add_string(out, "`");
  }
  builder_add_string(out, " | ");
  builder_add_string(out, (key->flags & KEY_LATER) != 0 ? "*later* " : "");
  builder_add_string(out, (key->flags & KEY_REFUSED) != 0 ? "*refused* " : "");
  builder_add_string(out, key->about);
  builder_add_string(out, " |\n");
}

static void add_section(arena_t *arena, builder_t *out, const section_t *section)
{
  size_t len = strlen(section->path);
  builder_add_string(out, strchr(section->path, '.') != NULL ? "\n### " : "\n## ");
  builder_add_string(out, section->title);
  if (len > 0) {
    builder_add_string(out, "\n\nBelow `");
    builder_add_string(out, section->path);
    builder_add_string(out, "`.");
  }
  if (section->text != NULL) {
    builder_add_string(out, len > 0 ? " " : "\n\n");
    builder_add_string(out, section->text);
  }
  builder_add_string(out, "\n\n| key | allowed | default | what it does |\n| --- | --- | --- | --- |\n");
  for (size_t i = 0; i < config_key_count; i++)
    if (section_of(&config_keys[i]) == section)
      add_row(arena, out, &config_keys[i], len > 0 ? len + 1 : 0);
}

char *config_reference_markdown(arena_t *arena)
{
  builder_t out = arena_builder(arena, MARKDOWN_MAX);
  builder_add_string(&out, head);
  for (size_t i = 0; i < SECTION_COUNT; i++)
    add_section(arena, &out, &sections[i]);
  builder_add_string(&out, tail);
  builder_add_u8(&out, 0);
  return out.failed ? NULL : (char *)out.data;
}
