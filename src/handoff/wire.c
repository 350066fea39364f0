#include "handoff/wire.h"

const handoff_message_t handoff_messages[HANDOFF_KINDS] = {
    [HANDOFF_BEGIN] = {"authz_begin", "/handoff/authz_begin"},
    [HANDOFF_FINISH] = {"authz_finish", "/handoff/authz_finish"},
    [HANDOFF_SESSION_ENDED] = {"session_ended", "/handoff/session_ended"},
    [HANDOFF_CLAIMS_CHANGED] = {"claims_changed", "/handoff/claims_changed"},
    [HANDOFF_LOGOUT] = {"logout", "/handoff/logout"},
    [HANDOFF_APPLICATIONS] = {"applications", "/handoff/applications"},
    [HANDOFF_CONSENT_WITHDRAWN] = {"consent_withdrawn", "/handoff/consent_withdrawn"},
};

const char *const wire_outcome_names[WIRE_OUTCOMES] = {
    [HANDOFF_RESPOND] = "respond",
    [HANDOFF_ERROR_PAGE] = "error_page",
    [HANDOFF_AUTHENTICATE] = "authenticate",
    [HANDOFF_CLAIMS] = "claims",
};

const char *const wire_logout_outcome_names[WIRE_LOGOUT_OUTCOMES] = {
    [HANDOFF_LOGOUT_END] = "end",
    [HANDOFF_LOGOUT_CONFIRM] = "confirm",
    [HANDOFF_LOGOUT_REFUSE] = "refuse",
};

const char *const wire_kind_names[WIRE_KINDS] = {
    [EVIDENCE_ANY] = "any",
    [EVIDENCE_DOMAIN] = "domain",
    [EVIDENCE_VERIFIED] = "verified",
};
