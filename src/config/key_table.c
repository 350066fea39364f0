/* Every key that a configuration may have. Order is that of the reference. */
#include "base/text.h"
#include "config/keys.h"
#include "config/names.h"
#include "config/url.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define WORDS_BASE_URL                                                                                       \
  "https, or http on localhost, 127.0.0.1 or [::1]; no query, fragment or slash at the end"
#define WORDS_ID "a lower-case letter, then lower-case letters, digits and hyphens, 32 at most"
#define WORDS_SCOPE "printable ASCII without space, quotes or backslash, 64 bytes at most"
#define WORDS_HTTPS "an https URL without fragment"
#define WORDS_FETCH "an https URL, or http on localhost, 127.0.0.1 or [::1], without fragment"
#define WORDS_LISTEN "host:port, such as 127.0.0.1:8080 or [::1]:8080"
#define WORDS_LEVEL "the name of a level"
#define WORDS_HEADER "letters, digits and hyphens; none that HTTP, proxies or sekisho use otherwise"
#define WORDS_AAGUID "hex digits as 8-4-4-4-12"

#define MAP(path, flags, about)                                                                              \
  {                                                                                                          \
    (path), KEY_MAP, (flags), NULL, NULL, NULL, 0, 0, NULL, (about)                                          \
  }
#define NAMED(path, flags, most, check, allowed, about)                                                      \
  {                                                                                                          \
    (path), KEY_NAMED, (flags), NULL, (allowed), NULL, 0, (most), (check), (about)                           \
  }
#define LIST(path, flags, least, most, about)                                                                \
  {                                                                                                          \
    (path), KEY_LIST, (flags), NULL, NULL, NULL, (least), (most), NULL, (about)                              \
  }
#define TEXT(path, flags, fallback, most, check, allowed, about)                                             \
  {                                                                                                          \
    (path), KEY_TEXT, (flags), (fallback), (allowed), NULL, 1, (most), (check), (about)                      \
  }
#define CHOICE(path, flags, fallback, allowed, later, about)                                                 \
  {                                                                                                          \
    (path), KEY_CHOICE, (flags), (fallback), (allowed), (later), 0, 0, NULL, (about)                         \
  }
#define BOOLEAN(path, flags, fallback, later, about)                                                         \
  {                                                                                                          \
    (path), KEY_BOOLEAN, (flags), (fallback), NULL, (later), 0, 0, NULL, (about)                             \
  }
#define DURATION(path, fallback, least, most, about)                                                         \
  {                                                                                                          \
    (path), KEY_DURATION, 0, (fallback), NULL, NULL, (least), (most), NULL, (about)                          \
  }
#define NUMBER(path, fallback, least, most, about)                                                           \
  {                                                                                                          \
    (path), KEY_NUMBER, 0, (fallback), NULL, NULL, (least), (most), NULL, (about)                            \
  }
#define OPEN_MAP(path, flags, about)                                                                         \
  {                                                                                                          \
    (path), KEY_OPEN_MAP, (flags), NULL, NULL, NULL, 0, 0, NULL, (about)                                     \
  }

/* The same three everywhere: how strong, how fresh, and from whom. */
#define REQUIREMENT(parent, acr_fallback)                                                                    \
  TEXT(parent ".acr", 0, acr_fallback, 64, name_check_level, WORDS_LEVEL,                                    \
       "The level that evidence must hold."),                                                                \
      DURATION(parent ".max_age", NULL, SECOND, 3650 * DAY,                                                  \
               "How old evidence may be; an age of exactly this much still counts. Any age when left out."), \
      CHOICE(parent ".evidence", 0, "any", "any|domain|verified", NULL,                                      \
             "Whose evidence counts: `any` of the session, only what was given for this `domain`, or only "  \
             "what the domain's authority challenged and `verified` itself.")

/* Which authenticators count. */
#define AUTHENTICATORS(parent, about)                                                                        \
  MAP(parent, 0, about),                                                                                     \
      LIST(parent ".allow", 0, 1, 256, "Only these models. Each must be vouched for by its attestation."),   \
      TEXT(parent ".allow[]", 0, NULL, 36, name_check_aaguid, WORDS_AAGUID, "A model's AAGUID."),            \
      BOOLEAN(                                                                                               \
          parent ".allow_unvouched", 0, "false", NULL,                                                       \
          "`allow` takes an AAGUID at its word, though nobody vouches for it: of synced passkeys, say."),    \
      LIST(parent ".deny", 0, 1, 256, "Not these models, whether anybody vouches for them or not."),         \
      TEXT(parent ".deny[]", 0, NULL, 36, name_check_aaguid, WORDS_AAGUID, "A model's AAGUID."),             \
      CHOICE(parent ".certification", 0, "none", "none|L1|L1plus|L2|L2plus|L3|L3plus", NULL,                 \
             "The least FIDO certification, as `rp.metadata` says it."),                                     \
      LIST(parent ".attestation", 0, 1, 5,                                                                   \
           "Only these kinds of attestation. A chain that reaches no trust "                                 \
           "root counts as `none`."),                                                                        \
      CHOICE(parent ".attestation[]", 0, NULL, "none|self|basic|attca|anonca", NULL,                         \
             "A kind: `basic` covers most security keys, `attca` TPMs, `anonca` Apple's.")

