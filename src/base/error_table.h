/* ERROR_ROW(id, slug, HTTP status, OAuth error, public sentence). Included by error.h and error.c only; kept
 * in groups, one group per subject. Slugs are part of the outside: add, never rename. */
ERROR_ROW(NONE, "none", 200, "", "")

/* general */
ERROR_ROW(INTERNAL, "internal", 500, "server_error",
          "Something failed on our side. Try again; if it stays, tell the operator the request id.")
ERROR_ROW(NO_MEMORY, "out_of_memory", 503, "temporarily_unavailable",
          "The server is short of memory. Try again in a moment.")
ERROR_ROW(UNAVAILABLE, "unavailable", 503, "temporarily_unavailable",
          "A part of the service cannot be reached. Try again in a moment.")
ERROR_ROW(STORE_FAILED, "store_failed", 503, "temporarily_unavailable",
          "The store did not take the change. Nothing was changed; try again in a moment.")
ERROR_ROW(TOO_LARGE, "too_large", 413, "invalid_request",
          "The request is larger than allowed. Send at most 64 KiB.")
ERROR_ROW(TOO_MANY, "too_many_requests", 429, "temporarily_unavailable",
          "Too many requests from this address. Wait a minute and try again.")
ERROR_ROW(NOT_FOUND, "not_found", 404, "invalid_request", "There is nothing at this address. Check the path.")
ERROR_ROW(METHOD, "method_not_allowed", 405, "invalid_request",
          "This address does not take that method. See the Allow header.")
ERROR_ROW(MEDIA_TYPE, "unsupported_media_type", 415, "invalid_request",
          "Send the body with the content type that this endpoint documents.")
ERROR_ROW(MALFORMED, "malformed", 400, "invalid_request",
          "The request cannot be read. Check its syntax against the API description.")
ERROR_ROW(HOST, "wrong_host", 421, "invalid_request",
          "This server does not answer for that host name. Use the configured address.")
ERROR_ROW(KEY_FILE, "key_file", 500, "server_error",
          "A key file cannot be used. The operator must repair it as the log says.")
ERROR_ROW(CROSS_SITE, "cross_site", 403, "access_denied",
          "The request came from another site. Send it from this service's own pages.")

/* crypto */
ERROR_ROW(
    CBOR, "cbor", 400, "invalid_request",
    "The CBOR in the response is not in the form that CTAP2 asks for. Send it as the authenticator made it.")
ERROR_ROW(KEY, "bad_key", 400, "invalid_request",
          "The public key cannot be used. Use a key of an offered algorithm and size.")
ERROR_ROW(ALGORITHM, "unsupported_algorithm", 400, "invalid_request",
          "The algorithm is not one of those offered. Use a key of one that the options name.")
ERROR_ROW(SIGNATURE, "signature", 400, "invalid_request",
          "The signature does not verify. Start again, with the key that was registered.")
ERROR_ROW(SEAL, "seal", 400, "invalid_request",
          "The value was not made by this server or has been changed. Start again.")
ERROR_ROW(TOKEN, "invalid_token", 401, "invalid_token",
          "The token is not one that this issuer made for this use. Get a new one.")

/* config and policy */
ERROR_ROW(CONFIG, "config", 500, "server_error",
          "The configuration is wrong. Run sekisho check-config and mend what it names.")
ERROR_ROW(STEP_UP, "insufficient_user_authentication", 401, "insufficient_user_authentication",
          "A newer or stronger sign-in is needed. Authenticate again with what the challenge names.")

/* store */
ERROR_ROW(CONFLICT, "conflict", 409, "invalid_request",
          "This was changed or taken by someone else. Read it again and retry.")
ERROR_ROW(STORE_BUSY, "store_busy", 503, "temporarily_unavailable",
          "Another process has this database open. Stop it, or use its command line while it runs.")
ERROR_ROW(STORE_FILE, "store_file", 500, "server_error",
          "The database file cannot be used. Mend what the log names and start again.")
