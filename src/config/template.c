#include "config/template.h"

#include <string.h>

/* Addresses as the outside sees them. */
typedef struct addresses {
  const char *rp, *issuers, *pay, *coin;
} addresses_t;

static const char rp_part[] =
    "# The configuration of sekisho. docs/configuration.md explains every key; after a change run\n"
    "# `sekisho check-config` on this file, then send SIGHUP to the running server.\n"
    "# Durations are written 90s, 5m, 12h, 30d.\n"
    "\n"
    "rp:                               # the login server: pages, passkeys, sessions\n"
    "  id: %s\n"
    "  name: Example                   # what people see in the passkey dialog\n"
    "  origins: [\"%s\"]\n"
    "  listen: 127.0.0.1:%d\n"
    "  registration: open              # open | invite (links from `sekisho invite`)\n"
    "  attestation: none               # none | indirect | direct | enterprise\n"
    "  session: {idle: 30d, absolute: 90d}\n"
    "  database: rp.db\n"
    "\n"
    "authority:                        # the token server: one issuer per domain\n"
    "  listen: 127.0.0.1:%d            # public: issuers\n"
    "  internal: 127.0.0.1:%d          # gateways and operators: check, metrics; keep it private\n"
    "  database: authority.db          # each domain has a file of its own beside it, such as "
    "authority-pay.db\n"
    "\n"
    "domains:                          # isolated from one another: own issuer, keys, store and policy\n";

static const char pay_part[] =
    "  - id: pay\n"
    "    name: Pay\n"
    "    issuer: %s/pay\n"
    "    external_url: %s\n"
    "    entry: {acr: phr, max_age: 12h}        # phr: a passkey with PIN, fingerprint or face\n"
    "    session: {idle: 30m, absolute: 24h}\n"
    "    scopes:\n"
    "      balance.read:\n"
    "        title: {en: See your balance, ja: 残高の確認}\n"
    "      transfer:                            # moving money asks for a fresh sign-in\n"
    "        acr: phr\n"
    "        max_age: 5m\n"
    "        title: {en: Transfer money, ja: 送金}\n"
    "    routes:                                # gateway check; the first match wins, no match is denied\n"
    "      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}\n"
    "      - {match: POST /transfers, scopes: [transfer], service: payments, grants: [payments.charge]}\n"
    "      - {match: GET /health, public: true}\n"
    "    access_token: {lifetime: 10m}\n"
    "    internal_token: {lifetime: 60s, audience: pay.internal, reuse: 0s}\n"
    "    clients:\n"
    "      - {id: pay-web, name: Pay, public: true, redirect_uris: [\"%s/callback\"]}\n";

static const char coin_part[] =
    "  - id: coin\n"
    "    name: Coin\n"
    "    issuer: %s/coin\n"
    "    external_url: %s\n"
    "    entry: {acr: phr, max_age: 10m, evidence: domain}    # a sign-in for pay does not open coin\n"
    "    scopes:\n"
    "      portfolio.read:\n"
    "        title: {en: See your portfolio, ja: 保有資産の確認}\n"
    "      trade:\n"
    "        acr: phr\n"
    "        max_age: 2m\n"
    "        title: {en: Trade, ja: 取引}\n"
    "    routes:\n"
    "      - {match: GET /portfolio, scopes: [portfolio.read], service: holdings, grants: [holdings.read]}\n"
    "      - {match: POST /orders, scopes: [trade], service: orders, grants: [orders.place]}\n"
    "      - {match: GET /health, public: true}\n"
    "    clients:\n"
    "      - {id: coin-web, name: Coin, public: true, redirect_uris: [\"%s/callback\"]}\n";

static addresses_t local_addresses(arena_t *arena, int port)
{
  return (addresses_t){
      .rp = arena_format(arena, "http://localhost:%d", port),
      .issuers = arena_format(arena, "http://localhost:%d", port + 1),
      .pay = "http://localhost:9001",
      .coin = "http://localhost:9002",
  };
}

static addresses_t public_addresses(arena_t *arena, const char *rp_id)
{
  return (addresses_t){
      .rp = arena_format(arena, "https://%s", rp_id),
      .issuers = arena_format(arena, "https://auth.%s", rp_id),
      .pay = arena_format(arena, "https://pay.%s", rp_id),
      .coin = arena_format(arena, "https://coin.%s", rp_id),
  };
}

char *config_template_build(arena_t *arena, const char *rp_id, int port)
{
  bool local = strcmp(rp_id, "localhost") == 0;
  addresses_t at = local ? local_addresses(arena, port) : public_addresses(arena, rp_id);
  if (at.rp == NULL || at.issuers == NULL || at.pay == NULL || at.coin == NULL)
    return NULL;
  char *rp = arena_format(arena, rp_part, rp_id, at.rp, port, port + 1, port + 2);
  char *pay = arena_format(arena, pay_part, at.issuers, at.pay, at.pay);
  char *coin = arena_format(arena, coin_part, at.issuers, at.coin, at.coin);
  if (rp == NULL || pay == NULL || coin == NULL)
    return NULL;
  return arena_format(arena, "%s%s%s", rp, pay, coin);
}
