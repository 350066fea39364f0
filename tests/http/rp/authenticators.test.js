// Which authenticators are taken: at registration, for a level, for a domain.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AAGUID, audited, credentialsOf, refused, serve, serveTrusting } from '../support/ceremonies.js';
import { authorize, codeOf, continueOf, place } from '../support/entry.js';

const OTHER = '00112233-4455-6677-8899-aabbccddeeff';
const bytesOf = (aaguid) => Buffer.from(aaguid.replaceAll('-', ''), 'hex').toString('base64url');
const TRUSTED = '  authenticators: {attestation: [basic, attca, anonca]}';

let trusted, any;
before(async () => { [trusted, any] = await Promise.all([serveTrusting(TRUSTED), serveTrusting('  attestation: direct')]); });
after(() => Promise.all([trusted.done(), any.done()]));

const only = async (rp, name) => (await credentialsOf(rp, name))[0];

test('AT-01 where only trusted attestation is taken, none and self are refused, and say what to do', async () => {
  for (const format of ['none', 'packed-self']) {
    const answer = await trusted.browser().tryRegister('ann', { ask: { attestation: 'direct' }, format });
    refused(answer, 400, 'authenticator_not_allowed');
    assert.match(answer.json.errorMessage, /Use another/);
    const [event] = await audited(trusted.rp, 'registration.refused');
    assert.deepEqual(event.detail, { error: 'authenticator_not_allowed', step: 'attestation-trust' });
  }
  assert.equal((await trusted.rp.admin('GET', '/users/ann')).status, 404);
  await trusted.browser().register('ann', { ask: { attestation: 'direct' } });
});

test('AT-01 a chain to a root that nobody trusts is refused', async () => {
  refused(await trusted.browser().tryRegister('bob', { certificate: 'other-root' }), 400, 'attestation_untrusted');
});

test('where attestation decides, options ask for it, whatever the caller says', async () => {
  for (const asked of [undefined, 'none', 'indirect', 'direct']) {
    const options = await trusted.browser().registrationOptions('cat', asked && { attestation: asked });
    assert.equal(options.attestation, 'direct', asked);
  }
  assert.equal((await trusted.browser().registrationOptions('cat', { attestation: 'enterprise' })).attestation, 'enterprise');
  assert.equal((await any.browser().registrationOptions('cat', { attestation: 'none' })).attestation, 'none');
});

test('a passkey that is made for a level that needs attestation is asked for it', async (t) => {
  const rp = await serve('', { config: (text) => text.replace('transfer:\n        acr: phr', 'transfer:\n        acr: phrh'), authority: true });
  t.after(() => rp.done());
  const b = rp.browser();
  await b.register('dan');
  const asked = async (scope, more) => {
    const handle = continueOf(await authorize(b, rp, { scope, prompt: 'login' }));
    return (await b.registrationOptions(null, { continue: handle, ...more })).attestation;
  };
  assert.equal(await asked('transfer'), 'direct');
  assert.equal(await asked('transfer', { attestation: 'none' }), 'direct');
  assert.equal(await asked('balance.read'), 'none');
  assert.equal((await b.registrationOptions(null)).attestation, 'none');
});

test('models are allowed and denied by AAGUID', async (t) => {
  const [allowing, denying, trustful] = await Promise.all([
    serve(`  authenticators: {allow: ["${AAGUID}"], allow_unvouched: true}`),
    serve(`  authenticators: {deny: ["${AAGUID}"]}`),
    serve(`  authenticators: {allow: ["${AAGUID}"]}`),
  ]);
  t.after(() => Promise.all([allowing.done(), denying.done(), trustful.done()]));
  await allowing.browser().register('eve');
  refused(await allowing.browser().tryRegister('eva', { aaguid: bytesOf(OTHER) }), 400, 'authenticator_not_allowed');
  await denying.browser().register('eve', { aaguid: bytesOf(OTHER) });
  refused(await denying.browser().tryRegister('eva'), 400, 'authenticator_not_allowed');
  refused(await trustful.browser().tryRegister('eve', { format: 'none' }), 400, 'authenticator_not_allowed');
});

test('certification that no metadata vouches for is none', async (t) => {
  const rp = await serve('  authenticators: {certification: L1}');
  t.after(() => rp.done());
  refused(await rp.browser().tryRegister('fay', { format: 'packed-self' }), 400, 'authenticator_not_allowed');
});

