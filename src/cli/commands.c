#include <string.h>

#include "cli/cli.h"

const command_t commands[] = {
    {"init", "make a folder with a configuration, keys and databases",
     "sekisho init DIR [--rp-id localhost] [--port 8080]\n"
     "Writes DIR/sekisho.yaml with two example domains, keys and databases; never overwrites.",
     command_init},
    {"serve", "run rp and authority under a supervisor",
     "sekisho serve -c FILE\n"
     "SIGTERM drains and ends both; SIGHUP rereads the configuration and keeps the old one when the new one "
     "is wrong.",
     command_serve},
    {"rp", "run the relying party alone", "sekisho rp -c FILE", command_rp},
    {"authority", "run the authority alone, of all domains or one", "sekisho authority -c FILE [--domain ID]",
     command_authority},
    {"demo", "run everything with two example products, in a temporary folder",
     "sekisho demo [--port 8080]\n"
     "Takes five ports from this one on: login, issuers, gateway checks, pay, coin.",
     command_demo},
    {"check-config", "check a configuration and name every error", "sekisho check-config FILE",
     command_check_config},
    {"user", "accounts: add, list, show, claims, disable, enable, delete",
     "sekisho user add NAME [--display-name TEXT] | list | show NAME | disable NAME | enable NAME | "
     "delete NAME [--yes] | claims NAME [--set CLAIM=VALUE]... [--clear CLAIM]...  [-c FILE] [--json]\n"
     "Claims are those of OpenID Connect (name, email, email_verified, address.locality, ...): a domain is "
     "told those "
     "whose scope it asks for.\n"
     "Disabling and deleting end the sessions, and the domains are told. Deleting asks first at a terminal, "
     "and never in a script.",
     command_user},
    {"invite", "make a link to enrol a passkey, good once, for 15 minutes",
     "sekisho invite NAME [-c FILE] [--json]\n"
     "Makes the account if there is none. The first line of the output is the link.",
     command_invite},
    {"recovery", "make a link for somebody who has lost all passkeys",
     "sekisho recovery NAME [-c FILE] [--json]\n"
     "As invite, for an account that exists. The first line of the output is the link.",
     command_recovery},
    {"credential", "passkeys of an account: list, revoke",
     "sekisho credential list NAME | revoke NAME ID  [-c FILE] [--json]\n"
     "Revoking ends the account's sessions too.",
     command_credential},
    {"session", "sessions of an account: list, revoke",
     "sekisho session list NAME | revoke NAME ID | revoke NAME --all  [-c FILE] [--json]\n"
     "The domains are told at once, or as soon as they can be reached.",
     command_session},
    {"client", "clients of the domains: list, add, rotate, remove",
     "sekisho client list [--domain D] [-c FILE] [--json]\n"
     "       sekisho client add DOMAIN --name TEXT [--redirect-uri URI]... [--scope WORDS] [--confidential] "
     "[--client-credentials] [--refresh-tokens] [--post-logout-redirect-uri URI]... [--method M] [--jwks "
     "FILE] [--metadata FILE] [--dpop-bound] [--pushed] [--third-party]\n"
     "       sekisho client rotate DOMAIN ID [--at-once] | remove DOMAIN ID\n"
     "add makes a client in the domain's store, beside those of the configuration: a public one, or with "
     "--confidential one with a secret (client_secret_basic; --method client_secret_post), or with --jwks "
     "one "
     "with keys (private_key_jwt). --client-credentials lets it act in its own name, --refresh-tokens gives "
     "it refresh tokens; --metadata takes more members of RFC 7591 from a file of JSON, such as jwks_uri and "
     "backchannel_logout_uri. Its tokens may have to be --dpop-bound and its requests --pushed; before a "
     "--third-party client gets anything, people are asked. The first line of the "
     "output is the id, the second the secret, told this once. rotate makes a new secret; the old one is "
     "good "
     "for 24 hours, or with --at-once no more. Removing ends what the client was given.",
     command_client},
    {"key", "signing keys of a domain: list, rotate",
     "sekisho key list DOMAIN | rotate DOMAIN  [-c FILE] [--json]\n"
     "Rotating makes the published next key the signing one; the first line of the output is its kid. No "
     "token is refused for it.",
     command_key},
    {"binding", "a person's keys in a domain's own keeping: list, ticket, remove",
     "sekisho binding list | ticket | remove  --domain D --subject S  [-c FILE] [--json]\n"
     "For domains with evidence: verified. S is the person's sub in that domain. A ticket lets one more "
     "passkey in, at its next sign-in within 15 minutes. Removing forgets all keys of the person: with "
     "binding: first_use the next one used is bound.",
     command_binding},
    {"audit", "the audit log: show, verify",
     "sekisho audit show [--domain D] [--subject TEXT] [--limit N] [--transaction ID] | verify [--domain D]  "
     "[-c FILE] "
     "[--json]\n"
     "Without --domain, the log of the login server. verify walks the chain of hashes and prints the last "
     "one; "
     "exit code 1: the log was changed.",
     command_audit},
    {"metadata", "FIDO's metadata of authenticator models: show, update, check",
     "sekisho metadata show [AAGUID] [--all] | update  [-c FILE] [--json]\n"
     "       sekisho metadata check BLOB [--roots PEM] [--crls PEM] [--signer NAME] [--at TIME] [-c FILE] "
     "[--json]\n"
     "show tells what is held and what hinders it from getting newer; --all lists the models. update gets it "
     "now. check holds a BLOB against the configuration's root or the one given, without any server; exit "
     "code 1: it cannot be used. It takes a single metadata statement (JSON) too.",
     command_metadata},
    {"policy", "explain a decision in words",
     "sekisho policy explain -c FILE --domain D [--scope S]... [--route 'POST /x'] [--acr A] [--max-age T] "
     "--evidence FILE [--now T] [--json]\n"
     "FILE holds a JSON array of evidence; docs/configuration.md describes it. Exit code 1: not satisfied.",
     command_policy},
    {"graph", "the service graph: check it, show it as text or SVG",
     "sekisho graph check|show [-c FILE] [--domain D] [--json|--svg]\n"
     "check prints `DOMAIN: error: ...` and `DOMAIN: note: ...`, a line each; exit code 1: there is an "
     "error. "
     "show lists which "
     "internal actions every external scope can reach, and what services ask of each other; --svg draws one "
     "domain.",
     command_graph},
    {"verify", "check recorded ceremonies, JSON lines in and out",
     "sekisho verify [--at TIME] [--jobs N] < cases.jsonl\n"
     "TIME (RFC 3339) is when certificates are judged in cases without a time of their own; N threads, 1 by "
     "default.\n"
     "Each line in is a JSON object: id, type (registration or authentication), rp_id, origins, challenge, "
     "require_uv, credential, stored. Each line out says verified, or the error, the step of the standard "
     "and "
     "what to do. Exit code 0: every line has its answer. docs/verify.md has the members and all refusals.",
     command_verify},
    {"help", "this list, or one command", "sekisho help [COMMAND]", command_help},
    {"--version", "the version and those of its libraries", "sekisho --version", command_version},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const command_t *command_find(const char *name)
{
  for (size_t i = 0; i < command_count; i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return NULL;
}
