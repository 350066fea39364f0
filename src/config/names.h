/* The forms of names in a configuration. */
#ifndef SEKISHO_CONFIG_NAMES_H
#define SEKISHO_CONFIG_NAMES_H

#include <stdbool.h>

#include "base/bytes.h"

/* [a-z][a-z0-9-]*: domains and services. */
bool name_check_id(bytes_t text);
/* RFC 6749 §3.3, scope-token. */
bool name_check_scope(bytes_t text);
/* As a scope: it stands in acr_values and in quoted header parameters. */
bool name_check_level(bytes_t text);
/* Unreserved characters only, so that it needs no escaping anywhere. */
bool name_check_client(bytes_t text);
/* 8-4-4-4-12 hex digits. */
bool name_check_aaguid(bytes_t text);
/* An Android application id: two segments at least. */
bool name_check_package(bytes_t text);
/* SHA-256 of a certificate, as pairs of hex digits in capitals with colons between them. */
bool name_check_fingerprint(bytes_t text);
/* TEAMID.bundle.id: ten capitals and digits, then the bundle. */
bool name_check_apple_app(bytes_t text);
/* Method and pattern: GET /accounts/{id}. The method may be a star, the last segment two. */
bool name_check_match(bytes_t text);

/* A header's name that nobody but the operator's proxy gives a meaning. */
bool name_check_header(bytes_t text);
/* An IPv4 or IPv6 address in the form in which peers are called. */
bool name_check_address(bytes_t text);

#endif