test('AT-25 hardware level: only an attested key that cannot be synced reaches it', async () => {
  const cases = [['bound', {}, 'phrh'], ['synced', { be: true }, 'phr'], ['plain', { format: 'none' }, 'phr'], ['self', { format: 'packed-self' }, 'phr']];
  for (const [name, knobs, acr] of cases) {
    const b = any.browser();
    const { credential } = await b.register(name, knobs);
    b.cookies.clear();
    const { session } = await b.login({ username: name, requirement: { acr: 'phrh' } }, { credential: credential.id, be: knobs.be ?? false });
    assert.equal(session.acr, acr, name);
    assert.equal((await b.get('/session?acr=phrh')).json.satisfied, acr === 'phrh');
    assert.equal((await b.get('/session?acr=phr')).json.satisfied, true);
  }
});

test('AT-26 what the attestation proved is on the record and in the audit log', async () => {
  const cases = [['chain', {}, 'packed', 'basic', true], ['nothing', { format: 'none' }, 'none', 'none', false], ['itself', { format: 'packed-self' }, 'packed', 'self', false]];
  for (const [name, knobs, fmt, type, attested] of cases) {
    await any.browser().register(name, knobs);
    const record = await only(any.rp, name);
    assert.deepEqual([record.fmt, record.attestation_type, record.attested, record.hardware], [fmt, type, attested, attested]);
    const [event] = await audited(any.rp, 'credential.registered');
    assert.deepEqual([event.detail.format, event.detail.attestation_type, event.detail.attested, event.detail.aaguid], [fmt, type, attested, AAGUID]);
  }
});

test('AT-27 under a policy that takes any, attestation changes no login', async () => {
  for (const [name, knobs] of [['gil', { format: 'none' }], ['gus', {}]]) {
    const b = any.browser();
    const { credential } = await b.register(name, knobs);
    b.cookies.clear();
    const answer = await b.tryLogin({ username: name }, { credential: credential.id });
    assert.equal(answer.status, 200, answer.body);
  }
});

/* --- what a domain takes --- */

const domainRule = (rule) => (text) => text.replace('entry: {acr: phr, max_age: 12h}', `authenticators: ${rule}\n    entry: {acr: phr, max_age: 12h}`);

test('a domain that does not take the model says so in words, and to the client when nothing else comes', async (t) => {
  const rp = await serve('', { config: domainRule(`{deny: ["${AAGUID}"]}`), authority: true });
  t.after(() => rp.done());
  const b = rp.browser();
  const { credential: denied } = await b.register('hal');
  const first = await authorize(b, rp);
  assert.equal(place(first, rp).pathname, '/step-up');
  const handle = continueOf(first);
  const shown = (await b.get(`/continue?continue=${handle}`)).json;
  assert.equal(shown.shortfall, 'authenticator');
  assert.match(shown.reason.en, /^Pay does not take the passkey or key that was used .*use another, of a kind that Pay accepts/);
  assert.match(shown.reason.ja, /Payでは、前回/);
  const { redirect } = await b.login({ continue: handle }, { credential: denied.id });
  const end = await b.get(redirect);
  assert.equal(place(end, rp).searchParams.get('error'), 'unmet_authentication_requirements');
  const { credential: other } = await b.register(null, { aaguid: bytesOf(OTHER), ignoreExclude: true });
  const again = continueOf(await authorize(b, rp));
  const done = await b.login({ continue: again }, { credential: other.id });
  assert.ok(codeOf(await b.get(done.redirect), rp));
  assert.ok(codeOf(await authorize(b, rp), rp), 'and that evidence stays good');
});

test('nobody signed in is asked as always', async (t) => {
  const rp = await serve('', { config: domainRule(`{deny: ["${AAGUID}"]}`), authority: true });
  t.after(() => rp.done());
  const b = rp.browser();
  const first = await authorize(b, rp);
  assert.equal(place(first, rp).pathname, '/login');
  assert.equal((await b.get(`/continue?continue=${continueOf(first)}`)).json.shortfall, 'no_evidence');
});

test('a domain that allows one model wants its maker to vouch for it', async (t) => {
  const site = await serveTrusting('', { config: domainRule(`{allow: ["${AAGUID}"]}`), authority: true });
  t.after(() => site.done());
  const b = site.browser();
  const { credential: claims } = await b.register('ida');
  const page = await authorize(b, site.rp);
  assert.equal((await b.get(`/continue?continue=${continueOf(page)}`)).json.shortfall, 'authenticator');
  const { redirect } = await b.login({ continue: continueOf(page) }, { credential: claims.id });
  assert.equal(place(await b.get(redirect), site.rp).searchParams.get('error'), 'unmet_authentication_requirements');
  /* the same model again, made for that domain: now it is asked who made it */
  const again = continueOf(await authorize(b, site.rp));
  const { credential: vouched } = await b.register(null, { ask: { continue: again }, ignoreExclude: true });
  assert.deepEqual([vouched.attested, vouched.aaguid], [true, AAGUID]);
  const done = await b.login({ continue: again }, { credential: vouched.id });
  assert.ok(codeOf(await b.get(done.redirect), site.rp));
});
