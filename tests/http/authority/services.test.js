// Behind the gateway: services known by their platform's tokens exchange the token that they were called with for one that opens
// what their offer opens at the next service, and nothing more; batch jobs begin in their own name.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as jose from 'jose';
import { Authority, decode } from '../support/authority.js';
import { askNginx, txnToken } from '../support/check.js';
import { postForm } from '../support/http.js';
import { Receiver } from '../support/receiver.js';
import { until } from '../support/site.js';
import { GITHUB, githubJob, KUBERNETES, Platform, serviceAccount } from '../support/workloads.js';

const cluster = new Platform(KUBERNETES, 'rsa');
const other = new Platform('https://other-cluster.example', 'rsa');
const github = new Platform(GITHUB, 'rsa');
const remote = new Platform('https://remote.example');
const TYPE = 'urn:ietf:params:oauth:token-type:';
const INTERNAL = `${TYPE}txn_token`;
const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const account = (name, namespace = 'pay') => `identity: {issuer: "${KUBERNETES}", claims: {sub: "system:serviceaccount:${namespace}:${name}"}}`;

const SERVICES = (address) => `    services:
      - {id: payments, ${account('payments')}, offers: {payments.charge: {ledger: [ledger.write], risk: [risk.score]}, payments.see: {ledger: [ledger.read]}}}
      - {id: ledger, ${account('ledger')}, offers: {ledger.read: {}, ledger.write: {audit: [audit.append]}}}
      - {id: risk, ${account('risk')}, offers: {risk.score: {ledger: [ledger.read], risk: [risk.score]}}}
      - {id: audit, ${account('audit')}, offers: {audit.append: {}}}
      - {id: nightly, ${account('nightly')}, own: {ledger: [ledger.read], audit: [audit.append]}}
      - id: structured
        identity: {issuer: "${KUBERNETES}", claims: {kubernetes.io/namespace: batch, kubernetes.io/serviceaccount/name: job}}
        own: {ledger: [ledger.read]}
      - id: deploy
        identity: {issuer: "${GITHUB}", claims: {repository_id: "74", ref: refs/heads/main, environment: prod, ref_protected: "true", event_name: push}}
        own: {ledger: [ledger.read]}
      - id: release
        identity: {issuer: "${GITHUB}", claims: {repository_id: "75"}, claims_prefix: {ref: refs/tags/v}}
        own: {ledger: [ledger.read]}
      - {id: elsewhere, identity: {issuer: "https://remote.example", claims: {sub: job, groups: batch, level: "3", human: "false"}}, own: {ledger: [ledger.read]}}
      - {id: twin, ${account('twin')}, own: {ledger: [ledger.read]}}
      - {id: twin-too, ${account('twin')}, own: {ledger: [ledger.read]}}
    workload_issuers:
      - {issuer: "${KUBERNETES}", audience: pay, jwks_file: k8s.jwks}
      - {issuer: "https://other-cluster.example", audience: pay, jwks_file: other.jwks}
      - {issuer: "${GITHUB}", audience: pay-deploy, jwks_file: github.jwks, max_lifetime: 1h}
      - {issuer: "https://remote.example", audience: pay, jwks_uri: "${address}/jwks"}
      - {issuer: "https://missing.example", audience: pay, jwks_file: missing.jwks}
`;

let authority, server, keys;
const seconds = () => Math.floor(authority.now() / 1000);
const pod = (name, change, namespace = 'pay') => cluster.sign(serviceAccount(seconds(), namespace, name, change));
before(async () => {
  server = await Receiver.start(() => ({ status: 200, body: JSON.stringify(remote.jwks) }));
  authority = await Authority.start({
    config: (text) => text.replace('    clients:\n', `${SERVICES(server.origin)}    clients:\n      - {id: exchanger, token_endpoint_auth_method: client_secret_post, client_secret_file: x.secret, grant_types: ["${GRANT}", client_credentials], scope: balance.read}\n`),
    prepare: (folder) => {
      for (const [name, platform] of [['k8s', cluster], ['other', other], ['github', github]]) fs.writeFileSync(path.join(folder, `${name}.jwks`), JSON.stringify(platform.jwks));
      fs.writeFileSync(path.join(folder, 'x.secret'), 'Zx8vq2LhTn4yWc7sKj1pRf6mBd3gHa5e', { mode: 0o600 });
    },
  });
  keys = jose.createLocalJWKSet((await authority.get('/pay/jwks')).json);
});
after(async () => { await authority?.done(); await server?.stop(); });

