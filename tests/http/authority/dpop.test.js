// DPoP (RFC 9449): tokens that are of use only to who holds a key.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Authority, authorizationRequest, b64, decode, sha256 } from '../support/authority.js';
import { DpopKey } from '../support/dpop.js';
import { postForm } from '../support/http.js';

const SECRET = 'Zx8vq2LhTn4yWc7sKj1pRf6mBd3gHa5e';
const CLIENTS = `
      - {id: bound, public: true, dpop_bound_access_tokens: true, redirect_uris: ["http://localhost:9001/callback"]}
      - {id: plain, public: true, dpop: off, redirect_uris: ["http://localhost:9001/callback"]}
      - {id: back, token_endpoint_auth_method: client_secret_post, client_secret_file: back.secret, redirect_uris: ["http://localhost:9001/callback"], grant_types: [authorization_code, refresh_token, client_credentials], scope: openid balance.read offline_access}`;
const config = (text) => text
  .replace('  - {id: pay-web,', `${CLIENTS.slice(5)}\n      - {grant_types: [authorization_code, refresh_token], id: pay-web,`)
  .replace('reuse: 0s', 'reuse: 30s')
  .replace('  - id: coin\n', '  - id: coin\n    dpop_nonces: false\n')
  .replace('      trade: {acr: phr, max_age: 2m}', '      trade: {acr: phr, max_age: 2m}\n      balance.read: {}')
  .replace('      - {match: GET /health, public: true}\n    clients:\n      - {id: coin-web', '      - {match: GET /balance, scopes: [balance.read], service: ledger, grants: [ledger.read]}\n    clients:\n      - {id: coin-web');

let authority;
before(async () => {
  authority = await Authority.start({ config, prepare: (folder) => fs.writeFileSync(path.join(folder, 'back.secret'), SECRET, { mode: 0o600 }) });
});
after(async () => { await authority?.done(); });

const endpoint = (domain = 'pay') => `${authority.issuer(domain)}/token`;
let nonce;
/** A token request with a proof, once more with the server's nonce when it asks for one. */
async function redeem(got, key, { extra = {}, proof = {}, domain = 'pay', fields } = {}) {
  const send = () => {
    const headers = { dpop: key.proof('POST', endpoint(domain), { now: authority.now(), nonce: domain === 'pay' ? nonce : undefined, ...proof }) };
    return fields ? authority.token(fields, { headers, domain }) : authority.redeem(got, extra, { headers, domain });
  };
  let answer = await send();
  if (answer.json.error === 'use_dpop_nonce' && !('nonce' in proof)) {
    nonce = answer.headers['dpop-nonce'];
    answer = await send();
  }
  return answer;
}
const refused = (answer, error, status = 400) => {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.json.error, error);
  assert.match(answer.json.error_description, /\S \S/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.json.access_token, undefined);
};
async function resource(token, key, { uri = '/balance', method = 'GET', scheme = 'DPoP', proof = {}, address = `http://localhost:9001${uri}`, headers = {}, domain = 'pay' } = {}) {
  const sent = key ? { dpop: key.proof(method, address, { now: authority.now(), token, nonce, ...proof }) } : {};
  return authority.internal(`/${domain}/check/nginx`, { 'x-original-uri': uri, 'x-original-method': method, authorization: `${scheme} ${token}`, ...sent, ...headers });
}

test('DP-01 DP-14 a proof binds the tokens to its key; a nonce of the server comes first, and costs nothing', async () => {
  const key = new DpopKey();
  const got = await authority.code();
  const first = await authority.redeem(got, {}, { headers: { dpop: key.proof('POST', endpoint(), { now: authority.now() }) } });
  refused(first, 'use_dpop_nonce');
  assert.match(first.headers['dpop-nonce'], /^[\w-]{32}$/);
  nonce = first.headers['dpop-nonce'];
  const answer = await redeem(got, key);
  assert.equal(answer.status, 200, answer.body);
  assert.equal(answer.json.token_type, 'DPoP');
  assert.deepEqual(decode(answer.json.access_token).payload.cnf, { jkt: key.thumbprint });
  const said = (await postForm({ port: authority.internalPort }, '/pay/introspect', { token: answer.json.access_token })).json;
  assert.deepEqual([said.active, said.token_type, said.cnf], [true, 'DPoP', { jkt: key.thumbprint }]);
  const metadata = (await authority.get('/pay/.well-known/openid-configuration')).json;
  assert.deepEqual(metadata.dpop_signing_alg_values_supported, ['ES256', 'EdDSA', 'PS256']);
  for (const alg of metadata.dpop_signing_alg_values_supported) {
    const other = new DpopKey(alg);
    const { json } = await redeem(await authority.code(), other);
    assert.equal(decode(json.access_token).payload.cnf.jkt, other.thumbprint, alg);
    assert.equal((await resource(json.access_token, other)).status, 200, alg);
  }
});