/* What options say unless the request does. */
#define CEREMONY(parent, about)                                                                              \
  MAP(parent, 0, about),                                                                                     \
      LIST(parent ".hints", 0, 1, 3, "Which kind of authenticator browsers should offer first."),            \
      CHOICE(parent ".hints[]", 0, NULL, "security-key|client-device|hybrid", NULL, "WebAuthn's hint."),     \
      CHOICE(parent ".user_verification", 0, "preferred", "required|preferred|discouraged", NULL,            \
             "Whether the authenticator should verify the user. What a level asks raises it."),              \
      DURATION(parent ".timeout", NULL, 10 * SECOND, 30 * MINUTE,                                            \
               "How long the browser may wait for the person. Default and most: `rp.challenge_lifetime`.")

#define SESSION(parent, idle, absolute, whose)                                                               \
  MAP(parent, 0, "How long " whose " lasts."),                                                               \
      DURATION(parent ".idle", idle, SECOND, 3650 * DAY, "Ends after this long without use."),               \
      DURATION(parent ".absolute", absolute, SECOND, 3650 * DAY,                                             \
               "Ends after this long in any case; not shorter than `idle`.")

const config_key_t config_keys[] = {
    MAP("rp", KEY_REQUIRED, "The login server: pages, WebAuthn ceremonies, accounts, sessions."),
    TEXT("rp.id", KEY_REQUIRED, NULL, 253, url_check_rp_id, "localhost or a domain name in lower case",
         "The RP ID that passkeys are made for. It cannot be changed later without losing every passkey."),
    TEXT("rp.name", 0, NULL, 64, NULL, NULL, "What people see in the passkey dialog. Default: the id."),
    LIST("rp.origins", KEY_REQUIRED, 1, 16,
         "Where ceremonies may come from. The first web origin is the address of the pages and lies within "
         "`rp.id`; https origins elsewhere become related origins."),
    TEXT(
        "rp.origins[]", 0, NULL, 300, url_check_origin,
        "https://host[:port], http://localhost[:port], or android:apk-key-hash: with 43 base64url characters",
        "A web origin without its usual port, or an Android app's."),
    TEXT("rp.listen", KEY_REQUIRED, NULL, 300, url_check_listen, WORDS_LISTEN,
         "Where the login server listens."),
    CHOICE("rp.registration", 0, "invite", "open|invite", NULL,
           "Who may make an account: anyone, or only who got a link from `sekisho invite`."),
    CHOICE("rp.attestation", 0, "none", "none|indirect|direct|enterprise", NULL,
           "What to ask of authenticators at registration, unless the request asks itself. Never less than "
           "`direct` where `authenticators`, or the level that the passkey is made for, lets nobody in "
           "without."),
    LIST("rp.attestation_formats", 0, 1, 8,
         "Formats of attestation that browsers should prefer, best first."),
    CHOICE("rp.attestation_formats[]", 0, NULL, "packed|tpm|android-key|apple|fido-u2f|compound|none", NULL,
           "A format of WebAuthn."),
    LIST("rp.algorithms", 0, 1, 16,
         "Algorithms offered to authenticators, best first. Default: ES256, EdDSA, ES384, RS256; with "
         "`rp.conformance` also ES512, ES256K, Ed448, RS384, RS512, PS256, PS384, PS512, RS1."),
    CHOICE("rp.algorithms[]", 0, NULL,
           "ES256|ES384|ES512|ES256K|EdDSA|Ed448|RS256|RS384|RS512|PS256|PS384|PS512|RS1|ML-DSA-44|ML-DSA-65|"
           "ML-DSA-87",
           NULL, "A COSE algorithm. ML-DSA needs an OpenSSL that has it; RS1 is for `rp.conformance` alone."),
    TEXT("rp.trust_roots", 0, NULL, 1024, NULL, NULL,
         "PEM file of roots of hardware that attestation is held against, beside those that `rp.metadata` "
         "names "
         "for a model; relative to this file."),
    AUTHENTICATORS("rp.authenticators",
                   "Which authenticators may be registered. Levels and domains have such a rule too, of what "
                   "counts for them."),
    BOOLEAN("rp.authenticators.require_metadata", 0, "false", NULL,
            "Only models that `rp.metadata` knows, with an attestation that it vouches for."),
    CHOICE("rp.authenticators.compromised_logins", 0, "refuse", "refuse|alert", NULL,
           "What becomes of logins with a model that the metadata calls compromised; new ones are always "
           "refused."),
    MAP("rp.metadata", 0, "FIDO's metadata: who makes which authenticator, and what became known of it."),
    TEXT("rp.metadata.file", 0, NULL, 1024, NULL, NULL,
         "The signed BLOB as a file, read again when it changes; relative to this file."),
    TEXT("rp.metadata.url", 0, NULL, 2000, url_check_fetch, WORDS_FETCH,
         "Or where it is fetched, such as https://mds3.fidoalliance.org/."),
    TEXT("rp.metadata.roots", 0, NULL, 1024, NULL, NULL,
         "PEM file of the root that the BLOB's certificates must reach; relative to this file."),
    TEXT("rp.metadata.signer", 0, NULL, 253, url_check_rp_id, "a domain name in lower case",
         "DNS name that the signer's certificate must be for. FIDO's is `mds.fidoalliance.org`, and its root "
         "is one of "
         "the public web's: without a name anyone with a certificate from there could sign. Set by itself "
         "for a `url` "
         "below fidoalliance.org."),
    TEXT("rp.metadata.crls", 0, NULL, 1024, NULL, NULL,
         "PEM file of revocation lists for those certificates; relative to this file."),
    TEXT("rp.metadata.statements", 0, NULL, 1024, NULL, NULL,
         "Folder of metadata statements (*.json) of models that no BLOB has; relative to this file. The "
         "operator vouches for them. With `rp.conformance` also of signed BLOBs (*.jwt)."),
    DURATION("rp.metadata.refresh", "6h", MINUTE, 30 * DAY, "How often to look for a newer one."),
    CHOICE("rp.metadata.stale", 0, "warn", "warn|refuse", NULL,
           "What to do when the BLOB's `nextUpdate` has passed: only say so, or take no word of it for new "
           "registrations."),
    CHOICE("rp.sign_count", 0, "refuse", "refuse|alert", NULL,
           "What becomes of a login whose signature counter has not grown, a sign of a copied key. It is "
           "audited in any case."),
    MAP("rp.backup", 0, "Passkeys that a provider keeps and syncs."),
    CHOICE("rp.backup.eligible", 0, "allow", "allow|refuse", NULL,
           "Whether passkeys that can be synced may be registered."),
    CHOICE("rp.backup.change", 0, "allow", "allow|refuse", NULL,
           "Whether a passkey may sign in after its backup state has changed. It is audited in any case."),
    CEREMONY("rp.create", "Defaults for registration."),
    CHOICE("rp.create.attachment", 0, NULL, "platform|cross-platform", NULL,
           "Only authenticators of the device itself, or only others. Default: any."),
    CHOICE("rp.create.resident_key", 0, "required", "required|preferred|discouraged", NULL,
           "Whether the passkey can be found without a user name."),
    BOOLEAN(
        "rp.create.conditional", 0, "false", NULL,
        "Pages may make a passkey in the background after another kind of sign-in, where the browser finds "
        "that fit. The person need not touch anything then, so it counts for no sign-in yet."),
    CEREMONY("rp.get", "Defaults for authentication."),
    MAP("rp.extensions", 0, "WebAuthn extensions. Callers may ask for others; they are passed on."),
    BOOLEAN("rp.extensions.cred_props", 0, "true", NULL, "Asks whether the passkey is discoverable."),
    CHOICE(
        "rp.extensions.cred_protect", 0, "none",
        "none|userVerificationOptional|userVerificationOptionalWithCredentialIDList|userVerificationRequired",
        NULL, "The protection asked of security keys at registration (CTAP 2.1 credProtect)."),
    BOOLEAN("rp.extensions.cred_protect_enforced", 0, "false", NULL,
            "Refuses keys that do not give it; browsers then let only such keys register."),
    BOOLEAN("rp.extensions.min_pin_length", 0, "false", NULL, "Asks for the least PIN length of the key."),
    BOOLEAN("rp.extensions.uvm", 0, "false", NULL, "Asks how the user was verified."),
    BOOLEAN("rp.extensions.prf", 0, "true", NULL, "Callers may ask for prf, secrets bound to a passkey."),
    BOOLEAN("rp.extensions.large_blob", 0, "true", NULL,
            "Callers may ask for largeBlob, storage in a passkey."),
    TEXT("rp.extensions.appid", 0, NULL, 1024, url_check_https, WORDS_HTTPS,
         "The AppID of U2F keys that were registered before WebAuthn: they may sign in, and are not enrolled "
         "twice."),
    CHOICE("rp.extensions.unsolicited", 0, "ignore", "ignore|refuse", NULL,
           "What becomes of extension outputs that nobody asked for."),
    MAP("rp.cross_origin", 0, "Ceremonies in frames that other sites embed."),
    BOOLEAN("rp.cross_origin.allow", 0, "false", NULL, "Whether any are taken."),
    LIST("rp.cross_origin.top_origins", 0, 1, 64, "The sites that may embed, when browsers name them."),
    TEXT("rp.cross_origin.top_origins[]", 0, NULL, 300, url_check_origin, "https://host[:port]",
         "An origin."),
    MAP("rp.apps", 0,
        "Apps that share these passkeys: they make assetlinks.json and "
        "apple-app-site-association, and the origins of Android's."),
    LIST("rp.apps.android", 0, 1, 16, "Android apps."),
    MAP("rp.apps.android[]", 0, "One app."),
    TEXT("rp.apps.android[].package", KEY_REQUIRED, NULL, 200, name_check_package,
         "segments of letters, digits and _ with dots between them", "Its application id."),
    LIST("rp.apps.android[].sha256_cert_fingerprints", KEY_REQUIRED, 1, 8,
         "Its signing certificates; each is an origin too."),
    TEXT("rp.apps.android[].sha256_cert_fingerprints[]", 0, NULL, 95, name_check_fingerprint,
         "32 pairs of hex digits in capitals with colons between them",
         "As `keytool` and the Play Console print it."),
    LIST("rp.apps.apple", 0, 1, 16, "Apps for iOS, iPadOS, macOS."),
    TEXT("rp.apps.apple[]", 0, NULL, 200, name_check_apple_app, "TEAMID.bundle.id", "Team and bundle id."),
    SESSION("rp.session", "30d", "90d", "a login session"),
    DURATION("rp.challenge_lifetime", "5m", 10 * SECOND, 30 * MINUTE,
             "How long a ceremony may take between options and result."),
    MAP("rp.rate_limit", 0, "How many ceremonies and logins one address may try; others are answered 429."),
    NUMBER("rp.rate_limit.burst", "600", 1, 1000000000, "At once, after a quiet time."),
    NUMBER("rp.rate_limit.per_minute", "1200", 1, 1000000000, "In the long run."),
    BOOLEAN("rp.rate_limit.loopback", 0, "false", NULL,
            "Whether addresses of this host count too; off, since a proxy there speaks for everybody."),
    TEXT("rp.home", 0, NULL, 1024, url_check_base, WORDS_BASE_URL,
         "Where `/` leads. Default: the account page, or the login page."),
    BOOLEAN("rp.conformance", 0, "false", NULL,
            "The deviations that the FIDO conformance tools ask for; refused unless every web origin is on "
            "localhost or below .test."),
    TEXT("rp.database", 0, "rp.db", 1024, NULL, NULL,
         "SQLite file, relative to this file; or the address of a PostgreSQL database that several nodes "
         "share, "
         "`postgresql://user@host/name?passfile=/etc/sekisho/pgpass`, whose schema `sekisho_rp` is used "
         "([nodes](operations.md#several-nodes))."),

    MAP("authority", KEY_REQUIRED, "The token server: one issuer per domain."),
    TEXT("authority.listen", KEY_REQUIRED, NULL, 300, url_check_listen, WORDS_LISTEN,
         "Where clients reach the issuers."),
    TEXT("authority.internal", KEY_REQUIRED, NULL, 300, url_check_listen, WORDS_LISTEN,
         "Where gateways and operators reach check and metrics. Keep it off the public network."),
    TEXT("authority.database", 0, "authority.db", 1024, NULL, NULL,
         "SQLite file, relative to this file; one per domain is derived from it, such as authority-pay.db. "
         "Or the "
         "address of a PostgreSQL database, with a schema per domain, such as `sekisho_domain_pay`; "
         "`{domain}` in "
         "it becomes the domain, for a role or a database of each domain's own."),

    MAP("authority.client_certificate", 0,
        "Where the proxy in front of `listen` says with which certificate a client connected (mutual TLS). "
        "It must overwrite what clients send under that name."),
    TEXT("authority.client_certificate.header", KEY_REQUIRED, NULL, 64, name_check_header, WORDS_HEADER,
         "The header's name, such as Client-Cert."),
    CHOICE("authority.client_certificate.format", 0, "rfc9440", "rfc9440|pem", NULL,
           "`rfc9440`: base64 of the DER between colons; `pem`: PEM, percent-encoded, as nginx's "
           "$ssl_client_escaped_cert."),
    LIST("authority.client_certificate.from", 0, 1, 16,
         "The addresses of that proxy; from others the header says nothing. Default: 127.0.0.1 and ::1."),
    TEXT("authority.client_certificate.from[]", 0, NULL, 64, name_check_address, "an IP address",
         "An address."),
    MAP("authority.gateway_certificate", 0,
        "The same of gateways, which pass on at `internal` with which certificate a client called them."),
    TEXT("authority.gateway_certificate.header", KEY_REQUIRED, NULL, 64, name_check_header, WORDS_HEADER,
         "The header's name."),
    CHOICE("authority.gateway_certificate.format", 0, "rfc9440", "rfc9440|pem", NULL, "As above."),

    LIST("levels", 0, 1, 8,
         "Replaces the built-in levels (`urn:sekisho:acr:presence`, `phr`, `phrh`), weakest first; each "
         "implies those "
         "before it."),
    MAP("levels[]", 0, "One level: what evidence must show beside user presence."),
    TEXT("levels[].name", KEY_REQUIRED, NULL, 64, name_check_level,
         "printable ASCII without space, quotes or backslash", "The `acr` value."),
    BOOLEAN("levels[].user_verified", 0, "false", NULL,
            "The authenticator verified the user: PIN, fingerprint, face."),
    BOOLEAN("levels[].device_bound", 0, "false", NULL, "The passkey cannot be synced."),
    BOOLEAN("levels[].attested_hardware", 0, "false", NULL,
            "Attestation reached one of `rp.trust_roots`, or metadata "
            "that says the model keeps its keys in hardware."),
    AUTHENTICATORS("levels[].authenticators", "Which authenticators hold the level."),

    LIST("domains", KEY_REQUIRED, 1, 64,
         "The isolated service domains, each with its own issuer, keys and store."),
    MAP("domains[]", 0, "One domain."),
    TEXT("domains[].id", KEY_REQUIRED, NULL, 32, name_check_id, WORDS_ID,
         "Its short name, used in paths and file names."),
    TEXT("domains[].name", 0, NULL, 64, NULL, NULL, "What people see. Default: the id."),
    TEXT("domains[].issuer", KEY_REQUIRED, NULL, 300, url_check_base, WORDS_BASE_URL,
         "The issuer URL of its tokens; its endpoints lie below."),
    TEXT("domains[].external_url", 0, NULL, 300, url_check_base, WORDS_BASE_URL,
         "Where the gateway serves this domain."),
    BOOLEAN("domains[].gateway_session", 0, "false", NULL,
            "Whether browsers may come to `external_url` without an access token: the gateway sends them to "
            "sign in, and a cookie of that host is their session, for as long as `session` says. It holds "
            "every scope of the domain; how fresh the sign-in must be is the routes' and scopes' matter."),
    CHOICE("domains[].algorithm", 0, "ES256", "ES256|EdDSA|RS256", NULL, "How its tokens are signed."),
    CHOICE(
        "domains[].profile", 0, "default", "default|fapi2", NULL,
        "`fapi2`: what the FAPI 2.0 Security Profile asks. Requests are pushed, clients prove themselves by "
        "private_key_jwt with ES256, EdDSA or PS256 to the issuer alone, or by mutual TLS, tokens are bound "
        "by "
        "DPoP or to a certificate, refresh tokens do not rotate."),
    TEXT(
        "domains[].client_ca_file", 0, NULL, 1024, NULL, NULL,
        "PEM file of the authorities that issue clients' certificates, for tls_client_auth; relative to this "
        "file. One that is no root is enough by itself."),
    TEXT("domains[].mtls_url", 0, NULL, 300, url_check_base, WORDS_BASE_URL,
         "Where the same endpoints ask clients for a certificate, if not at the issuer: the metadata's "
         "mtls_endpoint_aliases lie below."),
    BOOLEAN("domains[].require_pushed_authorization_requests", 0, "false", NULL,
            "Whether every client must push its requests (RFC 9126)."),
    CHOICE("domains[].subject_type", 0, "pairwise", "pairwise|public", NULL,
           "Whether `sub` and `sid` differ from domain to domain. Those of `public` domains are alike; to "
           "change it "
           "makes every person another one to the domain."),
    CHOICE(
        "domains[].binding", 0, "first_use", "first_use|ticket|bound_key", NULL,
        "How a person's key gets into the domain's own keeping, where `evidence: verified` asks for it: the "
        "first one at its `first_use`, or each with a `ticket` of the operator's. `bound_key`, with "
        "`origin`: "
        "the first one at its first use, a further one when a key that is bound confirms it. Otherwise a "
        "further key takes a ticket."),
    TEXT("domains[].origin", 0, NULL, 300, url_check_origin, "https://host[:port]",
         "The host of the domain's own page. Where evidence is to be verified, only touches on that page "
         "count, and the code goes to the browser that was touched. The gateway of that host passes "
         "`/.sekisho/` on to the authority."),
    MAP("domains[].entry", 0, "What entering the domain takes."),
    REQUIREMENT("domains[].entry", "phr"),
    AUTHENTICATORS("domains[].authenticators",
                   "Which authenticators the domain takes, whoever enrolled them."),
    SESSION("domains[].session", "30m", "24h", "the domain's part of a session"),
    NAMED("domains[].scopes", 0, 256, name_check_scope, WORDS_SCOPE,
          "Its scopes by name. A requirement here joins that of `entry` and only raises it."),
    MAP("domains[].scopes.*", 0, "One scope; `{}` asks for no more than `entry`."),
    REQUIREMENT("domains[].scopes.*", NULL),
    MAP("domains[].scopes.*.title", 0, "What the step-up page calls it. Default: the scope's name."),
    TEXT("domains[].scopes.*.title.en", 0, NULL, 100, NULL, NULL, "In English."),
    TEXT("domains[].scopes.*.title.ja", 0, NULL, 100, NULL, NULL, "In Japanese."),
    NAMED("domains[].authorization_details", 0, 64, name_check_scope, WORDS_SCOPE,
          "Types of authorization details (RFC 9396) by name: what clients may ask for beyond scopes, one "
          "payment for example (docs/integrations/payments.md)."),
    MAP("domains[].authorization_details.*", 0,
        "One type. A requirement here joins that of `entry` and only raises it."),
    REQUIREMENT("domains[].authorization_details.*", NULL),
    OPEN_MAP("domains[].authorization_details.*.schema", KEY_REQUIRED,
             "What its members are, beside `type`: a subset of JSON Schema (object, array, string, integer, "
             "number, boolean; properties, required, items, enum, const, maxLength, maxItems, minimum, "
             "maximum). Members that it does not name are refused."),
    MAP("domains[].authorization_details.*.display", KEY_REQUIRED,
        "How it is said to people, with `{member}` and `{member.member}` in it."),
    TEXT("domains[].authorization_details.*.display.en", KEY_REQUIRED, NULL, 200, NULL, NULL, "In English."),
    TEXT("domains[].authorization_details.*.display.ja", KEY_REQUIRED, NULL, 300, NULL, NULL, "In Japanese."),
    BOOLEAN(
        "domains[].authorization_details.*.bound", 0, "false", NULL,
        "Whether each one needs an approval of its own: a passkey's signature whose challenge covers what "
        "the person was shown. Its token carries it once."),
    TEXT("domains[].authorization_details.*.scope", 0, NULL, 64, name_check_scope, WORDS_SCOPE,
         "A scope that the client must be allowed to ask for, and whose requirement counts as well."),
    LIST("domains[].routes", 0, 0, 1000,
         "What the gateway check lets through; the first match wins, no match is denied."),
    MAP("domains[].routes[]", 0, "One route."),
    TEXT("domains[].routes[].match", KEY_REQUIRED, NULL, 300, name_check_match,
         "METHOD /path: method in capitals or *; segments are plain text or {name}, the last may be **",
         "Method and path, such as `GET /accounts/{id}` or `* /static/**`."),
    BOOLEAN("domains[].routes[].public", 0, "false", NULL,
            "Lets everyone through; such a route has nothing else beside `match`."),
    LIST("domains[].routes[].scopes", 0, 0, 32,
         "The external token needs all of these, and what they require."),
    TEXT("domains[].routes[].scopes[]", 0, NULL, 64, name_check_scope, WORDS_SCOPE, "A scope of the domain."),
    TEXT("domains[].routes[].service", 0, NULL, 32, name_check_id, WORDS_ID,
         "The service behind the route: audience of the internal token."),
    LIST("domains[].routes[].grants", 0, 0, 32, "The scopes of the internal token, 1000 bytes in all."),
    TEXT("domains[].routes[].grants[]", 0, NULL, 64, name_check_scope, WORDS_SCOPE,
         "What the service offers."),
    REQUIREMENT("domains[].routes[]", NULL),
    MAP("domains[].access_token", 0, "External tokens."),
    DURATION("domains[].access_token.lifetime", "10m", 10 * SECOND, DAY, "How long one is valid."),
    TEXT("domains[].access_token.audience", 0, NULL, 300, url_check_base, WORDS_BASE_URL,
         "Its `aud`. Default: `external_url`, else the issuer."),
    MAP("domains[].refresh_token", 0, "Refresh tokens. Each is used once and replaced by its successor."),
    DURATION("domains[].refresh_token.idle", "30d", MINUTE, 3650 * DAY,
             "Ends when it is not used for this long."),
    DURATION("domains[].refresh_token.absolute", "90d", MINUTE, 3650 * DAY,
             "Ends after this long in any case, counted from its code; not shorter than `idle`."),
    DURATION(
        "domains[].refresh_token.grace", "0s", 0, MINUTE,
        "How long after its use one may be sent again by the same client and gets the same successor, for "
        "an answer that was lost. Later, and with 0s always, a second use revokes all that came of it."),
    BOOLEAN(
        "domains[].refresh_token.ends_with_session", 0, "true", NULL,
        "`false`: those that `offline_access` gives go on when the session has ended, until their own end, a "
        "revocation, or everything of the person ends (disabled, deleted, signed out everywhere)."),
    MAP("domains[].internal_token", 0, "Internal tokens (transaction tokens), made by the gateway check."),
    DURATION("domains[].internal_token.lifetime", "60s", SECOND, 5 * MINUTE, "How long one is valid."),
    TEXT("domains[].internal_token.audience", 0, NULL, 128, name_check_scope, "printable ASCII without space",
         "The trust domain in its `aud`. Default: ID.internal."),
    DURATION("domains[].internal_token.reuse", "0s", 0, 5 * MINUTE,
             "For how long one may serve equal calls; shorter than `lifetime`."),

    BOOLEAN(
        "domains[].dpop_nonces", 0, "true", NULL,
        "Whether DPoP proofs must carry a nonce of this server, which says when they were made; without, the "
        "clients' clocks say it."),

    LIST("domains[].clients", 0, 0, 1000, "Who may ask for tokens, by the names of RFC 7591."),
    MAP("domains[].clients[]", 0, "One client."),
    TEXT("domains[].clients[].id", KEY_REQUIRED, NULL, 64, name_check_client,
         "letters, digits and . _ ~ -, 64 at most", "Its `client_id`."),
    TEXT("domains[].clients[].name", 0, NULL, 64, NULL, NULL, "What people see. Default: the id."),
    TEXT("domains[].clients[].client_name", 0, NULL, 64, NULL, NULL,
         "The same as `name`, as RFC 7591 calls it."),
    BOOLEAN("domains[].clients[].public", 0, NULL, NULL,
            "The client keeps no secret and is known by its redirect URI and PKCE."),
    CHOICE(
        "domains[].clients[].token_endpoint_auth_method", 0, "none",
        "none|client_secret_basic|client_secret_post|private_key_jwt|tls_client_auth|self_signed_tls_client_"
        "auth",
        NULL,
        "How the client shows who it is, in this way and no other; `none` says the same as `public: true`."),
    LIST("domains[].clients[].redirect_uris", 0, 1, 32,
         "Where codes may go; compared as they stand. Needed for the grant authorization_code."),
    TEXT(
        "domains[].clients[].redirect_uris[]", 0, NULL, 2000, url_check_redirect,
        "https, http on localhost, 127.0.0.1 or [::1], or a private-use scheme with a dot; no fragment, no *",
        "An absolute URI."),
    LIST("domains[].clients[].post_logout_redirect_uris", 0, 0, 32,
         "Where logout may lead back to; compared as they stand."),
    TEXT("domains[].clients[].post_logout_redirect_uris[]", 0, NULL, 2000, url_check_redirect,
         "as redirect_uris", "An absolute URI."),
    TEXT("domains[].clients[].scope", 0, NULL, 2000, NULL, NULL,
         "The scopes it may ask for, separated by spaces. Default: all of the domain; needed for "
         "client_credentials."),
    LIST("domains[].clients[].authorization_details_types", 0, 0, 64,
         "The types of authorization details that it may send (RFC 9396 §10). Default: none."),
    TEXT("domains[].clients[].authorization_details_types[]", 0, NULL, 64, name_check_scope, WORDS_SCOPE,
         "A type of the domain."),
    MAP("domains[].clients[].entry", 0, "What this client asks beyond the domain's `entry`."),
    REQUIREMENT("domains[].clients[].entry", NULL),
    LIST("domains[].clients[].grant_types", 0, 1, 8,
         "The grants it uses. Default: authorization_code, and refresh_token on request."),
    CHOICE(
        "domains[].clients[].grant_types[]", 0, NULL,
        "authorization_code|refresh_token|client_credentials|urn:ietf:params:oauth:grant-type:token-exchange|"
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        NULL,
        "`client_credentials`: the client acts in its own name, with scopes that ask for nobody. With "
        "`refresh_token` it always gets refresh tokens, without it never; without the list, when it asks for "
        "the scope offline_access. Others are not given out by this version."),
    LIST("domains[].clients[].response_types", 0, 1, 1, "What it asks of /authorize."),
    CHOICE("domains[].clients[].response_types[]", 0, NULL, "code", NULL, "Only the code flow exists."),
    CHOICE("domains[].clients[].application_type", 0, "web", "web|native", NULL, "For the operator's eyes."),
    CHOICE("domains[].clients[].subject_type", 0, NULL, "pairwise|public", NULL, "Must be the domain's."),
    CHOICE("domains[].clients[].id_token_signed_response_alg", 0, NULL, "ES256|EdDSA|RS256", NULL,
           "Must be the domain's `algorithm`."),
    BOOLEAN("domains[].clients[].require_auth_time", 0, "true", NULL, "ID tokens always have it."),
    CHOICE("domains[].clients[].dpop", 0, "allowed", "required|allowed|off", NULL,
           "Whether its tokens are bound to a key that it proves at every use (DPoP, RFC 9449)."),
    BOOLEAN("domains[].clients[].dpop_bound_access_tokens", 0, "false", NULL,
            "`true` is RFC 9449's word for `dpop: required`."),
    CHOICE("domains[].clients[].certificate_binding", 0, "off", "required|allowed|off", NULL,
           "Whether its tokens are bound to the certificate of its connection (mutual TLS, RFC 8705). With "
           "`allowed` they are where it shows one and no DPoP proof."),
    BOOLEAN("domains[].clients[].tls_client_certificate_bound_access_tokens", 0, "false", NULL,
            "`true` is RFC 8705's word for `certificate_binding: required`."),
    BOOLEAN("domains[].clients[].first_party", 0, "false", NULL,
            "Whether it is an application of yours on people's devices, which may bring them in without a "
            "browser: `/{domain}/challenge` (docs/integrations/android.md, ios.md)."),
    BOOLEAN("domains[].clients[].third_party", 0, "false", NULL,
            "Whether it is somebody else's: people are asked, once for its scopes, before it gets anything "
            "of theirs."),
    BOOLEAN("domains[].clients[].require_pushed_authorization_requests", 0, "false", NULL,
            "Whether it must push its requests (RFC 9126)."),
    TEXT("domains[].clients[].default_max_age", KEY_REFUSED, NULL, 0, NULL, "entry: {max_age: …}",
         "Use `entry`."),
    LIST("domains[].clients[].default_acr_values", KEY_REFUSED, 0, 0, "Use `entry`."),
    TEXT("domains[].clients[].default_acr_values[]", 0, NULL, 0, NULL, NULL, "Use `entry`."),
    TEXT("domains[].clients[].backchannel_logout_uri", 0, NULL, 2000, url_check_fetch, WORDS_FETCH,
         "Where it is told that a session in which it was given something has ended (OpenID Connect "
         "Back-Channel Logout)."),
    BOOLEAN("domains[].clients[].backchannel_logout_session_required", 0, "true", NULL,
            "Logout tokens always say which session."),
    TEXT("domains[].clients[].client_secret_file", 0, NULL, 1024, NULL, NULL,
         "File of the client's secret, for the client_secret methods: 32 to 256 visible ASCII characters, "
         "closed to group and others, below this file's folder."),
    OPEN_MAP("domains[].clients[].jwks", 0,
             "Its public keys, for private_key_jwt: `{keys: [...]}`; for self_signed_tls_client_auth each "
             "with its "
             "certificate as `x5c`."),
    TEXT(
        "domains[].clients[].jwks_uri", 0, NULL, 2000, url_check_fetch, WORDS_FETCH,
        "Or where they are fetched, when an assertion comes; once more when it names a key that is not among "
        "them."),
    CHOICE("domains[].clients[].token_endpoint_auth_signing_alg", 0, NULL, "ES256|ES384|EdDSA|PS256|RS256",
           NULL, "The only algorithm of its assertions, for private_key_jwt. Default: that of each key."),
    CHOICE("domains[].clients[].client_assertion_audience", 0, "issuer", "issuer|token_endpoint", NULL,
           "`token_endpoint`: its assertions may name the token endpoint too, as OpenID Connect Core has it. "
           "Ours, "
           "not RFC 7591's."),
    TEXT("domains[].clients[].tls_client_auth_subject_dn", 0, NULL, 1000, NULL, NULL,
         "For tls_client_auth, one of five: the subject of its certificate, as RFC 4514 writes it: "
         "`CN=billing,O=Example,C=JP`."),
    TEXT("domains[].clients[].tls_client_auth_san_dns", 0, NULL, 253, NULL, NULL,
         "Or a DNS name among its alternative names."),
    TEXT("domains[].clients[].tls_client_auth_san_uri", 0, NULL, 2000, NULL, NULL,
         "Or a URI, such as a SPIFFE ID."),
    TEXT("domains[].clients[].tls_client_auth_san_ip", 0, NULL, 64, NULL, NULL, "Or an IP address."),
    TEXT("domains[].clients[].tls_client_auth_san_email", 0, NULL, 254, NULL, NULL, "Or an email address."),
    TEXT("domains[].clients[].client_uri", 0, NULL, 2000, url_check_https, WORDS_HTTPS,
         "For the operator's eyes."),
    TEXT("domains[].clients[].logo_uri", 0, NULL, 2000, url_check_https, WORDS_HTTPS,
         "For the operator's eyes: pages load nothing from elsewhere."),
    TEXT("domains[].clients[].tos_uri", 0, NULL, 2000, url_check_https, WORDS_HTTPS,
         "For the operator's eyes."),
    TEXT("domains[].clients[].policy_uri", 0, NULL, 2000, url_check_https, WORDS_HTTPS,
         "For the operator's eyes."),
    LIST("domains[].clients[].contacts", 0, 0, 8, "For the operator's eyes."),
    TEXT("domains[].clients[].contacts[]", 0, NULL, 320, NULL, NULL, "An e-mail address."),
    TEXT("domains[].clients[].software_id", 0, NULL, 128, NULL, NULL, "For the operator's eyes."),
    TEXT("domains[].clients[].software_version", 0, NULL, 64, NULL, NULL, "For the operator's eyes."),

    LIST("domains[].services", 0, 0, 256, "What each service offers, and what that lets it ask of others."),
    MAP("domains[].services[]", 0, "One service."),
    TEXT("domains[].services[].id", KEY_REQUIRED, NULL, 32, name_check_id, WORDS_ID,
         "Its name, as routes use it."),
    MAP("domains[].services[].identity", KEY_REQUIRED, "The workload token by which it is known."),
    TEXT("domains[].services[].identity.issuer", KEY_REQUIRED, NULL, 300, url_check_https, WORDS_HTTPS,
         "One of `workload_issuers`."),
    NAMED("domains[].services[].identity.claims", KEY_REQUIRED, 16, NULL, NULL,
          "All of these claims, exactly, byte by byte. Members of structured claims by their path, such as "
          "`kubernetes.io/namespace`; of a list one entry must be the value. Nothing is a wildcard."),
    TEXT("domains[].services[].identity.claims.*", 0, NULL, 512, NULL, NULL, "The claim's value."),
    NAMED("domains[].services[].identity.claims_prefix", 0, 16, NULL, NULL,
          "And these, which must begin so. End a prefix with the separator of what it leaves open."),
    TEXT("domains[].services[].identity.claims_prefix.*", 0, NULL, 512, NULL, NULL, "How the claim begins."),
    NAMED("domains[].services[].offers", 0, 256, name_check_scope, WORDS_SCOPE,
          "The scopes it offers; each names what a call under it may ask of other services."),
    NAMED("domains[].services[].offers.*", 0, 64, name_check_id, WORDS_ID, "By service."),
    LIST("domains[].services[].offers.*.*", 0, 1, 64, "Scopes of that service."),
    TEXT("domains[].services[].offers.*.*[]", 0, NULL, 64, name_check_scope, WORDS_SCOPE,
         "One of its offers."),
    NAMED("domains[].services[].own", 0, 64, name_check_id, WORDS_ID,
          "What a batch job may ask in its own name, by service."),
    LIST("domains[].services[].own.*", 0, 1, 64, "Scopes of that service."),
    TEXT("domains[].services[].own.*[]", 0, NULL, 64, name_check_scope, WORDS_SCOPE, "One of its offers."),

    LIST("domains[].workload_issuers", 0, 0, 64, "Whose workload tokens are believed."),
    MAP("domains[].workload_issuers[]", 0, "Kubernetes, GitHub Actions, or any OpenID Connect issuer."),
    TEXT("domains[].workload_issuers[].issuer", KEY_REQUIRED, NULL, 300, url_check_https, WORDS_HTTPS,
         "Its `iss`."),
    TEXT("domains[].workload_issuers[].audience", KEY_REQUIRED, NULL, 300, NULL, NULL,
         "The `aud` that its tokens must have, and no other: one that is made for this domain."),
    TEXT("domains[].workload_issuers[].jwks_file", 0, NULL, 1024, NULL, NULL,
         "Its keys in a file, or `jwks_uri`."),
    TEXT("domains[].workload_issuers[].jwks_uri", 0, NULL, 2000, url_check_fetch, WORDS_FETCH,
         "Where its keys are, or `jwks_file`."),
    DURATION("domains[].workload_issuers[].max_lifetime", "24h", MINUTE, 7 * DAY,
             "Tokens that were made for longer are refused."),

    LIST("domains[].trusts", KEY_LATER, 0, 64,
         "Whose JWT authorization grants this domain accepts, for what at most."),
    MAP("domains[].trusts[]", 0, "A domain of this file, or an issuer elsewhere."),
    TEXT("domains[].trusts[].domain", 0, NULL, 32, name_check_id, WORDS_ID,
         "A domain of this file, or `issuer`."),
    TEXT("domains[].trusts[].issuer", 0, NULL, 300, url_check_base, WORDS_BASE_URL, "An issuer elsewhere."),
    TEXT("domains[].trusts[].jwks_uri", 0, NULL, 2000, url_check_https, WORDS_HTTPS, "That issuer's keys."),
    LIST("domains[].trusts[].scopes", 0, 0, 64, "The most that such a grant may give."),
    TEXT("domains[].trusts[].scopes[]", 0, NULL, 64, name_check_scope, WORDS_SCOPE,
         "A scope of this domain."),
    TEXT("domains[].trusts[].max_acr", 0, NULL, 64, name_check_level, WORDS_LEVEL,
         "The highest level believed."),
};
const size_t config_key_count = sizeof config_keys / sizeof config_keys[0];
