// An authority of its own, and the rp's side of the hand-off as a test plays it.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { exchange, form, postForm, postJson } from './http.js';
import { freePorts, makeFolder, removeFolder, setClock, startProgram, stopProgram } from './processes.js';

export const b64 = (bytes) => Buffer.from(bytes).toString('base64url');
export const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest();

const CONFIG = ({ rp, pub, internal }) => `
rp:
  id: localhost
  name: Example
  origins: ["http://localhost:${rp}"]
  listen: 127.0.0.1:${rp}
  registration: open
  attestation: none
  session: {idle: 30d, absolute: 90d}
  database: rp.db
authority:
  listen: 127.0.0.1:${pub}
  internal: 127.0.0.1:${internal}
  database: authority.db
domains:
  - id: pay
    name: Pay
    issuer: http://localhost:${pub}/pay
    external_url: http://localhost:9001
    entry: {acr: phr, max_age: 12h}
    session: {idle: 30m, absolute: 24h}
    scopes:
      balance.read:
        title: {en: See your balance, ja: 残高の確認}
      transfer:
        acr: phr
        max_age: 5m
        title: {en: Transfer money, ja: 送金}
      vault: {acr: phrh}
    routes:
      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}
      - {match: POST /transfers, scopes: [transfer], service: payments, grants: [payments.charge]}
      - {match: GET /health, public: true}
    access_token: {lifetime: 10m}
    internal_token: {lifetime: 60s, audience: pay.internal, reuse: 0s}
    clients:
      - {id: pay-web, name: Pay, public: true, redirect_uris: ["http://localhost:9001/callback", "http://localhost:9001/other?x=1"]}
      - {id: pay-app, public: true, redirect_uris: ["http://127.0.0.1/cb", "http://127.0.0.1:4242/fixed"], scope: balance.read}
      - {id: pay-spa, public: true, redirect_uris: ["https://app.example/cb"]}
  - id: coin
    name: Coin
    issuer: http://localhost:${pub}/coin
    external_url: http://localhost:9002
    entry: {acr: phr, max_age: 10m, evidence: domain}
    scopes:
      trade: {acr: phr, max_age: 2m}
    routes:
      - {match: GET /health, public: true}
    clients:
      - {id: coin-web, public: true, redirect_uris: ["http://localhost:9002/callback"]}
`;

export class Authority {
  static async start({ config = (text) => text, prepare = () => {} } = {}) {
    const authority = new Authority();
    [authority.rpPort, authority.port, authority.internalPort] = await freePorts(3);
    authority.folder = makeFolder();
    authority.file = path.join(authority.folder, 'sekisho.yaml');
    authority.config = CONFIG({ rp: authority.rpPort, pub: authority.port, internal: authority.internalPort });
    fs.writeFileSync(authority.file, config(authority.config));
    prepare(authority.folder);
    authority.clock = 0;
    setClock(authority.folder, 0);
    await authority.run();
    return authority;
  }

  async run(env = {}) {
    this.program = await startProgram('sekisho-authority', this.folder, ['-c', this.file], env);
    this.socket = { socketPath: path.join(this.folder, 'run', 'authority.sock') };
    this.public = { port: this.port, headers: {} };
  }

  async stop(signal) {
    return stopProgram(this.program, signal);
  }

  async done() {
    const ended = await this.stop();
    removeFolder(this.folder);
    if (ended.code !== 0) throw new Error(`authority ended with ${JSON.stringify(ended)}\n${this.program.log}`);
  }

  issuer(domain = 'pay') {
    return `http://localhost:${this.port}/${domain}`;
  }

  now() {
    return Date.now() + this.clock * 1000;
  }

  /** Moves every clock on. */
  pass(seconds) {
    this.clock += seconds;
    setClock(this.folder, this.clock);
  }

  get(pathname, headers = {}) {
    return exchange({ port: this.port }, { path: pathname, headers: { host: `localhost:${this.port}`, ...headers } });
  }

  internal(pathname, headers = {}) {
    return exchange({ port: this.internalPort }, { path: pathname, headers });
  }

  admin(pathname, method = 'GET') {
    return exchange(this.socket, { path: pathname, method });
  }

  token(fields, { domain = 'pay', headers = {}, query = '' } = {}) {
    return postForm({ port: this.port }, `/${domain}/token${query}`, fields, { host: `localhost:${this.port}`, ...headers });
  }

  async begin(fields, { domain = 'pay', session = null, browser = BROWSER } = {}) {
    const query = typeof fields === 'string' ? fields : form(fields);
    const message = { domain, query, browser: b64(browser) };
    if (session) message.session = session;
    const answer = await postJson(this.socket, '/handoff/authz_begin', message);
    if (answer.status !== 200) throw Object.assign(new Error(`hand-off: ${answer.status} ${answer.body}`), { answer });
    return answer.json;
  }

  /** more: further members, such as the touch of a domain's own page. */
  async finish(handle, { domain = 'pay', session = null, browser = BROWSER, declined = false, more = {} } = {}) {
    const message = { domain, handle, browser: b64(browser), ...more };
    if (session) message.session = session;
    if (declined) message.declined = true;
    const answer = await postJson(this.socket, '/handoff/authz_finish', message);
    if (answer.status !== 200) throw Object.assign(new Error(`hand-off: ${answer.status} ${answer.body}`), { answer });
    return answer.json;
  }

