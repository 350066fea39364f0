/* What every call to an address outside has in common, for the programs that make them with libcurl. */
#ifndef SEKISHO_OPS_OUTWARD_H
#define SEKISHO_OPS_OUTWARD_H

#include <curl/curl.h>
#include <stdbool.h>

/* One address, one answer: no redirects, no other protocol, nothing unpacked. A proxy of the environment is
 * taken, but never to this host itself. The address outlives the call. */
bool outward_prepare(CURL *curl, const char *address, long connect_timeout_s, long timeout_s);

#endif