ERROR_ROW(
    STORE_SERVER, "store_server", 503, "temporarily_unavailable",
    "The database server cannot be reached. Try again in a moment; the operator finds the cause in the log.")
ERROR_ROW(STORE_VERSION, "store_version", 500, "server_error",
          "The database was made by another version of sekisho. Start the version that made it, or restore a "
          "backup.")

/* http */
ERROR_ROW(DUPLICATE_PARAMETER, "duplicate_parameter", 400, "invalid_request",
          "A parameter is given more than once. Send each once.")
ERROR_ROW(FRAMING, "framing", 400, "invalid_request",
          "The request can be read in more than one way. Send one Host, plain header lines and one length.")
ERROR_ROW(TARGET_TOO_LONG, "target_too_long", 414, "invalid_request",
          "The address is longer than allowed. Send at most 12 KiB.")
ERROR_ROW(EXPECTATION, "expectation", 417, "invalid_request",
          "Only Expect: 100-continue is understood. Leave the header out.")
ERROR_ROW(HTTP_VERSION, "http_version", 505, "invalid_request", "Use HTTP/1.1.")
ERROR_ROW(HEADERS_TOO_LARGE, "headers_too_large", 431, "invalid_request",
          "The request's headers are larger than allowed. Clear this site's cookies and try again.")

/* handoff */
ERROR_ROW(HANDOFF, "handoff", 502, "server_error",
          "The login server and the domain's authority do not understand each other. Try again; if it stays, "
          "tell the operator.")

/* webauthn */
ERROR_ROW(CLIENT_DATA, "client_data", 400, "invalid_request",
          "The client data cannot be read. Send clientDataJSON as the browser made it.")
ERROR_ROW(CEREMONY_TYPE, "ceremony_type", 400, "invalid_request",
          "The response is of another kind of ceremony. Start again and send what belongs to it.")
ERROR_ROW(CHALLENGE, "challenge", 400, "invalid_request",
          "The challenge is not the one that was sent. Start again.")
ERROR_ROW(ORIGIN, "origin", 400, "invalid_request",
          "The page's origin is not one of this service. Use the service's own address.")
ERROR_ROW(CROSS_ORIGIN, "cross_origin", 400, "invalid_request",
          "The page was embedded where it may not be. Open the service in its own window.")
ERROR_ROW(AUTHENTICATOR_DATA, "authenticator_data", 400, "invalid_request",
          "The authenticator data cannot be read. Send it as the authenticator made it.")
ERROR_ROW(RP_ID, "rp_id", 400, "invalid_request",
          "The passkey is for another service. Use one that was made here.")
ERROR_ROW(USER_PRESENCE, "user_presence", 400, "invalid_request",
          "The authenticator did not see the user. Try again and touch it.")
ERROR_ROW(USER_VERIFICATION, "user_verification", 400, "invalid_request",
          "The authenticator did not verify the user. Try again with PIN or biometrics.")
ERROR_ROW(BACKUP_FLAGS, "backup_flags", 400, "invalid_request",
          "The backup flags contradict each other or the registration. Use another passkey.")
ERROR_ROW(BACKUP_STATE, "backup_state", 400, "invalid_request",
          "The passkey was synced, or is no longer, since it was last used. Use another.")
ERROR_ROW(EXTENSION, "extension", 400, "invalid_request",
          "An extension output is not as asked for. Start again.")
ERROR_ROW(EXTENSION_INPUT, "extension_input", 400, "invalid_request",
          "An extension is asked for in a way that it does not have, or is turned off here. Check extensions "
          "against WebAuthn Level 3 section 10, and rp.extensions.")
ERROR_ROW(CRED_PROTECT, "cred_protect", 400, "invalid_request",
          "The authenticator does not protect the passkey as this service asks. Use a security key that can.")
ERROR_ROW(BACKUP_ELIGIBLE, "backup_eligible", 400, "invalid_request",
          "Passkeys that can be synced are not taken here. Use one that stays on its device, such as a "
          "security key.")
ERROR_ROW(AUTHENTICATOR_NOT_ALLOWED, "authenticator_not_allowed", 400, "invalid_request",
          "This service does not take that kind of authenticator, or wants its maker to vouch for it. Use "
          "another, and let the browser show the service its make and model.")
