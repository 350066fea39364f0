// How clients show who they are at the token endpoint: one way each, exactly the registered one.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, b64, decode, verify } from '../support/authority.js';
import { postForm } from '../support/http.js';

const SECRETS = { web: crypto.randomBytes(32).toString('base64url'), post: "p%ss:w+rd/&=0123456789abcdefghijklmnop", cron: crypto.randomBytes(32).toString('hex') };
const pair = (type, options) => crypto.generateKeyPairSync(type, options);
const KEYS = {
  ec: pair('ec', { namedCurve: 'P-256' }), ec2: pair('ec', { namedCurve: 'P-256' }), p384: pair('ec', { namedCurve: 'P-384' }),
  ed: pair('ed25519'), rsa: pair('rsa', { modulusLength: 2048 }), pss: pair('rsa', { modulusLength: 2048 }), other: pair('ec', { namedCurve: 'P-256' }),
};
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const jwk = (key, more = {}) => JSON.stringify({ ...key.publicKey.export({ format: 'jwk' }), ...more });
const CALLBACK = 'redirect_uris: ["http://localhost:9001/callback"]';
const CLIENTS = `
      - {id: web, token_endpoint_auth_method: client_secret_basic, client_secret_file: web.secret, ${CALLBACK}}
      - {id: post, token_endpoint_auth_method: client_secret_post, client_secret_file: post.secret, ${CALLBACK}}
      - {id: cron, token_endpoint_auth_method: client_secret_basic, client_secret_file: cron.secret, grant_types: [client_credentials], scope: balance.read transfer audit}
      - {id: keyed, token_endpoint_auth_method: private_key_jwt, grant_types: [client_credentials, authorization_code], scope: balance.read, ${CALLBACK}, jwks: {keys: [${jwk(KEYS.ec, { kid: 'a' })}, ${jwk(KEYS.ec2, { kid: 'b' })}, ${jwk(KEYS.p384)}, ${jwk(KEYS.ed)}, ${jwk(KEYS.rsa)}, ${jwk(KEYS.pss, { alg: 'PS256' })}]}}
      - {id: strict, token_endpoint_auth_method: private_key_jwt, token_endpoint_auth_signing_alg: PS256, grant_types: [client_credentials], scope: balance.read, jwks: {keys: [${jwk(KEYS.pss)}, ${jwk(KEYS.ec)}]}}
      - {id: oidc, token_endpoint_auth_method: private_key_jwt, client_assertion_audience: token_endpoint, grant_types: [client_credentials], scope: balance.read, jwks: {keys: [${jwk(KEYS.ec)}]}}
`;
const configure = (text) => text.replace('vault: {acr: phrh}', 'vault: {acr: phrh}\n      audit: {}')
  .replace('GET /health, public: true}', 'GET /health, public: true}\n      - {match: GET /audit, scopes: [audit], acr: phr}')
  .replace('\n  - id: coin', `${CLIENTS.trimEnd()}\n  - id: coin`);

let authority;
const writeSecret = (name, secret, folder = authority.folder) => fs.writeFileSync(path.join(folder, `${name}.secret`), secret, { mode: 0o600 });

before(async () => {
  authority = await Authority.start({ config: configure, prepare: (folder) => { for (const name of Object.keys(SECRETS)) writeSecret(name, `${SECRETS[name]}\n`, folder); } });
});
after(async () => { await authority?.done(); });

