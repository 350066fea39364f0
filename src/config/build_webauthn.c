/* What the relying party's ceremonies ask for: options, extensions, apps, metadata. */
#include <stdio.h>
#include <string.h>

#include "config/build.h"
#include "config/url.h"

/* An order that every browser and authenticator finds something in; RSA is for Windows' older TPMs. */
static const char *usual_algorithms[] = {"ES256", "EdDSA", "ES384", "RS256"};
/* FIDO's conformance tools register keys of each that they know, if they are offered. */
static const char *conformance_algorithms[] = {"ES256", "EdDSA", "ES384", "ES512", "ES256K", "Ed448", "RS256",
                                               "RS384", "RS512", "PS256", "PS384", "PS512",  "RS1"};

static text_list_t default_algorithms(bool conformance)
{
  if (conformance)
    return (text_list_t){conformance_algorithms,
                         sizeof conformance_algorithms / sizeof conformance_algorithms[0]};
  return (text_list_t){usual_algorithms, sizeof usual_algorithms / sizeof usual_algorithms[0]};
}

static config_ceremony_t build_ceremony(build_t *build, const tree_node_t *map, const char *path)
{
  char member[64];
  config_ceremony_t ceremony = {.hints = build_list(build, tree_child(map, "hints"))};
  snprintf(member, sizeof member, "%s.user_verification", path);
  ceremony.user_verification = build_text(map, member);
  snprintf(member, sizeof member, "%s.timeout", path);
  ceremony.timeout_ms = build_duration(map, member);
  int64_t most_ms = build->config->rp.challenge_lifetime_ms;
  if (ceremony.timeout_ms == MAX_AGE_NONE)
    ceremony.timeout_ms = most_ms;
  else if (ceremony.timeout_ms > most_ms)
    problems_add(build->problems, map, "timeout",
                 "is longer than rp.challenge_lifetime, allowed: at most as long");
  return ceremony;
}

static int protection_of(const char *name)
{
  static const char *const names[] = {"none", "userVerificationOptional",
                                      "userVerificationOptionalWithCredentialIDList",
                                      "userVerificationRequired"};
  for (int i = 0; i < 4; i++)
    if (strcmp(name, names[i]) == 0)
      return i;
  return 0;
}

static void build_extensions(build_t *build, const tree_node_t *map, config_extensions_t *out)
{
  out->cred_props = build_boolean(map, "rp.extensions.cred_props");
  out->cred_protect = protection_of(build_text(map, "rp.extensions.cred_protect"));
  out->cred_protect_enforced = build_boolean(map, "rp.extensions.cred_protect_enforced");
  out->min_pin_length = build_boolean(map, "rp.extensions.min_pin_length");
  out->uvm = build_boolean(map, "rp.extensions.uvm");
  out->prf = build_boolean(map, "rp.extensions.prf");
  out->large_blob = build_boolean(map, "rp.extensions.large_blob");
  out->appid = build_text(map, "rp.extensions.appid");
  out->refuse_unsolicited = strcmp(build_text(map, "rp.extensions.unsolicited"), "refuse") == 0;
  if (out->cred_protect_enforced && out->cred_protect == 0)
    problems_add(build->problems, map, "cred_protect_enforced",
                 "enforces no policy, allowed: with cred_protect other than none");
}

static void build_apps(build_t *build, const tree_node_t *map)
{
  config_rp_t *rp = &build->config->rp;
  const tree_node_t *android = tree_child(map, "android");
  rp->apple_apps = build_list(build, tree_child(map, "apple"));
  if (android == NULL || android->kind != TREE_LIST)
    return;
  config_android_app_t *apps = build_array(build, android->count, sizeof *apps);
  rp->android_apps = apps;
  if (apps == NULL)
    return;
  for (const tree_node_t *node = android->first; node != NULL; node = node->next)
    if (node->kind == TREE_MAP)
      apps[rp->android_app_count++] = (config_android_app_t){
          .package = build_text(node, "rp.apps.android[].package"),
          .fingerprints = build_list(build, tree_child(node, "sha256_cert_fingerprints")),
      };
}

/* FIDO's own service, whose certificates are below a root of the public web. */
static bool is_fido_service(const char *address)
{
  url_t url;
  return address != NULL && url_parse(bytes_of_string(address), &url) == ERR_NONE &&
         url_host_is_below(url.host, BYTES_LITERAL("fidoalliance.org"));
}

static void build_metadata(build_t *build, const tree_node_t *map, config_metadata_t *out)
{
  out->file = build_path(build, build_text(map, "rp.metadata.file"));
  out->url = build_text(map, "rp.metadata.url");
  out->roots = build_path(build, build_text(map, "rp.metadata.roots"));
  out->signer = build_text(map, "rp.metadata.signer");
  if (out->signer == NULL && is_fido_service(out->url))
    out->signer = "mds.fidoalliance.org";
  out->crls = build_path(build, build_text(map, "rp.metadata.crls"));
  out->statements = build_path(build, build_text(map, "rp.metadata.statements"));
  out->refresh_ms = build_duration(map, "rp.metadata.refresh");
  out->refuse_stale = strcmp(build_text(map, "rp.metadata.stale"), "refuse") == 0;
  if (out->file != NULL && out->url != NULL)
    problems_add(build->problems, map, "url", "stands beside file, allowed: one of them");
  if ((out->file != NULL || out->url != NULL) && out->roots == NULL)
    problems_add(build->problems, map, "roots",
                 "is missing, allowed: a PEM file of the root that the BLOB's certificates must reach");
}