test('DP-14 nonces: old ones, others’ and odd ones get a new one', async () => {
  const key = new DpopKey();
  const got = await authority.code();
  for (const wrong of [undefined, '', 'x'.repeat(32), '"\n', 'ÿ'.repeat(2000)]) refused(await redeem(got, key, { proof: { nonce: wrong } }), 'use_dpop_nonce');
  await redeem(got, key, { proof: { nonce: undefined } });
  const { headers } = await redeem(got, key, { proof: { nonce: undefined } });
  nonce = headers['dpop-nonce'];
  authority.pass(130);
  try {
    refused(await redeem(await authority.code(), key, { proof: { nonce } }), 'use_dpop_nonce');
    const again = await authority.code();
    assert.equal((await redeem(again, key)).status, 200);
  } finally {
    authority.pass(-130);
    nonce = undefined;
  }
});

test('DP-03 DP-04 OC-079 what a proof lacks, or has too much of, refuses it, and the code stays good', async () => {
  const key = new DpopKey();
  const got = await authority.code();
  await redeem(await authority.code(), key);
  const without = (...names) => Object.fromEntries(names.map((name) => [name, undefined]));
  const secret = key.key.export({ format: 'jwk' });
  const proofs = [
    { header: without('typ') }, { header: without('alg') }, { header: without('jwk') }, { header: { typ: 'jwt' } }, { header: { typ: 'at+jwt' } }, { header: { alg: 'none' } }, { header: { alg: 'HS256' } },
    { header: { jwk: secret } }, { header: { jwk: { kty: 'oct', k: b64('key') } } }, { header: { jwk: new DpopKey().jwk } }, { header: { crit: ['exp'] } }, { header: { x5c: ['AA=='] } }, { header: { jku: 'https://x.example' } },
    { claims: without('jti') }, { claims: without('htm') }, { claims: without('htu') }, { claims: without('iat') }, { claims: { jti: '' } }, { claims: { jti: 'x'.repeat(257) } }, { claims: { jti: 5 } }, { claims: { iat: '5' } }, { claims: { iat: -5 } },
    { claims: { iat: 9e15 } }, { claims: { iat: 1.5 } }, { claims: { nonce: 5 } }, { claims: { nbf: Math.floor(authority.now() / 1000) + 600 } }, { claims: { exp: Math.floor(authority.now() / 1000) - 1 } }, { claims: { exp: 'soon' } },
  ];
  for (const proof of proofs) refused(await redeem(got, key, { proof }), 'invalid_dpop_proof');
  const good = key.proof('POST', endpoint(), { now: authority.now(), nonce });
  for (const text of ['', 'x', 'a.b', `${good}.x`, `${good.slice(0, -4)}AAAA`, `${good}, ${good}`, good.replace(/^[^.]+/, b64('[]')), 'x'.repeat(8000)])
    refused(await authority.redeem(got, {}, { headers: { dpop: text } }), 'invalid_dpop_proof');
  refused(await redeem(got, new DpopKey('RS256')), 'invalid_dpop_proof');
  refused(await redeem(got, new DpopKey('ES384')), 'invalid_dpop_proof');
  assert.equal((await redeem(got, key)).status, 200);
});

