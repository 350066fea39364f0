#include <string.h>

#include "base/database_address.h"
#include "config/build.h"
#include "config/url.h"

/* The first web origin is where the pages are, so its passkeys must be in reach; https origins elsewhere are
 * related origins (WebAuthn L3 §5.11), which browsers look up at the RP ID's own site. */
static void check_origin(build_t *build, const tree_node_t *node, bytes_t rp_id, bool first)
{
  url_t url;
  if (url_parse(bytes_of_string(node->text), &url) != ERR_NONE || url_host_is_below(url.host, rp_id))
    return;
  if (first)
    problems_add(build->problems, node, NULL,
                 "the pages' origin is not within rp.id, allowed: hosts that are %.253s or end in .%.253s",
                 (const char *)rp_id.data, (const char *)rp_id.data);
  else if (bytes_equal_string(url.scheme, "https"))
    problems_note(build->problems, node,
                  "a related origin: browsers accept it when https://%.253s/.well-known/webauthn lists it",
                  (const char *)rp_id.data);
  else
    problems_add(build->problems, node, NULL, "a related origin must be https, allowed: https://host[:port]");
}

/* Browsers take related origins of five names, and need not take more: the name is what stands before the
 * public suffix (WebAuthn L3 §5.11.1). We know the suffixes of one label and those like co.uk: good enough
 * for a note. */
#define RELATED_NAMES 5

static bytes_t cut_last_label(bytes_t host, bytes_t *ret_label)
{
  size_t start = host.len;
  while (start > 0 && host.data[start - 1] != '.')
    start--;
  *ret_label = bytes_of(host.data + start, host.len - start);
  return bytes_of(host.data, start > 0 ? start - 1 : 0);
}

static bytes_t name_of_site(bytes_t host)
{
  static const char *const kinds[] = {"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"};
  bytes_t suffix, name, further;
  bytes_t rest = cut_last_label(cut_last_label(host, &suffix), &name);
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    if (suffix.len == 2 && rest.len > 0 && bytes_equal_string(name, kinds[i])) {
      (void)cut_last_label(rest, &further);
      return further;
    }
  return name.len > 0 ? name : suffix;
}

static void note_related_names(build_t *build, const tree_node_t *origins)
{
  bytes_t names[RELATED_NAMES];
  size_t count = 0;
  for (const tree_node_t *node = origins->first; node != NULL; node = node->next) {
    url_t url;
    size_t at = 0;
    if (node->kind != TREE_SCALAR || url_parse(bytes_of_string(node->text), &url) != ERR_NONE)
      continue;
    bytes_t name = name_of_site(url.host);
    while (at < count && !bytes_equal(names[at], name))
      at++;
    if (at < count)
      continue;
    if (count < RELATED_NAMES)
      names[count++] = name;
    else
      problems_note(build->problems, node,
                    "its name, %.*s, is one more than the %d that browsers take from "
                    "/.well-known/webauthn: passkeys may not work there",
                    (int)name.len, (const char *)name.data, RELATED_NAMES);
  }
}

static void check_origins(build_t *build, const tree_node_t *rp)
{
  const tree_node_t *origins = tree_child(rp, "origins");
  const char *rp_id = build->config->rp.id;
  bool web = false, wrong = false;
  if (origins == NULL || origins->kind != TREE_LIST || rp_id == NULL ||
      !url_check_rp_id(bytes_of_string(rp_id)))
    return;
  for (const tree_node_t *node = origins->first; node != NULL; node = node->next) {
    if (node->kind != TREE_SCALAR)
      continue;
    for (const tree_node_t *other = origins->first; other != node; other = other->next)
      if (other->kind == TREE_SCALAR && strcmp(other->text, node->text) == 0)
        problems_add(build->problems, node, NULL, "is given twice, keep one");
    if (!url_check_origin(bytes_of_string(node->text))) {
      wrong = true;
      continue;
    }
    if (strncmp(node->text, "http", 4) != 0)
      continue;
    check_origin(build, node, bytes_of_string(rp_id), !web);
    web = true;
  }
  if (!web && !wrong)
    problems_add(build->problems, origins, NULL,
                 "has no web origin, allowed: the address of the pages first");
  note_related_names(build, origins);
}

void build_rp(build_t *build, const tree_node_t *rp)
{
  config_rp_t *out = &build->config->rp;
  out->id = build_text(rp, "rp.id");
  out->name = build_text(rp, "rp.name");
  if (out->name == NULL)
    out->name = out->id;
  out->origins = build_list(build, tree_child(rp, "origins"));
  out->listen = build_text(rp, "rp.listen");
  out->invite_only = strcmp(build_text(rp, "rp.registration"), "open") != 0;
  out->attestation = build_text(rp, "rp.attestation");
  out->trust_roots = build_path(build, build_text(rp, "rp.trust_roots"));
  const tree_node_t *session = tree_child(rp, "session");
  out->session_idle_ms = build_duration(session, "rp.session.idle");
  out->session_absolute_ms = build_duration(session, "rp.session.absolute");
  out->challenge_lifetime_ms = build_duration(rp, "rp.challenge_lifetime");
  const tree_node_t *rate_limit = tree_child(rp, "rate_limit");
  out->rate_burst = (unsigned)build_number(rate_limit, "rp.rate_limit.burst");
  out->rate_per_minute = (unsigned)build_number(rate_limit, "rp.rate_limit.per_minute");
  out->rate_loopback = build_boolean(rate_limit, "rp.rate_limit.loopback");
  out->home = build_text(rp, "rp.home");
  out->database = build_database(build, rp, "rp.database");
  if (database_address_is_url(out->database))
    out->database = database_address_of_rp(build->problems->arena, out->database);
  build->problems->out_of_memory |= out->database == NULL;
  if (out->session_absolute_ms < out->session_idle_ms && session != NULL)
    problems_add(build->problems, session, "absolute", "is shorter than idle, allowed: at least as long");
  check_origins(build, rp);
  build_webauthn(build, rp);
}
