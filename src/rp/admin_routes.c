#include "rp/admin.h"
#include "rp/health.h"
#include "rp/metadata_routes.h"
#include "rp/routes.h"

const http_route_t admin_routes[] = {
    {HTTP_GET, "/users", admin_users_list, 0},
    {HTTP_POST, "/users", admin_users_add, HTTP_BODY_JSON},
    {HTTP_GET, "/users/{name}", admin_users_show, 0},
    {HTTP_POST, "/users/{name}/disable", admin_users_disable, 0},
    {HTTP_POST, "/users/{name}/enable", admin_users_enable, 0},
    {HTTP_DELETE, "/users/{name}", admin_users_delete, 0},
    {HTTP_GET, "/users/{name}/claims", admin_claims_show, 0},
    {HTTP_PATCH, "/users/{name}/claims", admin_claims_change, HTTP_BODY_JSON},
    {HTTP_POST, "/users/{name}/invite", admin_users_invite, 0},
    {HTTP_POST, "/users/{name}/recovery", admin_users_recovery, 0},
    {HTTP_GET, "/users/{name}/credentials", admin_credentials_list, 0},
    {HTTP_DELETE, "/users/{name}/credentials/{id}", admin_credentials_revoke, 0},
    {HTTP_GET, "/users/{name}/sessions", admin_sessions_list, 0},
    {HTTP_DELETE, "/users/{name}/sessions", admin_sessions_revoke_all, 0},
    {HTTP_DELETE, "/users/{name}/sessions/{id}", admin_sessions_revoke, 0},
    {HTTP_GET, "/audit", admin_audit_show, 0},
    {HTTP_GET, "/audit/verify", admin_audit_verify, 0},
    {HTTP_GET, "/metadata", admin_metadata_show, 0},
    {HTTP_POST, "/metadata/update", admin_metadata_update, 0},
    {HTTP_GET, "/metadata/models", admin_metadata_models, 0},
    {HTTP_GET, "/metadata/models/{model}", admin_metadata_model, 0},
    {HTTP_GET, "/healthz", health_live_handle, 0},
};
const size_t admin_route_count = sizeof(admin_routes) / sizeof(admin_routes[0]);