const basic = (id, secret) => ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` });
const own = (fields = {}, headers = {}) => authority.token({ grant_type: 'client_credentials', ...fields }, { headers });

const ALGS = {
  ES256: (input, key) => crypto.sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  ES384: (input, key) => crypto.sign('sha384', input, { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (input, key) => crypto.sign(null, input, key),
  RS256: (input, key) => crypto.sign('sha256', input, key),
  PS256: (input, key) => crypto.sign('sha256', input, { key, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
};

/** An assertion; members that are undefined are left out. */
function assertion(claims = {}, { header = {}, key = KEYS.ec.privateKey, sign } = {}) {
  const now = Math.floor(authority.now() / 1000);
  const id = claims.iss ?? claims.sub ?? 'keyed';
  const head = { alg: 'ES256', ...header };
  const input = [head, { iss: id, sub: id, aud: authority.issuer(), exp: now + 60, iat: now, jti: crypto.randomUUID(), ...claims }]
    .map((part) => b64(JSON.stringify(part))).join('.');
  return `${input}.${b64((sign ?? ALGS[head.alg])(input, key))}`;
}
const shown = (text, more = {}) => own({ client_assertion_type: TYPE, client_assertion: text, ...more });

async function accepted(promise, what) {
  const answer = await promise;
  assert.equal(answer.status, 200, `${what}: ${answer.body}`);
  assert.equal(answer.json.token_type, 'Bearer');
  return answer.json;
}
async function refused(promise, what, error = 'invalid_client') {
  const answer = await promise;
  assert.equal(answer.status, error === 'invalid_client' ? 401 : 400, `${what}: ${answer.status} ${answer.body}`);
  assert.equal(answer.json.error, error, `${what}: ${answer.body}`);
  assert.match(answer.headers['cache-control'], /no-store/);
  return answer;
}

test('a confidential client redeems its code with its secret: basic and post', async () => {
  const redeem = (got, fields, headers = {}) => authority.redeem(got, { client_id: undefined, ...fields }, { headers });
  const got = await authority.code({ client_id: 'web' });
  await accepted(redeem(got, {}, basic('web', SECRETS.web)), 'basic');
  await accepted(redeem(await authority.code({ client_id: 'web' }), { client_id: 'web' }, basic('web', SECRETS.web)), 'basic beside client_id');
  await accepted(redeem(await authority.code({ client_id: 'post' }), { client_id: 'post', client_secret: SECRETS.post }), 'post');
  await accepted(redeem(await authority.code({ client_id: 'keyed' }), { client_assertion_type: TYPE, client_assertion: assertion() }), 'assertion');
});

test('TK-07 no client is known in another way than its own, and its code stays whole', async () => {
  const got = await authority.code({ client_id: 'web' });
  const key = { client_assertion_type: TYPE, client_assertion: assertion() };
  const wrong = [
    ['nothing', { client_id: 'web' }, {}],
    ['the secret in the body', { client_id: 'web', client_secret: SECRETS.web }, {}],
    ['basic and body', { client_id: 'web', client_secret: SECRETS.web }, basic('web', SECRETS.web)],
    ['basic and assertion', { ...key }, basic('web', SECRETS.web)],
    ['basic and half an assertion', { client_assertion_type: TYPE }, basic('web', SECRETS.web)],
    ['another client_id', { client_id: 'post' }, basic('web', SECRETS.web)],
    ['the secret of another', {}, basic('web', SECRETS.cron)],
    ['one byte less', {}, basic('web', SECRETS.web.slice(0, -1))],
    ['one byte more', {}, basic('web', `${SECRETS.web}\n`)],
    ['another case', {}, basic('WEB', SECRETS.web)],
    ['an assertion of another with this client_id', { client_id: 'web', ...key, client_assertion: assertion() }, {}],
    ['bearer', {}, { authorization: `Bearer ${SECRETS.web}` }],
    ['not base64', {}, { authorization: 'Basic !!!' }],
    ['no colon', {}, { authorization: `Basic ${Buffer.from('web').toString('base64')}` }],
    ['bad escapes', {}, { authorization: `Basic ${Buffer.from('web:%zz').toString('base64')}` }],
    ['a NUL', {}, { authorization: `Basic ${Buffer.from(`web\0:${SECRETS.web}`).toString('base64')}` }],
    ['long', {}, basic('web', 'x'.repeat(6000))],
  ];
  for (const [what, fields, headers] of wrong) {
    const answer = await refused(authority.redeem(got, { client_id: undefined, ...fields }, { headers }), what);
    assert.equal('authorization' in headers, /^Basic /.test(answer.headers['www-authenticate'] ?? ''), what);
  }
  await refused(own({ client_id: 'keyed', client_secret: SECRETS.web }), 'a secret for a client with a key');
  await refused(own({ client_id: 'post' }, basic('post', SECRETS.post)), 'basic for a client of post');
  await accepted(authority.redeem(got, {}, { headers: basic('web', SECRETS.web) }), 'the code was not burned');
});

test('TK-09 PM-23 empty and unknown say the same as wrong', async () => {
  const bodies = new Set();
  for (const [id, secret] of [['web', ''], ['', ''], ['', SECRETS.web], ['nobody', SECRETS.web], ['web', 'x'], ['pay-web', ''], ['keyed', '']]) {
    const answer = await refused(own({}, basic(id, secret)), `${id}:${secret}`);
    bodies.add(JSON.stringify({ ...answer.json, request_id: 0 }));
  }
  for (const fields of [{ client_id: 'web', client_secret: '' }, { client_id: '', client_secret: 'x' }, { client_id: 'post', client_secret: '' }])
    bodies.add(JSON.stringify({ ...(await refused(own(fields), JSON.stringify(fields))).json, request_id: 0 }));
  assert.equal(bodies.size, 1, 'nobody learns which clients exist');
});

test('private_key_jwt: every algorithm, by kid and without', async () => {
  for (const [alg, key] of [['ES256', KEYS.ec], ['ES256', KEYS.ec2], ['ES384', KEYS.p384], ['EdDSA', KEYS.ed], ['RS256', KEYS.rsa], ['PS256', KEYS.pss]])
    await accepted(shown(assertion({}, { header: { alg }, key: key.privateKey })), alg);
  await accepted(shown(assertion({}, { header: { kid: 'b' }, key: KEYS.ec2.privateKey })), 'kid');
  await accepted(shown(assertion(), { client_id: 'keyed' }), 'client_id beside it');
  for (const typ of ['JWT', 'jwt', 'client-authentication+jwt', 'application/client-authentication+jwt'])
    await accepted(shown(assertion({}, { header: { typ } })), typ);
  await accepted(shown(assertion({ sub: 'strict' }, { header: { alg: 'PS256' }, key: KEYS.pss.privateKey })), 'the registered algorithm');
  await accepted(shown(assertion({ iat: undefined })), 'iat may be left out');
});

test('JW-04 JW-07 kid and typ', async () => {
  await refused(shown(assertion({}, { header: { kid: 'b' } })), 'the kid of another key');
  for (const kid of ['../../dev/null', "' OR 1=1--", 'x'.repeat(3000), 'a\u0000b', { a: 1 }, 7, 'a\nb'])
    await refused(shown(assertion({}, { header: { kid }, key: KEYS.other.privateKey })), `kid ${JSON.stringify(kid)}`);
  for (const typ of ['at+jwt', 'dpop+jwt', 'logout+jwt', 'oauth-authz-req+jwt', 'txntoken+jwt'])
    await refused(shown(assertion({}, { header: { typ } })), typ);
});

test('JW-01 TK-13 alg none, HMAC with the public key, and algorithms of other keys', async () => {
  for (const alg of ['none', 'None', 'nOnE', '', undefined])
    for (const signature of ['', 'AA'])
      await refused(shown(assertion({}, { header: { alg }, sign: () => Buffer.from(signature, 'base64url') })), `alg ${alg}`);
  const spki = KEYS.rsa.publicKey.export({ format: 'pem', type: 'spki' });
  for (const secret of [spki, spki.trim(), KEYS.rsa.publicKey.export({ format: 'der', type: 'spki' }), jwk(KEYS.rsa)])
    await refused(shown(assertion({}, { header: { alg: 'HS256' }, sign: (input) => crypto.createHmac('sha256', secret).update(input).digest() })), 'HS256');
  await refused(shown(assertion({}, { header: { alg: 'ES384' }, sign: ALGS.ES256 })), 'ES384 by a key for ES256');
  await refused(shown(assertion({}, { header: { alg: 'RS256' }, key: KEYS.pss.privateKey })), 'RS256 by a key for PS256');
  await refused(shown(assertion({ sub: 'strict' })), 'ES256 of a client that is registered for PS256');
  await refused(shown(assertion({ sub: 'strict' }, { header: { alg: 'RS256' }, key: KEYS.pss.privateKey })), 'RS256 of a client for PS256');
  await refused(shown(assertion({}, { key: KEYS.other.privateKey })), 'another key');
  await refused(shown(assertion({}, { header: { jwk: KEYS.other.publicKey.export({ format: 'jwk' }) }, key: KEYS.other.privateKey })), 'JW-03 a key in the header');
});

test('JW-06 JW-09 JW-13 other forms', async () => {
  const text = assertion();
  const [header, payload, signature] = text.split('.');
  for (const form of [`${header}.${payload}`, `${header}..${signature}`, `${text}.x.y`, `${text}=`, 'x', '.'.repeat(2000), JSON.stringify({ protected: header, payload, signature })])
    await refused(shown(form), form.slice(0, 30));
  const twice = Buffer.from(payload, 'base64url').toString().replace('"sub":', '"sub":"keyed","sub":');
  const input = `${header}.${b64(twice)}`;
  await refused(shown(`${input}.${b64(ALGS.ES256(input, KEYS.ec.privateKey))}`), 'a member twice');
  await refused(own({ client_assertion: text }), 'no type');
  await refused(own({ client_assertion: text, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }), 'another type');
  await accepted(shown(text), 'it was never used up');
});

test('TK-10 the audience is the issuer, as one text', async () => {
  const issuer = authority.issuer();
  for (const aud of [`${issuer}/token`, `${issuer}/par`, [issuer], [issuer, 'https://evil.example'], authority.issuer('coin'), `${issuer}/`, issuer.toUpperCase(), '', undefined, 7, null])
    await refused(shown(assertion({ aud })), `aud ${JSON.stringify(aud)}`);
  await accepted(shown(assertion({ sub: 'oidc', aud: `${issuer}/token` })), 'the token endpoint, where the client is set so');
  await accepted(shown(assertion({ sub: 'oidc' })), 'and the issuer');
  for (const aud of [`${issuer}/token/`, `${issuer}/par`, `${authority.issuer('coin')}/token`, [`${issuer}/token`]])
    await refused(shown(assertion({ sub: 'oidc', aud })), `aud ${JSON.stringify(aud)}`);
});

test('JW-12 iss, sub, jti and times', async () => {
  const now = Math.floor(authority.now() / 1000);
  for (const claims of [{ iss: 'web' }, { sub: 'web', iss: 'keyed' }, { iss: 'keyed', sub: undefined }, { sub: 'keyed', iss: undefined }, { sub: 'nobody' }, { sub: 'web' },
    { jti: undefined }, { jti: '' }, { jti: 7 }, { jti: 'x'.repeat(300) },
    { exp: undefined }, { exp: 'soon' }, { exp: now - 61 }, { exp: now + 3600 }, { exp: 1e15 }, { exp: 1e300 }, { exp: -1 }, { exp: null },
    { iat: now + 120 }, { nbf: now + 120 }, { iat: 'now' }])
    await refused(shown(assertion(claims)), JSON.stringify(claims));
  for (const claims of [{ exp: now - 30 }, { exp: now + 590 }, { iat: now + 30 }, { nbf: now + 30 }, { iat: now - 3600 }])
    await accepted(shown(assertion(claims)), JSON.stringify(claims));
  await refused(shown(assertion(), { client_id: 'strict' }), 'the client_id of another');
});

test('an assertion counts once: at once, later, for another use, and after a crash', async () => {
  const text = assertion({ jti: 'once' });
  const answers = await Promise.all(Array.from({ length: 20 }, () => shown(text)));
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
  for (const answer of answers) assert.ok(answer.status === 200 || answer.json.error === 'invalid_client');
  await refused(shown(text), 'again');
  await refused(shown(assertion({ jti: 'once', exp: Math.floor(authority.now() / 1000) + 90 })), 'the same jti in a new assertion');
  await accepted(shown(assertion({ sub: 'oidc', jti: 'once' })), 'the jti is each client\'s own');
  await Promise.all(Array.from({ length: 100 }, () => shown(assertion({ sub: 'oidc' }))));
  await refused(shown(text), 'after many of another client');
  const got = await authority.code({ client_id: 'keyed' });
  await refused(authority.redeem(got, { client_assertion_type: TYPE, client_assertion: text }), 'for a code');
  await authority.stop('SIGKILL');
  await authority.run();
  await refused(shown(text), 'after a crash');
  authority.pass(59);
  await refused(shown(text), 'until it ends');
});

test('client_credentials: a token of the client\'s own, with no sign-in in it', async () => {
  const answer = await accepted(own({ scope: 'balance.read' }, basic('cron', SECRETS.cron)), 'token');
  assert.equal(answer.scope, 'balance.read');
  assert.equal(answer.id_token, undefined);
  assert.equal(answer.refresh_token, undefined);
  const { header, payload } = decode(answer.access_token);
  assert.equal(header.typ, 'at+jwt');
  assert.ok(verify(answer.access_token, (await authority.get('/pay/jwks')).json));
  assert.equal(payload.sub, 'cron');
  assert.equal(payload.client_id, 'cron');
  for (const claim of ['sid', 'acr', 'amr', 'auth_time', 'levels']) assert.equal(payload[claim], undefined, claim);
  const passed = await authority.check(answer.access_token);
  assert.equal(passed.status, 200, 'a route that asks for no sign-in');
  const inner = decode(passed.headers['txn-token']).payload;
  assert.equal(inner.sub, 'cron');
  assert.equal(inner.rctx.acr, undefined);
  assert.equal(inner.rctx.auth_time, undefined);
  assert.equal((await authority.check(answer.access_token)).status, 200, 'and from the cache');
});

test('client_credentials gives no scope and passes no route that asks for a person', async () => {
  const all = await accepted(own({}, basic('cron', SECRETS.cron)), 'everything it may have');
  assert.equal(all.scope, 'balance.read audit');
  await refused(own({ scope: 'transfer' }, basic('cron', SECRETS.cron)), 'transfer', 'invalid_scope');
  await refused(own({ scope: 'audit transfer' }, basic('cron', SECRETS.cron)), 'one of two', 'invalid_scope');
  for (const scope of ['vault', 'openid', 'offline_access', 'nothing', 'AUDIT', ' '])
    await refused(own({ scope }, basic('cron', SECRETS.cron)), scope, 'invalid_scope');
  const denied = await authority.check(all.access_token, { uri: '/audit' });
  assert.equal(denied.status, 401, 'its scope is there, the sign-in that the route asks for is not');
  assert.match(denied.headers['www-authenticate'], /insufficient_user_authentication/);
  assert.equal((await authority.check(all.access_token, { uri: '/transfers', method: 'POST' })).status, 403);
});

test('introspection and revocation are for clients that show who they are, also of tokens in a client\'s own name', async () => {
  const host = { host: `localhost:${authority.port}` };
  const ask = (endpoint, token, headers) => postForm({ port: authority.port }, `/pay/${endpoint}`, { token }, { ...host, ...headers });
  const proof = () => ({ client_assertion_type: TYPE, client_assertion: assertion() });
  const token = (await own({}, basic('cron', SECRETS.cron))).json.access_token;
  const seen = await ask('introspect', token, basic('web', SECRETS.web));
  assert.equal(seen.status, 200, seen.body);
  assert.deepEqual([seen.json.active, seen.json.sub, seen.json.client_id], [true, 'cron', 'cron']);
  for (const member of ['sid', 'acr', 'auth_time', 'levels']) assert.equal(seen.json[member], undefined, member);
  const byKey = await postForm({ port: authority.port }, '/pay/introspect', { token, ...proof() }, host);
  assert.equal(byKey.json.active, true, byKey.body);
  for (const headers of [basic('web', SECRETS.cron), {}]) assert.equal((await ask('introspect', token, headers)).json.error, 'invalid_client');
  assert.equal((await ask('revoke', token, basic('web', SECRETS.web))).status, 200, 'another client\'s');
  assert.equal((await ask('introspect', token, basic('cron', SECRETS.cron))).json.active, true);
  assert.equal((await ask('revoke', token, basic('cron', SECRETS.cron))).status, 200);
  assert.deepEqual((await ask('introspect', token, basic('cron', SECRETS.cron))).json, { active: false });
});

test('a grant is for the clients that are registered for it', async () => {
  await refused(own({}, basic('web', SECRETS.web)), 'client_credentials', 'unauthorized_client');
  await refused(own({ client_id: 'pay-web' }), 'of a public client', 'unauthorized_client');
  await refused(authority.token({ grant_type: 'authorization_code', code: 'x' }, { headers: basic('cron', SECRETS.cron) }), 'a code', 'unauthorized_client');
});

test('the metadata names the methods and algorithms', async () => {
  const { json } = await authority.get('/pay/.well-known/openid-configuration');
  assert.deepEqual(json.token_endpoint_auth_methods_supported, ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']);
  assert.deepEqual(json.token_endpoint_auth_signing_alg_values_supported, ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256']);
  assert.ok(json.grant_types_supported.includes('client_credentials'));
});

test('PM-23 no secret and no assertion is in the log or the database', async () => {
  const text = assertion();
  await shown(text);
  await own({}, basic('web', 'a-wrong-secret-that-nobody-should-see'));
  const files = fs.readdirSync(authority.folder).filter((name) => name.startsWith('authority-pay.db')).map((name) => fs.readFileSync(path.join(authority.folder, name), 'latin1'));
  for (const place of [authority.program.log, ...files])
    for (const secret of [SECRETS.web, SECRETS.post, SECRETS.cron, text.split('.')[2], 'a-wrong-secret-that-nobody-should-see'])
      assert.ok(!place.includes(secret));
});

test('a changed secret holds after SIGHUP; a weak one is refused and the old one stays', async () => {
  const fresh = crypto.randomBytes(32).toString('base64url');
  const reload = async (event) => {
    const from = authority.program.log.length;
    authority.program.child.kill('SIGHUP');
    while (!authority.program.log.slice(from).includes(event)) await new Promise((resolve) => { setTimeout(resolve, 20); });
    return authority.program.log.slice(from);
  };
  for (const weak of ['', '\n', 'short', 'a'.repeat(64), `with space ${fresh}`]) {
    writeSecret('cron', weak);
    assert.match(await reload('config.kept'), /secret of client cron must be 32 to 256/, JSON.stringify(weak));
    await accepted(own({}, basic('cron', SECRETS.cron)), 'the old secret');
  }
  writeSecret('cron', fresh);
  fs.chmodSync(path.join(authority.folder, 'cron.secret'), 0o644);
  assert.match(await reload('config.kept'), /lets others in/);
  fs.chmodSync(path.join(authority.folder, 'cron.secret'), 0o600);
  await reload('config.reloaded');
  await accepted(own({}, basic('cron', fresh)), 'the new secret');
  await refused(own({}, basic('cron', SECRETS.cron)), 'the old secret');
});

test('PM-23 an authority with an empty or a missing secret does not start, and says which', async () => {
  for (const [secret, says] of [['', /secret of client web must be 32 to 256/], ['\n', /secret of client web/], [null, /web\.secret: No such file/]]) {
    const prepare = (folder) => {
      for (const name of Object.keys(SECRETS)) writeSecret(name, SECRETS[name], folder);
      if (secret === null) fs.rmSync(path.join(folder, 'web.secret'));
      else writeSecret('web', secret, folder);
    };
    await assert.rejects(Authority.start({ config: configure, prepare }), says);
  }
});

test('a key that cannot be used keeps the authority from starting, by its number', async () => {
  const short = pair('rsa', { modulusLength: 1024 });
  const weak = (text) => configure(text).replace(jwk(KEYS.p384), jwk(short));
  const prepare = (folder) => { for (const name of Object.keys(SECRETS)) writeSecret(name, SECRETS[name], folder); };
  await assert.rejects(Authority.start({ config: weak, prepare }), /key 2 in the jwks of client keyed cannot be used/);
});
