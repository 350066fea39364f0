/* Rows of the internal listener that a gateway hands browsers through to, on the host of the domain's own
 * page: the page with its parts, what it shows, the touch, and the way on. */
#ifndef SEKISHO_AUTHORITY_OWN_PAGE_ROUTES_H
#define SEKISHO_AUTHORITY_OWN_PAGE_ROUTES_H

#include "authority/authority.h"

http_handler_t own_page_file;  /* the page, or one of its parts */
http_handler_t own_page_asked; /* {"asked"}: what to show, and what the passkey is asked */
http_handler_t
    own_page_given;         /* {"asked", "continue", "credential"}: {"redirect"}, back to the login server */
http_handler_t own_page_on; /* ?way=: on to the application, in the browser that was touched */

#define OWN_PAGE_ROUTES                                                                                      \
  {HTTP_GET, "/{domain}/.sekisho/touch", own_page_file, HTTP_PAGE},                                          \
      {HTTP_GET, "/{domain}/.sekisho/touch/on", own_page_on, HTTP_NO_HEAD},                                  \
      {HTTP_POST, "/{domain}/.sekisho/touch/asked", own_page_asked, HTTP_BODY_JSON},                         \
      {HTTP_POST, "/{domain}/.sekisho/touch/given", own_page_given, HTTP_BODY_JSON},                         \
  {                                                                                                          \
    HTTP_GET, "/{domain}/.sekisho/assets/**", own_page_file, 0                                               \
  }

#endif
