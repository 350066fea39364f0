// The check as its three kinds of gateways ask it, with raw requests.
import { rawRequest, sendRaw } from './gateway.js';

export const ROUTES = `
      - {match: GET /statement, scopes: [balance.read], service: ledger, grants: [ledger.read]}
      - {match: "GET /accounts/{id}", scopes: [balance.read], service: ledger, grants: [ledger.read]}
      - {match: "* /any/**", scopes: [balance.read], service: ledger, grants: [ledger.any]}
      - {match: GET /vault, scopes: [vault], service: vault, grants: [vault.open]}
      - {match: GET /both, scopes: [balance.read, transfer], service: ledger, grants: [ledger.read]}
      - {match: GET /, public: true}
`;

export const withRoutes = (text) => text.replace('      - {match: GET /health, public: true}\n', `      - {match: GET /health, public: true}${ROUTES}`);

const bearer = (token) => (token ? [`Authorization: Bearer ${token}`] : []);

export function askNginx(authority, { token, method = 'GET', target = '/balance', lines = [], domain = 'pay' } = {}) {
  return sendRaw(authority.internalPort, rawRequest('GET', `/${domain}/check/nginx`,
    [...bearer(token), `X-Original-Method: ${method}`, `X-Original-URI: ${target}`, ...lines]));
}

/** As Caddy's forward_auth and Traefik's ForwardAuth send it: always GET, the client's fields along with it. */
export function askForwarded(authority, { token, method = 'GET', target = '/balance', lines = [], domain = 'pay' } = {}) {
  return sendRaw(authority.internalPort, rawRequest('GET', `/${domain}/check/forwarded`, [
    'User-Agent: curl/8.0', 'Accept: */*', ...bearer(token), 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Host: pay.example', `X-Forwarded-Method: ${method}`,
    'X-Forwarded-Port: 443', 'X-Forwarded-Proto: https', 'X-Forwarded-Server: edge-1', `X-Forwarded-Uri: ${target}`, 'X-Real-Ip: 203.0.113.9', 'Accept-Encoding: gzip', ...lines,
  ]));
}

/** As Envoy's ext_authz sends it over HTTP: the call's own method, its path behind the prefix, no body. */
export function askEnvoy(authority, { token, method = 'GET', target = '/balance', lines = [], domain = 'pay' } = {}) {
  return sendRaw(authority.internalPort, rawRequest(method, `/${domain}/check/envoy${target}`,
    ['Content-Length: 0', ...bearer(token), 'X-Envoy-Internal: true', 'X-Forwarded-For: 203.0.113.9', 'X-Envoy-Expected-Rq-Timeout-Ms: 200', ...lines]));
}

export const txnToken = (answer) => {
  if (answer.headers['txn-token']?.length !== 1) throw new Error(`Txn-Token: ${JSON.stringify(answer.headers)}`);
  return answer.headers['txn-token'][0];
};