ERROR_ROW(ATTESTATION_OBJECT, "attestation_object", 400, "invalid_request",
          "The attestation object cannot be read. Send it as the browser made it.")
ERROR_ROW(
    ATTESTATION_FORMAT, "unsupported_attestation_format", 400, "invalid_request",
    "The attestation format is not supported. Register without attestation or use another authenticator.")
ERROR_ROW(ATTESTATION, "attestation", 400, "invalid_request",
          "The attestation statement does not verify. Use another authenticator.")
ERROR_ROW(ATTESTATION_CERTIFICATE, "attestation_certificate", 400, "invalid_request",
          "An attestation certificate is not as the standard asks. Use another authenticator.")
ERROR_ROW(ATTESTATION_TRUST, "attestation_untrusted", 400, "invalid_request",
          "This service does not trust that authenticator's attestation. Use one that it lists.")
ERROR_ROW(
    CREDENTIAL_ID, "credential_id", 400, "invalid_request",
    "The credential ids in the response differ or are too long. Send the response as the browser made it.")
ERROR_ROW(CREDENTIAL_NOT_ALLOWED, "credential_not_allowed", 400, "invalid_request",
          "That passkey was not asked for. Start again and choose one of those offered.")
ERROR_ROW(USER_HANDLE, "user_handle", 400, "invalid_request",
          "The passkey does not belong to that account. Start again and choose another.")
ERROR_ROW(SIGN_COUNT, "sign_count", 400, "invalid_request",
          "The signature counter has not grown: the passkey may have been copied. Use another and tell the "
          "operator.")

/* metadata */
ERROR_ROW(
    METADATA, "metadata", 400, "invalid_request",
    "The authenticator metadata cannot be used; what was held stays in use. Get it again from its source, "
    "and check the configured root.")
ERROR_ROW(AUTHENTICATOR_COMPROMISED, "authenticator_compromised", 400, "access_denied",
          "A security problem is known of that authenticator's model. Use another.")
ERROR_ROW(ATTESTATION_MISMATCH, "attestation_mismatch", 400, "invalid_request",
          "The attestation is not one that the authenticator's model makes. Use another authenticator.")

/* gateway check */
ERROR_ROW(PATH, "ambiguous_path", 403, "invalid_request",
          "The path can be read in more than one way. Send it without dot segments, empty segments or "
          "encoded separators.")
ERROR_ROW(ROUTE, "no_route", 403, "access_denied",
          "No route of this domain allows this method and path. Check both against the domain's routes.")
ERROR_ROW(GATEWAY_HEADERS, "gateway_headers", 403, "invalid_request",
          "The gateway must name method and path once each, and pass at most one credential. See "
          "docs/integrations.")
ERROR_ROW(CREDENTIALS_DIFFER, "credentials_differ", 403, "invalid_request",
          "The request brings an access token and a session cookie of two different sign-ins. Send one of "
          "them.")
ERROR_ROW(NO_GATEWAY_SESSION, "no_gateway_session", 404, "invalid_request",
          "This domain has no sessions behind its gateway. Ask the operator for gateway_session.")
ERROR_ROW(ENTER_TARGET, "enter_target", 400, "invalid_request",
          "The place to come back to is no path of this host. Use a path that begins with one slash.")
ERROR_ROW(ENTER_BROWSER, "enter_browser", 400, "invalid_request",
          "This sign-in is too old, or was begun in another browser. Go back to the product and start again.")
ERROR_ROW(
    OWN_PAGE, "own_page", 400, "invalid_request",
    "This page has waited too long, or the request is another browser's. Go back to the application and "
    "start again.")
ERROR_ROW(OWN_PAGE_MODE, "own_page_mode", 400, "invalid_request",
          "The code goes over the domain's own page, which sends no forms. Leave response_mode out, or send "
          "query.")
ERROR_ROW(ENTER_REFUSED, "enter_refused", 403, "access_denied",
          "Nobody was signed in. Go back to the product and start again.")
