// Apache with mod_auth_openidc, set up as the page says: sign in, step up, renew, sign out, be signed out.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { Apache, Visitor } from '../support/apache.js';
import { decode } from '../support/authority.js';
import { exchange, postForm } from '../support/http.js';
import { Rp } from '../support/rp.js';
import { until } from '../support/site.js';

const SECRET = crypto.randomBytes(32).toString('hex');
let apache, rp;
before(async () => {
  apache = await Apache.prepare();
  rp = await Rp.start({
    authority: true,
    config: (text) => {
      const [entry, ...clients] = apache.yaml().split('    clients:\n');
      return text.replace('    entry: {acr: phr, max_age: 12h}\n', `${entry}    access_token: {lifetime: 30s}\n`).replace('    clients:\n', `    clients:\n${clients.join('')}`);
    },
    prepare: (folder) => fs.writeFileSync(path.join(folder, 'apache.secret'), `${SECRET}\n`, { mode: 0o600 }),
  });
  await apache.start(rp.authorityPort, { PAY_CLIENT_SECRET: SECRET, PAY_SESSION_PASSPHRASE: crypto.randomBytes(32).toString('hex') });
});
after(async () => {
  await apache?.done();
  await rp?.done();
});

async function person(name) {
  const browser = rp.browser();
  await browser.register(name);
  await browser.send('DELETE', '/session');
  return new Visitor(apache, browser, rp.authorityPort);
}
const served = ({ answer, way }) => {
  assert.equal(answer.status, 200, `${answer.status} ${way.join('\n')}\n${apache.log}`);
  assert.equal(answer.body, 'served');
  const [call, ...more] = apache.seen.splice(0);
  assert.equal(more.length, 0);
  return call.headers;
};

test('signs in: the product gets who it is and a token, and nobody can say so for themselves', async () => {
  const ann = await person('ann');
  const first = await ann.open('/balance?month=10', { headers: { OIDC_CLAIM_sub: 'mallory', 'OIDC-CLAIM-sub': 'mallory' } });
  assert.equal(first.prompts, 1);
  assert.equal(first.at.pathname + first.at.search, '/balance?month=10');
  const headers = served(first);
  const { payload } = decode(headers.oidc_access_token);
  assert.equal(headers.oidc_claim_sub, payload.sub);
  assert.equal(headers.oidc_claim_iss, `http://localhost:${rp.authorityPort}/pay`);
  assert.equal(payload.client_id, 'apache');
  assert.doesNotMatch(JSON.stringify(headers), /mallory/);
  const again = await ann.open('/balance', { headers: { OIDC_CLAIM_acr: 'phrh' } });
  assert.equal(again.prompts, 0);
  assert.equal(served(again).oidc_claim_acr, payload.acr);
});

test('a location that asks for more steps up, once; the other tokens stay as they were earned', async () => {
  const bob = await person('bob');
  const knobs = { uv: false };
  const weak = await bob.open('/balance', { knobs });
  assert.equal(served(weak).oidc_claim_acr, 'urn:sekisho:acr:presence');
  const strong = await bob.open('/vault');
  assert.equal(strong.prompts, 1);
  assert.match(strong.way.join('\n'), /acr_values=phr/);
  assert.equal(served(strong).oidc_claim_acr, 'phr');
  const again = await bob.open('/vault');
  assert.equal(again.prompts, 0);
  assert.equal(served(again).oidc_claim_acr, 'phr');
});

test('a person who only touches the key does not get in where more is asked', async () => {
  const eve = await person('eve');
  served(await eve.open('/balance', { knobs: { uv: false } }));
  await assert.rejects(eve.open('/vault', { knobs: { uv: false } }), /login: 4\d\d|round and round/);
  assert.deepEqual(apache.seen, []);
  assert.equal(served(await eve.open('/balance')).oidc_claim_acr, 'urn:sekisho:acr:presence');
});

test('tokens are renewed by refresh, and the level stays', async () => {
  const cat = await person('cat');
  const first = served(await cat.open('/vault'));
  const second = await cat.open('/vault');
  assert.equal(second.prompts, 0);
  const headers = served(second);
  assert.notEqual(headers.oidc_access_token, first.oidc_access_token, 'thirty seconds of life are less than the sixty that Apache keeps in hand');
  const [old, renewed] = [first, headers].map((each) => decode(each.oidc_access_token).payload);
  assert.deepEqual([renewed.acr, renewed.auth_time, renewed.sub], [old.acr, old.auth_time, old.sub]);
});

test('signs out: at Apache, at the login server, and its tokens end', async () => {
  const dan = await person('dan');
  const { oidc_access_token: token } = served(await dan.open('/balance'));
  const out = await dan.open(`/.oidc?logout=${encodeURIComponent(`${apache.origin}/bye`)}`);
  assert.equal(out.at.href, `${apache.origin}/bye`, out.way.join('\n'));
  assert.match(out.way.join('\n'), /\/pay\/end_session\?.*id_token_hint=/);
  apache.seen.splice(0);
  assert.equal((await dan.browser.get('/session')).status, 401);
  const active = async () => (await postForm({ port: rp.internalPort }, '/pay/introspect', { token })).json.active;
  await until(async () => !await active(), 'the token to end');
  const back = await dan.open('/balance');
  assert.equal(back.prompts, 1, 'asked again');
  served(back);
});

test('a session that ends at the login server ends at Apache, and only that one', async () => {
  const [flo, gus] = [await person('flo'), await person('gus')];
  served(await flo.open('/balance'));
  served(await gus.open('/balance'));
  await flo.browser.send('DELETE', '/session');
  await until(async () => (await flo.open('/balance', { stay: true })).answer.status === 302, 'Apache to know');
  apache.seen.splice(0);
  const still = await gus.open('/balance', { stay: true });
  served(still);
  const back = await flo.open('/balance');
  assert.equal(back.prompts, 1, 'asked again');
  served(back);
});

test('a logout token that sekisho did not sign ends nothing', async () => {
  const hal = await person('hal');
  const { oidc_claim_sub: sub, oidc_claim_sid: sid } = served(await hal.open('/balance'));
  assert.ok(sid);
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = `http://localhost:${rp.authorityPort}/pay`;
  const [kid] = (await exchange({ port: rp.authorityPort }, { path: '/pay/jwks' })).json.keys.map((key) => key.kid);
  const forged = await new SignJWT({ sub, sid, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } })
    .setProtectedHeader({ alg: 'ES256', typ: 'logout+jwt', kid }).setIssuer(issuer).setAudience('apache').setIssuedAt().setExpirationTime('2m').setJti(crypto.randomUUID()).sign(privateKey);
  const answer = await postForm({ port: apache.port }, '/.oidc?logout=backchannel', { logout_token: forged });
  assert.equal(answer.status, 400);
  served(await hal.open('/balance', { stay: true }));
});

test('an answer that Apache did not ask for signs nobody in', async () => {
  for (const query of ['code=x&state=y', `code=x&state=y&iss=${encodeURIComponent(`http://localhost:${rp.authorityPort}/pay`)}`, 'error=access_denied&state=z']) {
    const answer = await exchange({ port: apache.port }, { path: `/.oidc?${query}`, headers: { host: `localhost:${apache.port}` } });
    assert.ok(answer.status >= 300, `${answer.status}`);
    assert.doesNotMatch(`${answer.headers['set-cookie']}`, /mod_auth_openidc_session=[^;]/);
  }
  assert.deepEqual(apache.seen, []);
});