  /** What the rp says when an operator has changed an account. */
  changeClaims(subject, claims, { domain = 'pay' } = {}) {
    return postJson(this.socket, '/handoff/claims_changed', { domain, subject, claims });
  }

  /** What the authority lets a request to sign out do; session: the sid that the browser has here. */
  async logout(fields, { domain = 'pay', session } = {}) {
    const query = typeof fields === 'string' ? fields : form(fields);
    const answer = await postJson(this.socket, '/handoff/logout', { domain, query, ...(session ? { session } : {}) });
    if (answer.status !== 200) throw Object.assign(new Error(`hand-off: ${answer.status} ${answer.body}`), { answer });
    return answer.json;
  }

  userinfo(token, { domain = 'pay', headers = {} } = {}) {
    return this.get(`/${domain}/userinfo`, { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers });
  }

  endSession(session, { domain = 'pay', sequence = 1 } = {}) {
    return postJson(this.socket, '/handoff/session_ended', { domain, sequence, session, ended_ms: this.now() });
  }

  /** A code for a session that satisfies, with what redeems it. */
  async code(extra = {}, options = {}) {
    const request = authorizationRequest(extra);
    const answer = await this.begin(request.fields, { session: this.session(options), ...options });
    if (answer.outcome !== 'respond') throw new Error(`no code: ${JSON.stringify(answer)}`);
    const parameters = new URL(answer.location).searchParams;
    if (!parameters.get('code')) throw new Error(`no code: ${answer.location}`);
    return { code: parameters.get('code'), ...request, parameters };
  }

  redeem(got, extra = {}, options = {}) {
    return this.token({
      grant_type: 'authorization_code',
      client_id: got.fields.client_id,
      redirect_uri: got.fields.redirect_uri,
      code: got.code,
      code_verifier: got.verifier,
      ...extra,
    }, options);
  }

  async tokens(extra = {}, options = {}) {
    const answer = await this.redeem(await this.code(extra, options), {}, options);
    if (answer.status !== 200) throw new Error(`no token: ${answer.body}`);
    return answer.json;
  }

  /** What the gateway says to an access token. */
  check(token, { uri = '/balance', method = 'GET', domain = 'pay' } = {}) {
    return this.internal(`/${domain}/check/nginx`, {
      'x-original-uri': uri,
      'x-original-method': method,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    });
  }

  /** A session as the rp would bring it; age in seconds. */
  session({ sid = 'sid-1', subject = 'alice-at-pay', evidence = [this.evidence()], lasts = 86400, claims } = {}) {
    return { subject, session: sid, expires_ms: this.now() + lasts * 1000, evidence, ...(claims ? { claims } : {}) };
  }

  /** One passkey login; flags: what authenticator data says. */
  evidence({ age = 0, purpose = 'login', domain, request, uv = true, be = true, bs = true, hardware = false, lie = false } = {}) {
    const credentialId = Buffer.from('credential-1');
    const data = Buffer.concat([sha256('localhost'), Buffer.from([1 | (uv ? 4 : 0) | (be ? 8 : 0) | (bs ? 16 : 0)]), Buffer.alloc(4)]);
    const flags = 1 | (uv || lie ? 2 : 0) | (be ? 4 : 0) | (bs ? 8 : 0) | (hardware ? 16 : 0);
    return {
      time_ms: Math.floor(this.now() - age * 1000),
      credential: b64(sha256(credentialId)),
      purpose,
      flags,
      ...(domain ? { domain } : {}),
      ...(request ? { request } : {}),
      credential_id: b64(credentialId),
      authenticator_data: b64(data),
      client_data: b64('{}'),
      signature: b64('signature'),
    };
  }
}

export const BROWSER = Buffer.alloc(32, 7);

export function authorizationRequest(extra = {}) {
  const verifier = b64(crypto.randomBytes(32));
  const fields = {
    client_id: 'pay-web',
    redirect_uri: 'http://localhost:9001/callback',
    response_type: 'code',
    scope: 'openid balance.read',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: b64(sha256(verifier)),
    code_challenge_method: 'S256',
    ...extra,
  };
  return { verifier, fields };
}

/** The parts of a JWT, unverified. */
export function decode(token) {
  const [header, payload] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  return { header, payload };
}

/** Verifies against a JWKS document as a resource server would. */
export function verify(token, jwks) {
  const { header } = decode(token);
  const jwk = jwks.keys.find((key) => key.kid === header.kid);
  if (!jwk) return false;
  const at = token.lastIndexOf('.');
  return crypto.verify('sha256', Buffer.from(token.slice(0, at)),
    { key: crypto.createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(token.slice(at + 1), 'base64url'));
}

/** A token with claims of the test's choice, signed by a key of the test's own. */
export function forge(payload, header = {}, key = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) {
  const input = [{ alg: 'ES256', typ: 'at+jwt', ...header }, payload].map((part) => b64(JSON.stringify(part))).join('.');
  return `${input}.${b64(crypto.sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }))}`;
}