test('DP-06 method and address, whatever way they are written', async () => {
  const key = new DpopKey();
  await redeem(await authority.code(), key);
  const url = endpoint();
  for (const htu of [`${url}?x=1`, `${url}#x`, url.replace('http', 'HTTP').replace('localhost', 'LOCALHOST'), url.replace('token', '%74oken'), url.replace('/pay', '/%70ay')])
    assert.equal((await redeem(await authority.code(), key, { proof: { claims: { htu } } })).status, 200, htu);
  const got = await authority.code();
  for (const htu of [`${url}/`, url.replace('http:', 'https:'), url.replace('localhost', '127.0.0.1'), url.replace(/:\d+/, ''), url.replace('/pay', '/coin'), `${url}/../token`, '/pay/token', '', url.replace('//', '//x@'), `${url}%00`])
    refused(await redeem(got, key, { proof: { claims: { htu } } }), 'invalid_dpop_proof');
  for (const htm of ['GET', 'post', '', 'POST ']) refused(await redeem(got, key, { proof: { claims: { htm } } }), 'invalid_dpop_proof');
  refused(await authority.redeem(got, {}, { headers: { dpop: key.proof('POST', endpoint('coin'), { now: authority.now(), nonce }) } }), 'invalid_dpop_proof');
  assert.equal((await redeem(got, key)).status, 200);
});

test('DP-07 OC-080 the time of a proof: seconds off are fine, an hour is not', async () => {
  const key = new DpopKey();
  const code = (domain) => authority.code(domain === 'coin' ? { client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'balance.read' } : {}, domain === 'coin' ? { domain, evidence: [authority.evidence({ domain: 'coin', purpose: 'step_up' })] } : {});
  for (const domain of ['pay', 'coin']) {
    for (const off of [-10, 10]) {
      const answer = await redeem(await code(domain), key, { domain, proof: { now: authority.now() + off * 1000 } });
      assert.equal(answer.status, 200, `${domain} ${off} ${answer.body}`);
    }
    for (const off of [-3600, 3600]) refused(await redeem(await code(domain), key, { domain, proof: { now: authority.now() + off * 1000 } }), 'invalid_dpop_proof');
  }
  refused(await redeem(await code('coin'), key, { domain: 'coin', proof: { now: authority.now() - 61000 } }), 'invalid_dpop_proof');
  refused(await redeem(await code('coin'), key, { domain: 'coin', proof: { now: authority.now() + 17000 } }), 'invalid_dpop_proof');
});

test('a proof counts once at the token endpoint, also over a crash; a refused replay uses nothing up', async () => {
  const key = new DpopKey();
  await redeem(await authority.code(), key);
  const jti = crypto.randomUUID();
  assert.equal((await redeem(await authority.code(), key, { proof: { claims: { jti } } })).status, 200);
  const got = await authority.code();
  refused(await redeem(got, key, { proof: { claims: { jti } } }), 'invalid_dpop_proof');
  assert.equal((await redeem(await authority.code(), new DpopKey(), { proof: { claims: { jti } } })).status, 200, 'another key’s jti is another');
  const text = key.proof('POST', endpoint(), { now: authority.now(), nonce });
  const codes = await Promise.all(Array.from({ length: 20 }, () => authority.code()));
  const answers = await Promise.all(codes.map((each) => authority.redeem(each, {}, { headers: { dpop: text } })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'invalid_dpop_proof');
  assert.equal((await redeem(got, key)).status, 200);
  await authority.stop('SIGKILL');
  await authority.run();
  refused(await authority.redeem(await authority.code(), {}, { headers: { dpop: text } }), 'use_dpop_nonce');
  nonce = undefined;
});

test('a proof counts once where requests are pushed', async () => {
  const key = new DpopKey();
  const again = await redeem(await authority.code(), key);
  nonce = again.headers['dpop-nonce'];
  const dpop = key.proof('POST', `${authority.issuer()}/par`, { now: authority.now(), nonce });
  const push = (extra = {}) => postForm({ port: authority.port }, '/pay/par', { ...authorizationRequest().fields, ...extra }, { host: `localhost:${authority.port}`, dpop });
  refused(await push({ dpop_jkt: new DpopKey().thumbprint }), 'invalid_request');
  const answers = await Promise.all(Array.from({ length: 20 }, () => push()));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(19).fill(400)], answers[0].body);
  for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 'invalid_dpop_proof');
  refused(await authority.redeem(await authority.code(), {}, { headers: { dpop } }), 'invalid_dpop_proof');
});