ERROR_ROW(INSUFFICIENT_SCOPE, "insufficient_scope", 403, "insufficient_scope",
          "The access token does not carry the scope that this route needs. Ask for it in a new "
          "authorization request.")

/* authority: the authorization request */
ERROR_ROW(
    UNKNOWN_CLIENT, "unknown_client", 400, "invalid_request",
    "The application is not registered here. Check client_id, and that the link belongs to this service.")
ERROR_ROW(REDIRECT_URI, "redirect_uri", 400, "invalid_request",
          "The redirect_uri is not registered for the application. Send one exactly as it was registered.")
ERROR_ROW(RESPONSE_TYPE, "response_type", 400, "unsupported_response_type", "Send response_type=code.")
ERROR_ROW(RESPONSE_MODE, "response_mode", 400, "invalid_request",
          "Send response_mode=query or form_post, or leave it out.")
ERROR_ROW(PKCE, "pkce", 400, "invalid_request",
          "Send code_challenge (43 characters) and code_challenge_method=S256, for every client.")
ERROR_ROW(
    SCOPE, "scope", 400, "invalid_scope",
    "A scope is unknown here, not allowed for the client, or the list is too long. Ask for those in the "
    "metadata's scopes_supported.")
ERROR_ROW(
    SCOPE_NEEDS_PERSON, "scope_needs_person", 400, "invalid_scope",
    "A scope asks for somebody's sign-in, which a client does not have in its own name. Leave it out, or "
    "use the authorization code grant.")
ERROR_ROW(STATE_OR_NONCE, "state_or_nonce", 400, "invalid_request",
          "Send state with at most 8192 bytes and nonce with at most 1024, without control characters.")
ERROR_ROW(PROMPT, "prompt", 400, "invalid_request",
          "Send prompt as none alone, or any of login, consent and select_account.")
ERROR_ROW(MAX_AGE, "max_age", 400, "invalid_request", "Send max_age as a whole number of seconds, 0 or more.")
ERROR_ROW(ACR_VALUES, "acr_values", 400, "invalid_request",
          "Send acr_values as at most 16 names from the metadata's acr_values_supported.")
ERROR_ROW(HINT, "hint", 400, "invalid_request",
          "Send login_hint and ui_locales with at most 256 bytes, without control characters.")
ERROR_ROW(ID_TOKEN_HINT, "id_token_hint", 400, "invalid_request",
          "The ID token of id_token_hint is none that this issuer signs with a key of now. Leave it out, or "
          "send a newer one.")
ERROR_ROW(CLAIMS, "claims", 400, "invalid_request",
          "Send claims as a JSON object of at most 4096 bytes, as OpenID Connect Core 5.5 describes.")
ERROR_ROW(REQUEST_OBJECT, "request_object", 400, "request_not_supported",
          "Send the parameters themselves; request objects are not taken here.")
ERROR_ROW(AUTHORIZATION_DETAILS, "authorization_details", 400, "invalid_authorization_details",
          "The authorization_details are not what this client may send. Send a JSON array of types of this "
          "domain that the client is registered for, with the members of their schema and no others.")
ERROR_ROW(
    CONSENT_REQUIRED, "consent_required", 400, "consent_required",
    "The person has not allowed this application what it asks for. Send the request without prompt=none.")
ERROR_ROW(PUSHED_REQUEST, "pushed_request", 400, "invalid_request_uri",
          "The request_uri is unknown, too old, used, or another client's. Send the request to the pushed "
          "authorization request endpoint again.")
ERROR_ROW(PUSHED_REQUEST_URI, "pushed_request_uri", 400, "invalid_request",
          "Send the parameters themselves; a pushed request has no request_uri.")
ERROR_ROW(PUSH_REQUIRED, "push_required", 400, "invalid_request",
          "Requests of this client are pushed. Send it to the pushed_authorization_request_endpoint, and "
          "client_id and "
          "the request_uri of its answer here.")
ERROR_ROW(REQUEST_URI, "request_uri", 400, "request_uri_not_supported",
          "Send the parameters themselves; request_uri is not taken here.")
