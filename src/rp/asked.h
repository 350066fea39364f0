/* What callers ask of options and of /session beside the ceremony itself: a requirement, a request to go on
 * with, user verification, and how browsers should go about it. */
#ifndef SEKISHO_RP_ASKED_H
#define SEKISHO_RP_ASKED_H

#include "rp/continue_handle.h"
#include "rp/rp.h"

/* acr by name (none: not asked), max_age as seconds or a duration ("300", "5m"; none: any age). */
MUST_USE error_code_t asked_requirement(const exchange_t *exchange, bytes_t acr, bytes_t max_age,
                                        requirement_t *ret_requirement);
/* The member "requirement" {acr, max_age}; REQUIREMENT_NONE when it is absent. */
MUST_USE error_code_t asked_requirement_member(const exchange_t *exchange, const json_t *body,
                                               requirement_t *ret_requirement);

/* The member "continue"; *ret_continue NULL when it is absent. ERR_CONTINUE. */
MUST_USE error_code_t asked_continue_member(const exchange_t *exchange, const json_t *body,
                                            const continue_handle_t **ret_continue);
MUST_USE error_code_t asked_continue(const exchange_t *exchange, bytes_t text,
                                     const continue_handle_t **ret_continue);
/* "/pay/authorize?continue=…", where the result of a ceremony, or the person's word, leads back; in the
 * arena. handle: its ref, and the word. */
MUST_USE error_code_t asked_continue_path(const exchange_t *exchange, const continue_handle_t *handle,
                                          bytes_t *ret_path);

/* A member that is one of words (NULL behind the last); fallback when it is absent or empty. */
MUST_USE error_code_t asked_word(const json_t *object, const char *name, const char *const *words,
                                 const char *fallback, const char **ret_word);
/* userVerification: "required", "preferred" or "discouraged". needed raises it. */
MUST_USE error_code_t asked_user_verification(const json_t *object, bool needed, const char *fallback,
                                              const char **ret_value);
bool asked_needs_verification(const exchange_t *exchange, requirement_t requirement);

/* Members of options that say how browsers should go about it: the request's own, else the configuration's.
 * Hints and formats that are not known are left out, as browsers would (WebAuthn L3 §5.8.7). */
MUST_USE error_code_t asked_hints(const exchange_t *exchange, const json_t *body, const text_list_t *fallback,
                                  text_list_t *ret_hints);
MUST_USE error_code_t asked_formats(const exchange_t *exchange, const json_t *body, text_list_t *ret_formats);
/* In milliseconds; never longer than the challenge lives. */
MUST_USE error_code_t asked_timeout(const exchange_t *exchange, const json_t *body, int64_t usual_ms,
                                    int64_t *ret_timeout_ms);
/* The member "mediation" is "conditional": autofill, or a passkey made in the background. */
MUST_USE error_code_t asked_conditional(const json_t *body, bool *ret_conditional);
/* `,"name":["a","b"]`, nothing for an empty list. */
void asked_write_list(builder_t *builder, const char *name, const text_list_t *list);
#define ASKED_LISTS_MAX_LENGTH 256 /* of hints and formats together */

#endif