test('DP-15 OC-085 dpop_jkt binds the code: another key burns it', async () => {
  const key = new DpopKey();
  const good = await authority.code({ dpop_jkt: key.thumbprint });
  assert.equal((await redeem(good, key)).status, 200);
  refused(await redeem(await authority.code({ dpop_jkt: key.thumbprint }), new DpopKey()), 'invalid_grant');
  const bare = await authority.code({ dpop_jkt: key.thumbprint });
  refused(await authority.redeem(bare), 'invalid_grant');
  refused(await redeem(bare, key), 'invalid_grant');
  for (const dpop_jkt of ['x', `${key.thumbprint}A`, key.thumbprint.slice(1)]) {
    const answer = await authority.begin(authorizationRequest({ dpop_jkt }).fields, { session: authority.session() });
    assert.equal(new URL(answer.location).searchParams.get('error'), 'invalid_request');
  }
});

test('DP-16 required, allowed, off: as the client is registered', async () => {
  const key = new DpopKey();
  const got = await authority.code({ client_id: 'bound' });
  refused(await authority.redeem(got), 'invalid_dpop_proof');
  const bound = await redeem(got, key);
  assert.equal(bound.json.token_type, 'DPoP');
  refused(await redeem(await authority.code({ client_id: 'plain' }), key), 'invalid_request');
  assert.equal((await authority.redeem(await authority.code({ client_id: 'plain' }))).json.token_type, 'Bearer');
});

test('refresh tokens of public clients are for the key alone; others prove themselves', async () => {
  const key = new DpopKey();
  const first = (await redeem(await authority.code(), key)).json;
  const refresh = (token, extra = {}) => ({ grant_type: 'refresh_token', client_id: 'pay-web', refresh_token: token, ...extra });
  refused(await authority.token(refresh(first.refresh_token)), 'invalid_grant');
  refused(await redeem(null, new DpopKey(), { fields: refresh(first.refresh_token) }), 'invalid_grant');
  const second = (await redeem(null, key, { fields: refresh(first.refresh_token) })).json;
  assert.equal(second.token_type, 'DPoP');
  assert.equal(decode(second.access_token).payload.cnf.jkt, key.thumbprint);
  assert.equal((await redeem(null, key, { fields: refresh(second.refresh_token) })).status, 200, 'a wrong key has not ended the family');
  const own = { client_id: 'back', client_secret: SECRET };
  const back = (await redeem(await authority.code({ client_id: 'back' }), key, { extra: own })).json;
  const other = new DpopKey();
  const again = await redeem(null, other, { fields: refresh(back.refresh_token, own) });
  assert.equal(decode(again.json.access_token).payload.cnf.jkt, other.thumbprint, again.body);
  const itself = await redeem(null, key, { fields: { grant_type: 'client_credentials', ...own } });
  assert.deepEqual([itself.json.token_type, decode(itself.json.access_token).payload.cnf.jkt], ['DPoP', key.thumbprint]);
});

test('DP-12 DP-13 OC-077 at the gateway: the scheme says what the token is, without case', async () => {
  const key = new DpopKey();
  const token = (await redeem(await authority.code(), key)).json.access_token;
  for (const scheme of ['DPoP', 'dpop', 'dPoP']) {
    const answer = await resource(token, key, { scheme });
    assert.equal(answer.status, 200, scheme);
    assert.match(answer.headers['dpop-nonce'], /^[\w-]{32}$/);
  }
  for (const [why, answer] of [
    ['no proof, Bearer', await resource(token, null, { scheme: 'Bearer' })], ['a proof, Bearer', await resource(token, key, { scheme: 'Bearer' })], ['no proof', await resource(token, null)], ['another key', await resource(token, new DpopKey())],
    ['no ath', await resource(token, key, { proof: { token: undefined } })], ['another ath', await resource(token, key, { proof: { token: 'x' } })], ['another method', await resource(token, key, { proof: { claims: { htm: 'POST' } } })],
    ['another path', await resource(token, key, { address: 'http://localhost:9001/transfers' })], ['another host', await resource(token, key, { address: 'http://localhost:9002/balance' })],
  ]) {
    assert.equal(answer.status, 401, why);
    assert.match(answer.headers['www-authenticate'], /^DPoP algs="ES256 EdDSA PS256", error="(invalid_token|invalid_dpop_proof)", error_description="[^"]+"$/, why);
    assert.equal(answer.headers['txn-token'], undefined);
  }
  const bearer = (await authority.tokens()).access_token;
  const answer = await resource(bearer, key);
  assert.deepEqual([answer.status, /error="invalid_token"/.test(answer.headers['www-authenticate'])], [401, true]);
  assert.equal((await authority.check(bearer)).status, 200);
  assert.equal((await resource(token, key, { uri: '/balance?x=1', address: 'http://localhost:9001/balance' })).status, 200);
  const stepUp = await resource(token, key, { uri: '/transfers', method: 'POST' });
  assert.match(stepUp.headers['www-authenticate'], /^DPoP algs="[^"]+", error="insufficient_scope"/);
});

