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
ERROR_ROW(CBOR, "cbor", 400, "invalid_request",
          "The CBOR in the response is not in the form that CTAP2 asks for.")
ERROR_ROW(KEY, "bad_key", 400, "invalid_request",
          "The public key cannot be used. Use a key of an offered algorithm and size.")
ERROR_ROW(ALGORITHM, "unsupported_algorithm", 400, "invalid_request",
          "The algorithm is not one of those offered.")
ERROR_ROW(SIGNATURE, "signature", 400, "invalid_request", "The signature does not verify.")
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
ERROR_ROW(STORE_VERSION, "store_version", 500, "server_error",
          "The database was made by another version of sekisho. Start the version that made it, or restore a "
          "backup.")

/* http */
ERROR_ROW(DUPLICATE_PARAMETER, "duplicate_parameter", 400, "invalid_request",
          "A parameter is given more than once. Send each once.")
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
ERROR_ROW(EXTENSION, "extension", 400, "invalid_request",
          "An extension output is not as asked for. Start again.")
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

/* gateway check */
ERROR_ROW(PATH, "ambiguous_path", 403, "invalid_request",
          "The path can be read in more than one way. Send it without dot segments, empty segments or encoded separators.")
ERROR_ROW(ROUTE, "no_route", 403, "access_denied", "No route of this domain allows this method and path.")
