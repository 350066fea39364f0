/* Every address of the relying party, one row each: the public listener's and the operators' socket's. */
#ifndef SEKISHO_RP_ROUTES_H
#define SEKISHO_RP_ROUTES_H

#include "http/server.h"

extern const http_route_t public_routes[];
extern const size_t public_route_count;
extern const http_route_t admin_routes[];
extern const size_t admin_route_count;

#endif