test('at the gateway a proof counts once, in every window, and a nonce of now is asked for', async () => {
  const key = new DpopKey();
  const token = (await redeem(await authority.code(), key)).json.access_token;
  const text = key.proof('GET', 'http://localhost:9001/balance', { now: authority.now(), token, nonce });
  const send = () => resource(token, null, { headers: { dpop: text } });
  const answers = await Promise.all(Array.from({ length: 50 }, send));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  authority.pass(65);
  assert.equal((await send()).status, 401, 'the window after its own');
  authority.pass(65);
  const late = await send();
  assert.match(late.headers['www-authenticate'], /error="use_dpop_nonce"/);
  nonce = late.headers['dpop-nonce'];
  assert.equal((await resource(token, key)).status, 200);
  authority.pass(-130);
  assert.equal((await send()).status, 401, 'a clock that was set back');
  nonce = undefined;
});

test('at the gateway an internal token that is used again does not stand in for a proof', async () => {
  const key = new DpopKey();
  const token = (await redeem(await authority.code(), key)).json.access_token;
  const text = key.proof('GET', 'http://localhost:9001/balance', { now: authority.now(), token, nonce });
  const first = await resource(token, null, { headers: { dpop: text } });
  assert.equal(first.status, 200);
  const second = await resource(token, key);
  assert.equal(second.headers['txn-token'], first.headers['txn-token'], 'its window is open');
  const two = [0, 1].map(() => key.proof('GET', 'http://localhost:9001/balance', { now: authority.now(), token, nonce }));
  for (const headers of [{}, { dpop: text }, { dpop: '' }, { dpop: two }, { dpop: new DpopKey().proof('GET', 'http://localhost:9001/balance', { now: authority.now(), token, nonce }) }]) {
    const answer = await resource(token, null, { headers });
    assert.deepEqual([answer.status, answer.headers['txn-token']], [401, undefined], JSON.stringify(headers));
  }
});