static bool has_metadata(const config_metadata_t *metadata)
{
  return metadata->file != NULL || metadata->url != NULL || metadata->statements != NULL;
}

/* A model is one of those allowed, or a kind of attestation trusted, when somebody else says so. */
static bool takes_only_vouched(const authenticator_rule_t *rule)
{
  const unsigned by_itself = 1u << VOUCHING_NONE | 1u << VOUCHING_SELF;
  return (rule->allow_count > 0 && !rule->allow_unvouched) ||
         (rule->vouching != 0 && (rule->vouching & by_itself) == 0);
}

/* What nobody can meet lets in nobody, which is safe, and seldom meant. */
static void note_vain_rules(build_t *build, const tree_node_t *rp)
{
  const config_rp_t *out = &build->config->rp;
  const tree_node_t *rule = tree_child(rp, "authenticators"), *metadata = tree_child(rp, "metadata");
  bool known = has_metadata(&out->metadata);
  if (metadata != NULL && !known)
    problems_note(build->problems, metadata, "does nothing without file, url or statements");
  if (out->authenticators.certification != CERTIFICATION_NONE && !known)
    problems_note(build->problems, rule,
                  "certification lets nobody register without rp.metadata, which says who is certified");
  else if (takes_only_vouched(&out->authenticators) && !known && out->trust_roots == NULL)
    problems_note(build->problems, rule,
                  "lets nobody register without rp.trust_roots or rp.metadata: nobody vouches for a model");
}

static void build_authenticator_policy(build_t *build, const tree_node_t *rp)
{
  config_rp_t *out = &build->config->rp;
  const tree_node_t *map = tree_child(rp, "authenticators"), *backup = tree_child(rp, "backup");
  out->authenticators = build_authenticators(build, map, "rp.authenticators");
  out->require_metadata = build_boolean(map, "rp.authenticators.require_metadata");
  out->refuse_compromised_logins =
      strcmp(build_text(map, "rp.authenticators.compromised_logins"), "refuse") == 0;
  out->sign_count_alert = strcmp(build_text(rp, "rp.sign_count"), "alert") == 0;
  out->refuse_backup_eligible = strcmp(build_text(backup, "rp.backup.eligible"), "refuse") == 0;
  out->refuse_backup_change = strcmp(build_text(backup, "rp.backup.change"), "refuse") == 0;
  if (out->require_metadata && !has_metadata(&out->metadata))
    problems_add(build->problems, map, "require_metadata",
                 "needs rp.metadata, allowed: with its file, url or statements");
  note_vain_rules(build, rp);
}

static bool is_test_origin(const char *origin)
{
  url_t url;
  return url_parse(bytes_of_string(origin), &url) == ERR_NONE &&
         (url_is_loopback(&url) || url_host_is_below(url.host, BYTES_LITERAL("test")));
}

/* The tool's expectations weaken a real service: they are for names that no public DNS has (RFC 6761). */
static void check_conformance(build_t *build, const tree_node_t *rp)
{
  const config_rp_t *out = &build->config->rp;
  if (!out->conformance) {
    if (text_list_has(&out->algorithms, "RS1"))
      problems_add(build->problems, rp, "algorithms",
                   "RS1 signs with SHA-1, allowed: only with conformance: true");
    return;
  }
  for (size_t i = 0; i < out->origins.count; i++)
    if (strncmp(out->origins.items[i], "http", 4) == 0 && !is_test_origin(out->origins.items[i]))
      problems_add(
          build->problems, rp, "conformance",
          "must not be on for %.253s, allowed: where every web origin is on localhost or below .test",
          out->origins.items[i]);
}

void build_webauthn(build_t *build, const tree_node_t *rp)
{
  config_rp_t *out = &build->config->rp;
  const tree_node_t *create = tree_child(rp, "create"), *cross = tree_child(rp, "cross_origin");
  out->conformance = build_boolean(rp, "rp.conformance");
  out->attestation_formats = build_list(build, tree_child(rp, "attestation_formats"));
  out->algorithms = build_list(build, tree_child(rp, "algorithms"));
  if (out->algorithms.count == 0)
    out->algorithms = default_algorithms(out->conformance);
  out->create = build_ceremony(build, create, "rp.create");
  out->create.attachment = build_text(create, "rp.create.attachment");
  out->create.resident_key = build_text(create, "rp.create.resident_key");
  out->conditional_create = build_boolean(create, "rp.create.conditional");
  out->get = build_ceremony(build, tree_child(rp, "get"), "rp.get");
  build_extensions(build, tree_child(rp, "extensions"), &out->extensions);
  out->allow_cross_origin = build_boolean(cross, "rp.cross_origin.allow");
  out->top_origins = build_list(build, tree_child(cross, "top_origins"));
  if (out->top_origins.count > 0 && !out->allow_cross_origin)
    problems_add(build->problems, cross, "top_origins", "does nothing here, allowed: with allow: true");
  build_apps(build, tree_child(rp, "apps"));
  build_metadata(build, tree_child(rp, "metadata"), &out->metadata);
  build_authenticator_policy(build, rp);
  check_conformance(build, rp);
}