ERROR_ROW(LOGIN_REQUIRED, "login_required", 400, "login_required",
          "Nobody is signed in, or too long ago. Send the request again without prompt=none.")
ERROR_ROW(INTERACTION_REQUIRED, "interaction_required", 400, "interaction_required",
          "The sign-in must be renewed or strengthened. Send the request again without prompt=none.")
ERROR_ROW(
    UNMET_ACR, "unmet_authentication_requirements", 400, "unmet_authentication_requirements",
    "The sign-in did not reach the essential acr. Ask for one in acr_values_supported that the person's "
    "authenticator can give.")
ERROR_ROW(DECLINED, "access_denied", 400, "access_denied",
          "The person did not go on with the sign-in. Ask again when they want to.")
ERROR_ROW(HANDLE, "authorization_request", 400, "invalid_request",
          "This sign-in was finished already, took longer than ten minutes, or began in another browser. Go "
          "back to the application and start again.")
ERROR_ROW(SESSION_ENDED, "session_ended", 400, "access_denied", "The session has ended. Sign in again.")

/* authority: the token endpoint */
ERROR_ROW(CLIENT_AUTHENTICATION, "invalid_client", 401, "invalid_client",
          "The client is unknown, or does not show who it is in exactly the one way that it is registered "
          "for. Send "
          "client_id alone for a public client; otherwise the secret or assertion of its "
          "token_endpoint_auth_method, a new assertion each time.")
ERROR_ROW(
    CLIENT_METADATA, "invalid_client_metadata", 400, "invalid_client_metadata",
    "The client cannot be registered so. Send it with a name, redirect URIs or the grant client_credentials "
    "with a "
    "scope, and one method with what that needs.")
ERROR_ROW(
    UNKNOWN_STORED_CLIENT, "unknown_stored_client", 404, "invalid_request",
    "No client in the store of this domain has that id, or it has no secret to rotate. See sekisho client "
    "list; those of the configuration are changed there.")
ERROR_ROW(TOO_MANY_CLIENTS, "too_many_clients", 409, "invalid_request",
          "The domain has as many clients in its store as it may. Use sekisho client remove for those that "
          "nobody needs.")
ERROR_ROW(GRANT, "invalid_grant", 400, "invalid_grant",
          "The code is unknown, expired, used before, or was given for another client, redirect_uri or "
          "code_verifier. Start a new authorization request.")
ERROR_ROW(GRANT_TYPE, "unsupported_grant_type", 400, "unsupported_grant_type",
          "Send grant_type as one of the metadata's grant_types_supported.")
ERROR_ROW(WORKLOAD, "workload", 401, "invalid_client",
          "The workload's token names no service of this domain. Send the platform's token as "
          "client_assertion, with "
          "the audience of workload_issuers, and the claims that services say.")
ERROR_ROW(WORKLOAD_KEYS, "workload_keys", 503, "temporarily_unavailable",
          "The keys of the workload's issuer cannot be read or fetched. Try again later.")
ERROR_ROW(
    SUBJECT_TOKEN, "subject_token", 400, "invalid_request",
    "The subject_token is none of this domain for this service, is over, or went through too many services. "
    "Send the Txn-Token that this service was called with.")
ERROR_ROW(SUBJECT_TOKEN_TYPE, "subject_token_type", 400, "invalid_request",
          "Send one subject_token, with subject_token_type urn:ietf:params:oauth:token-type:txn_token, or "
          ":jwt for a "
          "workload's own.")
ERROR_ROW(REQUESTED_TOKEN_TYPE, "requested_token_type", 400, "invalid_request",
          "Send requested_token_type=urn:ietf:params:oauth:token-type:txn_token; others are not given here.")
ERROR_ROW(ACTOR_TOKEN, "actor_token", 400, "invalid_request",
          "Leave actor_token out; who acts is known by the workload's own token.")
ERROR_ROW(TARGET, "target", 400, "invalid_target",
          "What is held opens nothing at that service. Send audience as the id of one service, and ask the "
          "operator "
          "whether the graph should let this service call it.")