/** The other signature that verifies as well: n - s for s. */
function otherSignature(text) {
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const [header, payload, signature] = text.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = (n - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0');
  return `${header}.${payload}.${b64(Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, 'hex')]))}`;
}

test('at the gateway no other writing of a used proof is a new one', async () => {
  const key = new DpopKey();
  const token = (await redeem(await authority.code(), key)).json.access_token;
  const make = () => key.proof('GET', 'http://localhost:9001/balance', { now: authority.now(), token, nonce });
  const send = (dpop) => resource(token, null, { headers: { dpop } });
  assert.equal((await send(otherSignature(make()))).status, 200, 'it does verify');
  const text = make();
  assert.equal((await send(text)).status, 200);
  const { jti } = decode(text).payload;
  const again = { now: authority.now(), token, nonce };
  for (const dpop of [otherSignature(text), key.proof('GET', 'http://localhost:9001/balance', { ...again, claims: { jti } }), key.proof('GET', 'http://localhost:9001/balance?x', { ...again, claims: { jti, iat: Math.floor(authority.now() / 1000) - 5 } }),
    key.proof('GET', 'http://localhost:9001/balance', { ...again, claims: { jti }, header: { kid: 'other', typ: 'application/DPoP+JWT' } }), `${text}=`, ` ${text} ,`])
    assert.equal((await send(dpop)).status, 401, dpop);
  assert.equal((await send(make())).status, 200);
});

/** Signs texts as they stand: what JSON.stringify would not write. */
function signRaw(key, header, payload) {
  const input = [header, payload].map((part) => b64(part)).join('.');
  return `${input}.${b64(crypto.sign('sha256', Buffer.from(input), { key: key.key, dsaEncoding: 'ieee-p1363' }))}`;
}

test('DP-04 DP-06 DP-14 DP-17 proofs that can be read in two ways, keys that are for something else, nonces of another domain', async () => {
  const key = new DpopKey();
  const got = await authority.code();
  await redeem(await authority.code(), key);
  const header = (more = '') => `{"typ":"dpop+jwt","alg":"ES256","jwk":${JSON.stringify(key.jwk)}${more}}`;
  const payload = (more = '') => `{"jti":"${crypto.randomUUID()}","htm":"POST","htu":"${endpoint()}","iat":${Math.floor(authority.now() / 1000)},"nonce":"${nonce}"${more}}`;
  const send = (dpop) => authority.redeem(got, {}, { headers: { dpop } });
  for (const [head, body] of [[header(), payload(',"htm":"GET"')], [header(), payload(`,"htu":"${endpoint()}"`)], [header(), payload(',"jti":"x"')], [header(',"alg":"none"'), payload()], [header(`,"jwk":${JSON.stringify(new DpopKey().jwk)}`), payload()],
    [header(',"b64":false'), payload()], [header(), `[${payload()}]`], [header(), `${payload()} x`], [header(), payload(',"iat":1e9')], [`\ufeff${header()}`, payload()]])
    refused(await send(signRaw(key, head, body)), 'invalid_dpop_proof');
  const input = signRaw(key, header(), payload()).split('.').slice(0, 2).join('.');
  refused(await send(`${input}.${b64(crypto.sign('sha256', Buffer.from(input), { key: key.key, dsaEncoding: 'der' }))}`), 'invalid_dpop_proof');
  refused(await send(`${input}.${b64(Buffer.alloc(64))}`), 'invalid_dpop_proof');
  for (const more of [{ use: 'enc' }, { key_ops: ['sign'] }, { alg: 'ES384' }, { kty: 'RSA' }, { crv: 'P-384' }, { x: `${key.jwk.x}A` }, { d: 'AA' }])
    refused(await redeem(got, key, { proof: { header: { jwk: { ...key.jwk, ...more } } } }), 'invalid_dpop_proof');
  const coin = await redeem(await authority.code({ client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'balance.read' }, { domain: 'coin', evidence: [authority.evidence({ domain: 'coin', purpose: 'step_up' })] }), key, { domain: 'coin' });
  assert.equal(coin.status, 200, coin.body);
  refused(await redeem(got, key, { proof: { nonce: coin.headers['dpop-nonce'] } }), 'use_dpop_nonce');
  refused(await authority.redeem(got, {}, { headers: { dpop: [0, 1].map(() => key.proof('POST', endpoint(), { now: authority.now(), nonce })) } }), 'invalid_dpop_proof');
  assert.equal((await send(signRaw(key, header(), payload()))).status, 200, 'the same, read one way');
});

test('DP-12 HEAD is a method of its own', async () => {
  const key = new DpopKey();
  const token = (await redeem(await authority.code(), key)).json.access_token;
  const head = (htm) => resource(token, key, { method: 'HEAD', proof: { claims: { htm } } });
  assert.equal((await head('GET')).status, 401);
  assert.equal((await head('HEAD')).status, 200);
});

test('at the gateway a long query changes nothing: it does not count', async () => {
  const key = new DpopKey();
  const token = (await redeem(await authority.code(), key)).json.access_token;
  const bearer = (await authority.tokens()).access_token;
  const uri = `/balance?filter=${'x'.repeat(4100)}`;
  assert.equal((await resource(bearer, null, { uri, scheme: 'Bearer' })).status, 200);
  assert.equal((await resource(token, key, { uri, address: 'http://localhost:9001/balance' })).status, 200);
  assert.equal((await resource(token, key, { uri: '/balance?', address: 'http://localhost:9001/balance' })).status, 200);
  assert.equal((await resource(token, key, { uri, address: 'http://localhost:9001/transfers' })).status, 401);
});

test('without nonces a restart lets no proof of before be used again', async () => {
  const key = new DpopKey();
  authority.pass(20); /* past the time in which a process that has just begun asks for nonces */
  const options = { domain: 'coin', evidence: [authority.evidence({ domain: 'coin', purpose: 'step_up' })] };
  const got = await authority.code({ client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'balance.read' }, options);
  const token = (await redeem(got, key, { domain: 'coin' })).json.access_token;
  const text = key.proof('GET', 'http://localhost:9002/balance', { now: authority.now(), token });
  const send = () => resource(token, null, { domain: 'coin', headers: { dpop: text } });
  assert.equal((await send()).status, 200);
  assert.equal((await send()).status, 401);
  await authority.stop('SIGKILL');
  await authority.run();
  const answer = await send();
  assert.deepEqual([answer.status, /use_dpop_nonce/.test(answer.headers['www-authenticate'])], [401, true]);
});

test('without nonces a restart lets no proof be used again whose own time lay ahead of it', async () => {
  const key = new DpopKey();
  authority.pass(20); /* past the time in which a process that has just begun asks for nonces */
  const options = { domain: 'coin', evidence: [authority.evidence({ domain: 'coin', purpose: 'step_up' })] };
  const got = await authority.code({ client_id: 'coin-web', redirect_uri: 'http://localhost:9002/callback', scope: 'balance.read' }, options);
  const token = (await redeem(got, key, { domain: 'coin' })).json.access_token;
  const text = key.proof('GET', 'http://localhost:9002/balance', { now: authority.now() + 14000, token });
  const send = () => resource(token, null, { domain: 'coin', headers: { dpop: text } });
  assert.equal((await send()).status, 200);
  await authority.stop('SIGKILL');
  await authority.run();
  const answer = await send();
  assert.deepEqual([answer.status, /use_dpop_nonce/.test(answer.headers['www-authenticate'])], [401, true]);
  const again = await resource(token, key, { domain: 'coin', address: 'http://localhost:9002/balance', proof: { nonce: answer.headers['dpop-nonce'] } });
  assert.equal(again.status, 200, 'with a nonce it goes on at once');
});

test('userinfo takes what is bound, and as it is bound', async () => {
  const key = new DpopKey();
  const token = (await redeem(await authority.code(), key)).json.access_token;
  const address = `${authority.issuer()}/userinfo`;
  const ask = (scheme, proof) => authority.get('/pay/userinfo', { authorization: `${scheme} ${token}`, ...(proof ? { dpop: proof } : {}) });
  const good = key.proof('GET', address, { now: authority.now(), token, nonce });
  const answer = await ask('DPoP', good);
  assert.equal(answer.status, 200, answer.body);
  assert.equal((await ask('DPoP', good)).status, 401);
  const bearer = await ask('Bearer');
  assert.equal(bearer.status, 401);
  assert.match(bearer.headers['www-authenticate'], /^DPoP algs="[^"]+", error="invalid_token"/);
  const inBody = await postForm({ port: authority.port }, '/pay/userinfo', { access_token: token }, { host: `localhost:${authority.port}`, dpop: key.proof('POST', address, { now: authority.now(), token, nonce }) });
  assert.equal(inBody.status, 401, 'a token in the body is shown as Bearer');
  const unbound = (await authority.tokens()).access_token;
  const shown = await authority.get('/pay/userinfo', { authorization: `DPoP ${unbound}`, dpop: key.proof('GET', address, { now: authority.now(), token: unbound, nonce }) });
  assert.deepEqual([shown.status, shown.json.error], [401, 'invalid_token']);
  assert.equal((await ask('Bearer', key.proof('GET', address, { now: authority.now(), token, nonce }))).status, 401);
  const none = await ask('DPoP', key.proof('GET', address, { now: authority.now(), token }));
  assert.deepEqual([none.status, none.json.error], [401, 'use_dpop_nonce']);
  assert.ok(none.headers['dpop-nonce']);
});

test('DP-17 DP-18 DP-19 weak keys and sizes are refused; what is unknown is ignored', async () => {
  const key = new DpopKey();
  await redeem(await authority.code(), key);
  const got = await authority.code();
  const off = { ...key.jwk, y: b64(crypto.randomBytes(32)) };
  const weak = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  const x25519 = crypto.generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  for (const [jwk, alg] of [[off, 'ES256'], [weak, 'PS256'], [x25519, 'EdDSA'], [{ ...key.jwk, padding: 'x'.repeat(3000) }, 'ES256']])
    refused(await redeem(got, key, { proof: { header: { jwk, alg } } }), 'invalid_dpop_proof');
  const large = await authority.redeem(got, {}, { headers: { dpop: 'x'.repeat(100000) } }).catch((error) => ({ status: error.code ?? 431 }));
  assert.notEqual(large.status, 200);
  const now = Math.floor(authority.now() / 1000);
  assert.equal((await redeem(got, key, { proof: { claims: { nbf: now, exp: now + 60, other: { a: [1] } }, header: { kid: 'k', other: 1 } } })).status, 200);
});