const exchange = (fields) => authority.token({ grant_type: GRANT, requested_token_type: INTERNAL, ...fields });
const hop = (service, token, audience, more = {}) => exchange({
  client_assertion_type: ASSERTION, client_assertion: pod(service), subject_token_type: INTERNAL, subject_token: token, audience, ...more,
});
const own = (token, audience = 'ledger', more = {}) => exchange({ subject_token_type: `${TYPE}jwt`, subject_token: token, audience, ...more });
const charged = async () => {
  const { access_token: token } = await authority.tokens({ scope: 'openid transfer' });
  return txnToken(await askNginx(authority, { token, method: 'POST', target: '/transfers' }));
};
async function given(answer) {
  const { status, json, body } = await answer;
  assert.equal(status, 200, body);
  assert.deepEqual([json.issued_token_type, json.token_type], [INTERNAL, 'N_A']);
  assert.ok(json.expires_in > 0 && json.expires_in <= 60 && json.refresh_token === undefined);
  const { payload, protectedHeader } = await jose.jwtVerify(json.access_token, keys, { issuer: authority.issuer(), typ: 'txntoken+jwt', currentDate: new Date(authority.now()) });
  assert.equal(protectedHeader.alg, 'ES256');
  assert.equal(json.scope, payload.scope);
  return { token: json.access_token, payload };
}
async function refused(answer, error, status = error === 'invalid_client' ? 401 : 400) {
  const { status: got, json, body } = await answer;
  assert.deepEqual([got, json?.error], [status, error], body);
  assert.ok(json.error_description.length > 20 && !json.access_token);
}

/* --- hops --- */

test('each hop gets what its offer opens at the next, in the same transaction, never longer', async () => {
  const first = await charged();
  const start = decode(first).payload;
  const { token, payload } = await given(hop('payments', first, 'ledger'));
  assert.deepEqual(payload.aud, ['pay.internal', 'ledger']);
  assert.deepEqual([payload.scope, payload.txn, payload.sub, payload.req_wl], ['ledger.write', start.txn, start.sub, 'payments']);
  assert.deepEqual(payload.act, { sub: 'payments', act: start.act });
  assert.deepEqual([payload.rctx, payload.tctx], [start.rctx, start.tctx]);
  assert.ok(payload.exp <= start.exp);
  const { payload: last } = await given(hop('ledger', token, 'audit'));
  assert.deepEqual([last.scope, last.txn, last.req_wl], ['audit.append', start.txn, 'ledger']);
  assert.deepEqual(last.act, { sub: 'ledger', act: { sub: 'payments', act: start.act } });
  assert.ok(last.exp <= payload.exp);
});

test('TX-06 TX-29 a step of another way: only what the held offer opens, of a service that offers more', async () => {
  const first = await charged();
  const { token, payload } = await given(hop('payments', first, 'risk'));
  assert.equal(payload.scope, 'risk.score');
  assert.equal((await given(hop('risk', token, 'ledger'))).payload.scope, 'ledger.read', 'payments.charge writes there, risk.score reads');
  await refused(hop('risk', token, 'audit'), 'invalid_target');
  await refused(hop('payments', first, 'audit'), 'invalid_target');
  await refused(hop('payments', first, 'nowhere'), 'invalid_target');
  await refused(hop('payments', first, undefined), 'invalid_target');
  await refused(hop('payments', first, 'ledger', { resource: 'https://ledger.example' }), 'invalid_target');
});

