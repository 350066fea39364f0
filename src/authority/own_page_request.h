/* What an authorization request has to do with the domain's own page: on the way there, back, and on. */
#ifndef SEKISHO_AUTHORITY_OWN_PAGE_REQUEST_H
#define SEKISHO_AUTHORITY_OWN_PAGE_REQUEST_H

#include "authority/authorization.h"

/* ERR_NONE, or why a request that needs the page cannot have it. */
error_code_t own_page_refusal(const authorization_t *authorization, const domain_settings_t *settings);

/* The touch that a finish brings, if any. The login server says which passkey it is and with what key; every
 * byte that counts comes from the page. */
MUST_USE error_code_t own_page_take(authorization_t *authorization, const domain_settings_t *settings,
                                    const handoff_finish_t *message);

/* Sends a person who is signed in to the page: answer.page, in place of a challenge for the login server. */
MUST_USE error_code_t own_page_lead(authorization_t *authorization, const domain_settings_t *settings);

/* Puts the page's host before the address that the answer goes to. */
MUST_USE error_code_t own_page_release(authorization_t *authorization);

#endif
