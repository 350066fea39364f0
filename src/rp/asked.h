/* What callers ask of options and of /session beside the ceremony itself: a requirement, a request to go on
 * with, user verification, and members that are only echoed. */
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
/* "/pay/authorize?continue=…", where the result of a ceremony, or the person's no, leads back; in the arena.
 */
MUST_USE error_code_t asked_continue_path(const exchange_t *exchange, const continue_ref_t *ref,
                                          bool declined, bytes_t *ret_path);

/* userVerification: "required", "preferred" (also when absent) or "discouraged". needed raises it. */
MUST_USE error_code_t asked_user_verification(const json_t *object, bool needed, const char **ret_value);
bool asked_needs_verification(const exchange_t *exchange, requirement_t requirement);

/* `,"name":value` for members of these types that were given; they are echoed as FIDO's profile asks. */
MUST_USE error_code_t asked_echo(const exchange_t *exchange, const json_t *body, bytes_t *ret_members);

#endif