test('TX-07 scope narrows and never grows', async () => {
  const first = await charged();
  assert.equal((await given(hop('payments', first, 'ledger', { scope: 'ledger.write ledger.write' }))).payload.scope, 'ledger.write');
  await refused(hop('payments', first, 'ledger', { scope: 'ledger.write ledger.read' }), 'invalid_scope');
  await refused(hop('payments', first, 'ledger', { scope: 'audit.append' }), 'invalid_scope');
});

test('TX-03 TX-13 TX-16 what is missing, doubled or of another kind is refused, and nothing else takes its place', async () => {
  const first = await charged();
  const { access_token: access, id_token: id } = await authority.tokens({ scope: 'openid transfer' });
  await refused(hop('payments', undefined, 'ledger'), 'invalid_request');
  await refused(hop('payments', '', 'ledger'), 'invalid_request');
  await refused(hop('payments', first, 'ledger', { subject_token_type: undefined }), 'invalid_request');
  for (const type of ['access_token', 'id_token', 'refresh_token', 'saml2', 'none']) await refused(hop('payments', first, 'ledger', { subject_token_type: TYPE + type }), 'invalid_request');
  for (const token of [access, id, pod('payments'), `${first}x`, first.slice(0, -8), 'junk']) await refused(hop('payments', token, 'ledger'), 'invalid_request');
  await refused(hop('payments', first, 'ledger', { actor_token: pod('ledger') }), 'invalid_request');
  await refused(hop('payments', first, 'ledger', { actor_token_type: `${TYPE}jwt` }), 'invalid_request');
  const twice = `${new URLSearchParams({ grant_type: GRANT, requested_token_type: INTERNAL, client_assertion_type: ASSERTION, client_assertion: pod('payments'), subject_token_type: INTERNAL, subject_token: first, audience: 'ledger' })}&subject_token=${first}`;
  await refused(authority.token(twice), 'invalid_request');
});

test('TX-04 TX-15 a token is exchanged by the service that it is for, and by nobody else', async () => {
  const first = await charged();
  for (const service of ['ledger', 'risk', 'nightly']) await refused(hop(service, first, 'ledger'), 'invalid_request');
  const { token } = await given(hop('payments', first, 'ledger'));
  await refused(hop('payments', token, 'ledger'), 'invalid_request');
  await refused(hop('risk', token, 'audit'), 'invalid_request');
});

test('TX-10 TX-12 what was revoked or is over is exchanged no more, at any hop', async () => {
  const { access_token: token } = await authority.tokens({ scope: 'openid transfer' });
  const first = txnToken(await askNginx(authority, { token, method: 'POST', target: '/transfers' }));
  const second = (await given(hop('payments', first, 'ledger'))).token;
  await postForm({ port: authority.port }, '/pay/revoke', { client_id: 'pay-web', token }, { host: `localhost:${authority.port}` });
  await refused(hop('payments', first, 'ledger'), 'invalid_request');
  await refused(hop('ledger', second, 'audit'), 'invalid_request');
  const late = await charged();
  authority.pass(61);
  await refused(hop('payments', late, 'ledger'), 'invalid_request');
});

test('TX-18 a loop of services ends', async () => {
  let { token } = await given(hop('payments', await charged(), 'risk'));
  let hops = 0;
  for (; hops < 20; hops++) {
    const answer = await hop('risk', token, 'risk');
    if (answer.status !== 200) {
      assert.equal(answer.json.error, 'invalid_request');
      break;
    }
    token = answer.json.access_token;
  }
  assert.ok(hops > 2 && hops < 9, `${hops}`);
  assert.ok(token.length < 4096);
});

test('TX-01 a client is no service: not without the grant, and with it nothing that is for services', async () => {
  const fields = { grant_type: GRANT, subject_token_type: INTERNAL, subject_token: await charged(), audience: 'ledger' };
  const secret = { client_id: 'exchanger', client_secret: 'Zx8vq2LhTn4yWc7sKj1pRf6mBd3gHa5e' };
  await refused(authority.token({ ...fields, client_id: 'pay-web' }), 'unauthorized_client');
  await refused(authority.token({ ...fields, ...secret }), 'invalid_request');
  await refused(authority.token({ ...fields, ...secret, requested_token_type: `${TYPE}refresh_token` }), 'invalid_request');
  await refused(exchange({ ...fields, ...secret }), 'invalid_client');
  await refused(hop('payments', fields.subject_token, 'ledger', { client_id: 'ledger' }), 'invalid_client');
  assert.equal((await hop('payments', fields.subject_token, 'ledger', { client_id: 'payments' })).status, 200);
});