ERROR_ROW(EXCHANGE_SCOPE, "exchange_scope", 400, "invalid_scope",
          "A scope is not among those that are held for that service. Leave scope out, or ask for less.")
ERROR_ROW(
    UNAUTHORIZED_CLIENT, "unauthorized_client", 400, "unauthorized_client",
    "The client is not registered for this grant. Use one of its grant_types, or ask the operator to add "
    "it.")
ERROR_ROW(
    DPOP_PROOF, "dpop_proof", 400, "invalid_dpop_proof",
    "The DPoP proof is not one for this request, or was used before. Send a new one for this method and "
    "address, with a new jti, the time of now and, beside an access token, its hash.")
ERROR_ROW(DPOP_NONCE, "dpop_nonce", 400, "use_dpop_nonce",
          "A nonce of this server is needed in the DPoP proof. Send a new proof with the DPoP-Nonce of this "
          "answer.")
ERROR_ROW(
    DPOP_JKT, "dpop_jkt", 400, "invalid_request",
    "dpop_jkt is no thumbprint of a key, or the client is registered without DPoP. Send the base64url of the "
    "key's SHA-256 thumbprint (RFC 7638), or leave it out.")
ERROR_ROW(
    DPOP_REQUIRED, "dpop_required", 400, "invalid_dpop_proof",
    "This client's tokens are bound to a key. Send a DPoP proof, or connect with a certificate if the client "
    "is registered for that.")
ERROR_ROW(DPOP_OFF, "dpop_off", 400, "invalid_request",
          "This client is registered without DPoP. Leave the proof out, or have the operator allow it.")
ERROR_ROW(CERTIFICATE, "certificate", 400, "invalid_request",
          "The client's certificate cannot be read from the proxy's header. Send it once, in the form "
          "that authority.client_certificate or gateway_certificate names.")
ERROR_ROW(CERTIFICATE_REQUIRED, "certificate_required", 400, "invalid_request",
          "This client's tokens are bound to the certificate of its connection. Use mutual TLS, at the "
          "metadata's mtls_endpoint_aliases where it has them, and send no DPoP proof.")
ERROR_ROW(TOKEN_CERTIFICATE, "token_certificate", 401, "invalid_token",
          "The token is bound to another certificate than the connection shows. Use it with the certificate "
          "that it was got with.")
ERROR_ROW(REFRESH_TOKEN, "refresh_token", 400, "invalid_grant",
          "The refresh token is unknown, ended, used before, or another client's. Start a new authorization "
          "request.")
ERROR_ROW(LAPSED, "lapsed", 400, "invalid_grant",
          "The sign-in behind the refresh token is too old or too weak for this domain by now. Start a new "
          "authorization request; after it this refresh token works again, too.")

/* authority: userinfo */
ERROR_ROW(NO_TOKEN, "no_token", 401, "invalid_token",
          "Send an access token that has the scope openid, in the Authorization header or as access_token in "
          "a form.")

/* authority: logout */
ERROR_ROW(
    LOGOUT_CLIENT, "logout_client", 400, "invalid_request",
    "The request to sign out names no client of this domain, or two. Check client_id and id_token_hint.")
ERROR_ROW(LOGOUT_REDIRECT_URI, "post_logout_redirect_uri", 400, "invalid_request",
          "The address to go back to after signing out is not registered for this client. Check "
          "post_logout_redirect_uri, "
          "letter by letter.")
ERROR_ROW(LOGOUT_STATE, "logout_state", 400, "invalid_request",
          "Send state as visible characters, at most 8192 bytes.")

/* rp */
ERROR_ROW(AUTHENTICATION, "authentication_failed", 400, "access_denied",
          "That did not work. Start again, with a passkey that belongs to this service.")
ERROR_ROW(NATIVE_PASSKEY, "native_passkey", 400, "insufficient_authorization",
          "A passkey is needed. Send passkey_response: the platform's answer to the options in passkey.")
