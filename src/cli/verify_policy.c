#include "cli/verify_policy.h"

#include <string.h>

/* Read by verify_terms.c. docs/vectors.md has a row for each, and for those that are not read. */
static const char *const READ[] = {"supported_algs",
                                   "allow_cross_origin",
                                   "top_origins",
                                   "crossorigin_needs_toporigin",
                                   "toporigin_needs_crossorigin",
                                   "allow_credentials",
                                   "user_handle",
                                   "user_handle_required",
                                   "require_up",
                                   "require_trusted",
                                   "mds_required",
                                   "appid",
                                   "appid_strict",
                                   "forbid_sha1_attestation",
                                   "android_key_scope",
                                   "u2f_zero_aaguid",
                                   "safetynet_check_timestamp",
                                   "tpm_vendor_check",
                                   "check_revocation",
                                   "allow_missing_basic_constraints"};

static bool is_read(const char *name)
{
  for (size_t i = 0; i < sizeof(READ) / sizeof(READ[0]); i++)
    if (strcmp(name, READ[i]) == 0)
      return true;
  return false;
}

void verify_policy_note(const json_t *policy, error_detail_t *note)
{
  size_t unread = 0;
  const char *name, *first = NULL;
  json_t *value;
  json_object_foreach((json_t *)policy, name, value)
  {
    if (is_read(name))
      continue;
    first = first == NULL ? name : first;
    unread++;
  }
  if (unread == 1)
    error_explain(note, "policy %.60s is not read", first);
  else if (unread > 1)
    error_explain(note, "policy %.60s and %zu more are not read", first, unread - 1);
}
