/* Pages, scripts and styles: the files of web/, built into the program; and what the pages must know of the
 * site. */
#ifndef SEKISHO_RP_STATIC_FILES_H
#define SEKISHO_RP_STATIC_FILES_H

#include "http/http.h"

http_handler_t static_files_handle; /* /login, /register, /step-up, /account, /assets/… */
http_handler_t static_files_root;   /* / : to /account or /login */
http_handler_t static_files_site;   /* GET /site: {"name", "registration"} */

#endif