ERROR_ROW(NATIVE_SESSION, "native_session", 400, "invalid_session",
          "The auth_session is over, or of another domain, client or key. Start again without it.")
ERROR_ROW(
    NATIVE_CLIENT, "native_client", 400, "unauthorized_client",
    "The application is not registered to sign people in by itself. Use the browser, or ask the operator "
    "for first_party.")
ERROR_ROW(NATIVE_BROWSER, "native_browser", 400, "redirect_to_web",
          "This needs a page of the login server. Use the browser: send it to the authorization endpoint.")
ERROR_ROW(
    WRONG_USER, "wrong_user", 403, "access_denied",
    "That passkey belongs to another account. Use one of the account that is signed in, or sign out first.")
ERROR_ROW(NOT_SIGNED_IN, "not_signed_in", 401, "login_required", "Nobody is signed in here. Sign in first.")
ERROR_ROW(USERNAME, "username", 400, "invalid_request",
          "That name cannot be used. Take 1 to 128 bytes of visible characters, without double spaces.")
ERROR_ROW(DISPLAY_NAME, "display_name", 400, "invalid_request",
          "That display name cannot be used. Take at most 256 bytes of visible characters.")
ERROR_ROW(NICKNAME, "nickname", 400, "invalid_request",
          "That name for the passkey cannot be used. Take at most 64 bytes of visible characters.")
ERROR_ROW(USERNAME_TAKEN, "username_taken", 409, "invalid_request",
          "That name is taken. Choose another, or sign in if it is yours.")
ERROR_ROW(INVITE_REQUIRED, "invite_required", 403, "access_denied",
          "New accounts are by invitation. Open the link that the operator sent you.")
ERROR_ROW(TICKET, "ticket", 403, "access_denied",
          "That link has been used or is too old. Ask the operator for a new one.")
ERROR_ROW(CONDITIONAL_CREATE, "conditional_create", 403, "access_denied",
          "Passkeys are made in the background only where rp.create.conditional is on, and for who is signed "
          "in. Leave mediation out.")
ERROR_ROW(CREDENTIAL_EXISTS, "credential_exists", 409, "invalid_request",
          "That passkey is registered already. Sign in with it, or use another.")
ERROR_ROW(CREDENTIAL_LIMIT, "too_many_credentials", 409, "invalid_request",
          "The account has as many passkeys as it may. Delete one first.")
ERROR_ROW(LAST_CREDENTIAL, "last_credential", 409, "invalid_request",
          "This is the account's last passkey. Add another first, or ask the operator for a recovery link.")
ERROR_ROW(
    CONTINUE, "continue", 400, "invalid_request",
    "The request to continue is too old, or was begun in another browser. Go back to the product and start "
    "again.")

/* operators: what the command line prints */
ERROR_ROW(UNKNOWN_USER, "unknown_user", 404, "invalid_request",
          "There is no account of that name. sekisho user list shows those there are.")
ERROR_ROW(ACCOUNT_DISABLED, "account_disabled", 409, "invalid_request",
          "The account is disabled. Run sekisho user enable first.")
ERROR_ROW(
    ACCOUNT_CLAIM, "account_claim", 400, "invalid_request",
    "There is no such claim, or it does not take that value. Take both as docs/operations.md lists them.")
ERROR_ROW(UNKNOWN_CREDENTIAL, "unknown_credential", 404, "invalid_request",
          "The account has no such passkey. sekisho credential list shows those it has.")
ERROR_ROW(UNKNOWN_SESSION, "unknown_session", 404, "invalid_request",
          "The account has no such session; it may have ended. sekisho session list shows those it has.")
ERROR_ROW(UNKNOWN_MODEL, "unknown_model", 404, "invalid_request",
          "The metadata knows no such model. Take one that sekisho metadata show --all lists.")
ERROR_ROW(TRANSACTION, "unknown_transaction", 404, "invalid_request",
          "There is no transaction of that id in this domain. Take one that the audit log names.")
ERROR_ROW(UNKNOWN_DOMAIN, "unknown_domain", 404, "invalid_request",
          "There is no domain of that name here. Take one of the configuration's.")