/* --- workloads --- */

test('a batch job gets what is its own, in its own name, with no stored secret', async () => {
  const { payload } = await given(own(pod('nightly')));
  assert.deepEqual([payload.aud, payload.scope, payload.sub, payload.req_wl, payload.act], [['pay.internal', 'ledger'], 'ledger.read', 'nightly', 'nightly', { sub: 'nightly' }]);
  assert.deepEqual([payload.rctx, payload.tctx, payload.grant], [{}, {}, undefined]);
  assert.equal((await given(own(pod('nightly'), 'audit'))).payload.scope, 'audit.append');
  await refused(own(pod('nightly'), 'risk'), 'invalid_target');
  await refused(own(pod('payments')), 'invalid_target');
  const token = pod('nightly');
  await given(own(token, 'ledger', { client_assertion_type: ASSERTION, client_assertion: token }));
  await refused(own(pod('nightly'), 'ledger', { client_assertion_type: ASSERTION, client_assertion: pod('payments') }), 'invalid_client');
  const short = pod('nightly', { exp: seconds() + 10 });
  assert.ok((await given(own(short))).payload.exp <= decode(short).payload.exp, 'never longer than the workload’s own');
});

test('WF-19 what a workload gets is no sign-in: not at userinfo, not at the gateway', async () => {
  const { token } = await given(own(pod('nightly')));
  assert.equal((await authority.userinfo(token)).status, 401);
  const answer = await askNginx(authority, { token });
  assert.equal(answer.status, 401);
});

test('WF-01 WF-03 WF-18 of Kubernetes: its audience alone, for a time, not too long', async () => {
  const now = seconds();
  await given(own(pod('nightly', { aud: 'pay' })));
  for (const change of [{ aud: [KUBERNETES] }, { aud: ['pay', KUBERNETES] }, { aud: [] }, { aud: undefined }, { aud: ['Pay'] }, { aud: { 0: 'pay' } }, { exp: undefined }, { iat: undefined }, { exp: now - 61 },
    { exp: now + 30 * 24 * 3600 }, { iat: now + 90 }, { nbf: now + 90 }, { nbf: 'soon' }, { exp: 'later' }, { exp: -1 }, { iss: 'kubernetes/serviceaccount' }, { iss: `${KUBERNETES}/` }]) {
    await refused(own(pod('nightly', change)), 'invalid_client');
  }
});

test('WF-04 WF-14 the same name elsewhere is somebody else', async () => {
  await refused(own(other.sign(serviceAccount(seconds(), 'pay', 'nightly', { iss: other.issuer }))), 'invalid_client');
  await refused(own(other.sign(serviceAccount(seconds(), 'pay', 'nightly'))), 'invalid_client');
  for (const name of ['Nightly', 'nightly ', 'nіghtly', 'nightly-2']) await refused(own(pod(name)), 'invalid_client');
  await refused(own(pod('nightly', {}, 'coin')), 'invalid_client');
});

test('structured claims are followed by their path', async () => {
  assert.equal((await given(own(pod('job', {}, 'batch')))).payload.sub, 'structured');
  for (const claims of [{ 'kubernetes.io': { namespace: 'batch' } }, { 'kubernetes.io': { namespace: 'batch', serviceaccount: 'job' } }, { 'kubernetes.io': 'batch' }, { 'kubernetes.io': { namespace: ['x'], serviceaccount: { name: 'job' } } }]) {
    await refused(own(pod('job', claims, 'batch')), 'invalid_client');
  }
});

