import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Authority, b64, decode, forge, verify } from '../support/authority.js';

let authority;
before(async () => { authority = await Authority.start(); });
after(async () => { await authority?.done(); });

const parts = (token) => token.split('.');
const encode = (value) => b64(JSON.stringify(value));

/** Neither accepted, nor an error of ours. */
async function refused(token, what) {
  const answer = await authority.check(token);
  assert.equal(answer.status, 401, `${what}: ${answer.status}`);
  assert.equal(answer.headers['txn-token'] ?? '', '', what);
}

test('JW-01 alg none in every spelling', async () => {
  const { access_token: token } = await authority.tokens();
  const { payload } = decode(token);
  for (const alg of ['none', 'None', 'nOnE', '', 'HS256', null, undefined, 256])
    for (const signature of ['', parts(token)[2], 'AA'])
      await refused(`${encode({ alg, typ: 'at+jwt', kid: decode(token).header.kid })}.${encode(payload)}.${signature}`, `alg ${alg}`);
  assert.equal((await authority.check(token)).status, 200);
});

test('JW-03 a key in the header is not used, an address in it not visited', async () => {
  const { payload } = decode((await authority.tokens()).access_token);
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let visits = 0;
  const server = http.createServer((request, response) => { visits += 1; response.end(); });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const url = `http://127.0.0.1:${server.address().port}/`;
  const jwk = publicKey.export({ format: 'jwk' });
  for (const header of [{ jwk }, { jku: url }, { x5u: url }, { x5c: ['AAAA'] }])
    await refused(forge(payload, header, privateKey), JSON.stringify(header));
  server.close();
  assert.equal(visits, 0);
});

test('JW-04 key ids are looked up, never interpreted', async () => {
  const { payload } = decode((await authority.tokens()).access_token);
  for (const kid of ['../../dev/null', "' OR 1=1--", 'x'.repeat(5000), 'a\u0000b', { a: 1 }, 7, 'a\nb', undefined])
    await refused(forge(payload, { kid }), `kid ${kid}`);
});

test('JW-07 typ is checked: an ID token is no access token, and the reverse', async () => {
  const tokens = await authority.tokens();
  await refused(tokens.id_token, 'id token');
  const { header } = decode(tokens.id_token);
  assert.equal(header.typ, 'JWT');
  await refused(forge(decode(tokens.access_token).payload, { typ: 'JWT', kid: header.kid }), 'forged typ');
});

test('JW-06 JW-09 JW-10 other forms and sizes', async () => {
  const { access_token: token } = await authority.tokens();
  const [header, payload, signature] = parts(token);
  for (const form of [`${header}.${payload}`, `${header}..${signature}`, `${token}.x.y`, `${token}.`, `.${token}`, `${header}.${payload}.${signature}=`,
    JSON.stringify({ protected: header, payload, signature }), '.'.repeat(5000), `${header}.${'A'.repeat(12000)}.${signature}`])
    await refused(form, form.slice(0, 40));
});

test('JW-13 duplicate claims are refused, and nothing signed by another key passes', async () => {
  const { access_token: token } = await authority.tokens();
  const { header, payload } = decode(token);
  const twice = JSON.stringify(payload).replace('"sub":', '"sub":"mallory","sub":');
  await refused(`${encode(header)}.${b64(twice)}.${parts(token)[2]}`, 'duplicate');
  await refused(forge({ ...payload, scope: 'balance.read transfer' }, { kid: header.kid }), 'IR-03 own key, live jti');
  await refused(`${parts(token)[0]}.${encode({ ...payload, sub: 'mallory' })}.${parts(token)[2]}`, 'changed');
  const flipped = Buffer.from(parts(token)[2], 'base64url');
  flipped[5] ^= 1;
  await refused(`${parts(token)[0]}.${parts(token)[1]}.${b64(flipped)}`, 'flipped bit');
});

test('JW-15 the key set holds public keys only, each id once', async () => {
  const answer = await authority.get('/pay/jwks');
  assert.equal(answer.status, 200);
  assert.match(answer.headers['cache-control'], /max-age=\d+/);
  const { keys } = answer.json;
  assert.equal(keys.length, 2);
  assert.equal(new Set(keys.map((key) => key.kid)).size, keys.length);
  for (const key of keys) {
    assert.equal(key.use, 'sig');
    assert.equal(key.alg, 'ES256');
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']) assert.equal(key[member], undefined);
  }
  const unchanged = await authority.get('/pay/jwks', { 'if-none-match': answer.headers.etag });
  assert.equal(unchanged.status, 304);
});

test('JW-16 rotation: published before it signs, old tokens verify until they end', async () => {
  const before_ = (await authority.get('/pay/jwks')).json;
  const old = (await authority.tokens()).access_token;
  const rotated = await authority.admin('/admin/keys/pay/rotate', 'POST');
  assert.equal(rotated.status, 200);
  assert.deepEqual(rotated.json.keys.map((key) => key.state), ['next', 'current', 'previous']);
  const fresh = (await authority.tokens()).access_token;
  assert.notEqual(decode(fresh).header.kid, decode(old).header.kid);
  assert.ok(verify(fresh, before_), 'its key was in the set before the rotation');
  const after_ = (await authority.get('/pay/jwks')).json;
  assert.equal(after_.keys.length, 3);
  assert.ok(verify(old, after_));
  for (const token of [old, fresh]) assert.equal((await authority.check(token)).status, 200);
  assert.equal((await authority.get('/coin/jwks')).json.keys.length, 2, 'the other domain is untouched');
  await authority.stop('SIGKILL');
  await authority.run();
  assert.deepEqual((await authority.get('/pay/jwks')).json, after_);
  for (const token of [old, fresh]) assert.equal((await authority.check(token)).status, 200);
});

test('JW-16 no gap: tokens made while keys rotate verify against a set read before', async () => {
  for (let round = 0; round < 3; round++) {
    const known = (await authority.get('/pay/jwks')).json;
    const [rotation, ...tokens] = await Promise.all([authority.admin('/admin/keys/pay/rotate', 'POST'),
      ...Array.from({ length: 8 }, () => authority.tokens())]);
    assert.equal(rotation.status, 200);
    for (const { access_token: token } of tokens) {
      assert.ok(verify(token, known));
      assert.equal((await authority.check(token)).status, 200);
    }
  }
});

test('JW-15 a retired key leaves the set when its last token is dead', async () => {
  authority.pass(620);
  await authority.admin('/admin/keys/pay/rotate', 'POST');
  const count = async () => (await authority.get('/pay/jwks')).json.keys.length;
  authority.pass(700);
  for (let wait = 0; wait < 300 && await count() > 2; wait++) await new Promise((resolve) => { setTimeout(resolve, 100); });
  assert.equal(await count(), 2);
  assert.equal((await authority.check((await authority.tokens()).access_token)).status, 200);
});

test('keys rotate by themselves when they are thirty days old', async () => {
  const current = async () => (await authority.admin('/admin/keys/pay')).json.keys.find((key) => key.state === 'current').kid;
  const old = await current();
  authority.pass(31 * 24 * 3600);
  for (let wait = 0; wait < 300 && await current() === old; wait++) await new Promise((resolve) => { setTimeout(resolve, 100); });
  assert.notEqual(await current(), old);
});
