#include "rp/applications.h"
#include "rp/assertion.h"
#include "rp/authorize.h"
#include "rp/continue_routes.h"
#include "rp/credential_routes.h"
#include "rp/health.h"
#include "rp/logout.h"
#include "rp/metadata_routes.h"
#include "rp/native.h"
#include "rp/registration.h"
#include "rp/routes.h"
#include "rp/session_routes.h"
#include "rp/signals.h"
#include "rp/static_files.h"
#include "rp/well_known.h"

#define CHANGE HTTP_SAME_ORIGIN
#define CEREMONY (HTTP_BODY_JSON | HTTP_SAME_ORIGIN)

const http_route_t public_routes[] = {
    {HTTP_POST, "/attestation/options", registration_options_handle, CEREMONY},
    {HTTP_POST, "/attestation/result", registration_result_handle, CEREMONY},
    {HTTP_POST, "/assertion/options", assertion_options_handle, CEREMONY},
    {HTTP_POST, "/assertion/result", assertion_result_handle, CEREMONY},

    {HTTP_GET, "/session", session_show_handle, 0},
    {HTTP_DELETE, "/session", session_sign_out_handle, CHANGE},
    {HTTP_GET, "/sessions", sessions_list_handle, 0},
    {HTTP_DELETE, "/sessions", sessions_end_all_handle, CHANGE},
    {HTTP_DELETE, "/sessions/{id}", sessions_end_one_handle, CHANGE},

    {HTTP_GET, "/applications", applications_list_handle, 0},
    {HTTP_DELETE, "/applications/{domain}/{client}", applications_withdraw_handle, CHANGE},

    {HTTP_GET, "/credentials", credentials_list_handle, 0},
    {HTTP_GET, "/credentials/{id}", credentials_show_handle, 0},
    {HTTP_PATCH, "/credentials/{id}", credentials_rename_handle, CEREMONY},
    {HTTP_DELETE, "/credentials/{id}", credentials_delete_handle, CHANGE},
    {HTTP_GET, "/signals", signals_handle, 0},

    {HTTP_GET, "/authenticators/{model}/icon", authenticator_icon_handle, 0},

    {HTTP_GET, "/continue", continue_show_handle, 0},
    {HTTP_POST, "/continue/decline", continue_decline_handle, CEREMONY},
    {HTTP_POST, "/continue/allow", continue_allow_handle, CEREMONY},
    {HTTP_GET, "/{domain}/authorize", authorize_handle, HTTP_PAGE | HTTP_NO_HEAD},
    {HTTP_POST, "/{domain}/authorize", authorize_post_handle, HTTP_PAGE | HTTP_BODY_FORM},

    {HTTP_POST, "/{domain}/challenge", native_challenge_handle, HTTP_BODY_FORM},

    {HTTP_GET, "/{domain}/logout", logout_handle, HTTP_PAGE | HTTP_NO_HEAD},
    {HTTP_GET, "/logout/request", logout_show_handle, 0},

    {HTTP_GET, "/", static_files_root, 0},
    {HTTP_GET, "/login", static_files_handle, HTTP_PAGE},
    {HTTP_GET, "/logout", static_files_handle, HTTP_PAGE},
    {HTTP_GET, "/register", static_files_handle, HTTP_PAGE},
    {HTTP_GET, "/step-up", static_files_handle, HTTP_PAGE},
    {HTTP_GET, "/consent", static_files_handle, HTTP_PAGE},
    {HTTP_GET, "/account", static_files_handle, HTTP_PAGE},
    {HTTP_GET, "/assets/**", static_files_handle, HTTP_PAGE},
    {HTTP_GET, "/site", static_files_site, 0},
    {HTTP_GET, "/.well-known/webauthn", well_known_webauthn, HTTP_ANY_HOST},
    {HTTP_GET, "/.well-known/passkey-endpoints", well_known_passkey_endpoints, HTTP_ANY_HOST},
    {HTTP_GET, "/.well-known/assetlinks.json", well_known_asset_links, HTTP_ANY_HOST},
    {HTTP_GET, "/.well-known/apple-app-site-association", well_known_apple_app_sites, HTTP_ANY_HOST},

    {HTTP_GET, "/healthz", health_live_handle, HTTP_ANY_HOST},
    {HTTP_GET, "/readyz", health_ready_handle, HTTP_ANY_HOST},
};
const size_t public_route_count = sizeof(public_routes) / sizeof(public_routes[0]);