test('WF-07 WF-09 WF-12 WF-13 of GitHub: the job that the rule says', async () => {
  const job = (change) => own(github.sign(githubJob(seconds(), change)));
  assert.equal((await given(job())).payload.sub, 'deploy');
  for (const change of [{ aud: 'https://github.com/octo-org' }, { aud: 'pay' }, { repository_id: '7' }, { repository_id: 74.5 }, { ref: 'refs/heads/main-evil' }, { ref: 'refs/pull/7/merge' }, { environment: undefined }, { environment: 'production' },
    { ref_protected: 'false' }, { event_name: 'pull_request' }, { event_name: 'pull_request_target' }, { exp: seconds() + 7200 }]) await refused(job(change), 'invalid_client');
  assert.equal((await given(job({ repository_id: 74 }))).payload.sub, 'deploy', 'a number is as it is written');
  const release = { repository_id: '75', event_name: 'release' };
  assert.equal((await given(job({ ...release, ref: 'refs/tags/v1.2' }))).payload.sub, 'release');
  for (const ref of ['refs/tags/w1', 'refs/tags/', 'refs/heads/refs/tags/v1', 'Refs/tags/v1']) await refused(job({ ...release, ref }), 'invalid_client');
});

test('WF-20 large, odd and borrowed tokens are refused cheaply', async () => {
  const many = Object.fromEntries(Array.from({ length: 10000 }, (_, i) => [`claim${i}`, 'x'.repeat(20)]));
  assert.equal((await own(pod('nightly', many))).status, 413);
  await refused(own(pod('nightly', { padding: 'x'.repeat(20000) })), 'invalid_client');
  for (const header of [{ typ: 'at+jwt' }, { typ: 'txntoken+jwt' }, { alg: 'none' }, { alg: 'HS256' }, { crit: ['x'] }, { kid: 'another' }]) await refused(own(cluster.sign(serviceAccount(seconds(), 'pay', 'nightly'), header)), 'invalid_client');
  const { access_token: access, id_token: id } = await authority.tokens({ scope: 'openid transfer' });
  for (const token of [access, id, await charged()]) await refused(own(token), 'invalid_client');
  await refused(own(pod('twin')), 'invalid_client');
});

test('WF-15 WF-16 keys of a file are read again when it changes, those of an address fetched; what cannot be had is 503', async () => {
  const claims = (change) => ({ iss: remote.issuer, sub: 'job', aud: 'pay', iat: seconds(), exp: seconds() + 600, groups: ['x', 'batch'], level: 3, human: false, ...change });
  assert.equal((await given(own(remote.sign(claims())))).payload.sub, 'elsewhere');
  for (const change of [{ groups: ['x'] }, { groups: 'x' }, { level: '4' }, { level: 3.5 }, { human: true }, { human: null }]) await refused(own(remote.sign(claims(change))), 'invalid_client');
  assert.equal(server.requests.length, 1, 'kept while fresh');
  await refused(own(new Platform('https://missing.example').sign({ ...claims(), iss: 'https://missing.example' })), 'temporarily_unavailable', 503);
  const old = pod('nightly');
  cluster.rotate();
  fs.writeFileSync(path.join(authority.folder, 'k8s.jwks'), JSON.stringify(cluster.jwks));
  await until(async () => (await own(pod('nightly'))).status === 200, 'the new key to be read');
  await refused(own(old), 'invalid_client');
  fs.writeFileSync(path.join(authority.folder, 'k8s.jwks'), '{"keys": [');
  authority.pass(5);
  assert.equal((await own(pod('nightly'))).status, 200, 'what cannot be read replaces nothing');
});

test('the metadata names the grant, and what is refused is logged with its reason, never its token', async () => {
  assert.ok((await authority.get('/.well-known/oauth-authorization-server/pay')).json.grant_types_supported.includes(GRANT));
  const token = pod('nobody');
  await refused(own(token), 'invalid_client');
  const refusals = () => authority.program.log.split('\n').filter((text) => text.includes('exchange.refused'));
  await until(() => /its claims are those of no service/.test(refusals().at(-1)), 'the line');
  assert.ok(!refusals().at(-1).includes(token.slice(0, 40)));
});
