// Good bodies of the four ceremony endpoints with one thing wrong: every member of every type, doubled, missing, long and
// deep, and bytes changed at random with a fixed seed. Always a clear refusal, never a crash, and nothing written.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settledDescriptors } from '../support/descriptors.js';
import { exchange } from '../support/http.js';
import { b64, refused, resources, stored } from '../support/refusal.js';
import { Rp } from '../support/rp.js';

const ROUNDS = Number(process.env.SEKISHO_MUTATIONS ?? 120); // of random changes, per member
let rp;
before(async () => { rp = await Rp.start(); });
after(() => rp.done());

/** mulberry32: the same numbers in every run. */
function generator(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const MARK = '§';
/** Raw JSON in place of a member; good: the raw JSON of what stood there. */
const VALUES = {
  null: () => 'null', true: () => 'true', false: () => 'false', zero: () => '0', 'minus one': () => '-1', fraction: () => '1.5', 'a large number': () => '1e30', 'a huge number': () => '1e400',
  'past 64 bits': () => '18446744073709551616', 'an empty string': () => '""', 'a string': () => '"x"', 'a string of JSON': (good) => JSON.stringify(good), 'an empty array': () => '[]', 'an empty object': () => '{}',
  'itself in an array': (good) => `[${good}]`, 'itself in an object': (good) => `{"x":${good}}`, 'a long string': () => `"${'x'.repeat(20000)}"`, 'a long array': () => `[${Array(8000).fill(0).join()}]`,
  'many members': () => `{${Array.from({ length: 3000 }, (_, i) => `"m${i}":0`).join()}}`, 'deep arrays': () => '['.repeat(5000) + ']'.repeat(5000), 'deep objects': () => '{"a":'.repeat(5000) + '0' + '}'.repeat(5000),
  'an endless array': () => '['.repeat(9000), 'a NUL': () => '"\\u0000"', 'half a pair': () => '"\\ud800"', 'an unknown word': () => 'nil', 'a comment': (good) => `/**/${good}`, 'a comma too many': (good) => `${good},`,
};
const DOUBLED = { 'doubled, as it is': (good) => good, 'doubled, null after it': () => 'null', 'doubled, another after it': () => '"x"' };

/** All members, as paths; [[]] for the whole. */
function paths(value, at = []) {
  if (value === null || typeof value !== 'object') return [at];
  return [...(at.length ? [at] : []), ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...at, Array.isArray(value) ? Number(key) : key]))];
}

function parentOf(value, at) {
  return at.slice(0, -1).reduce((inner, key) => inner[key], value);
}

/** Bodies with the member changed: [what, text]. */
function mutations(body, at) {
  const key = at.at(-1);
  const good = JSON.stringify(parentOf(body, at)[key]);
  const withRaw = (raw) => {
    const copy = structuredClone(body);
    parentOf(copy, at)[key] = MARK;
    return JSON.stringify(copy).replace(`"${MARK}"`, () => raw);
  };
  const found = Object.entries(VALUES).map(([what, make]) => [what, withRaw(make(good))]);
  if (typeof key === 'string') {
    for (const [what, make] of Object.entries(DOUBLED)) found.push([what, withRaw(`${good},${JSON.stringify(key)}:${make(good)}`)]);
    found.push(['doubled, null before it', withRaw(`null,${JSON.stringify(key)}:${good}`)]);
    const without = structuredClone(body);
    delete parentOf(without, at)[key];
    found.push(['missing', JSON.stringify(without)]);
    const renamed = structuredClone(without);
    parentOf(renamed, at)[key.toUpperCase()] = parentOf(body, at)[key];
    found.push(['in capitals', JSON.stringify(renamed)]);
    parentOf(without, at)[`${key} `] = parentOf(body, at)[key];
    found.push(['with a blank after its name', JSON.stringify(without)]);
  }
  return found;
}

/** A 4xx of the right form, or, where harmless, 200. */
function judge(answer, what, harmless) {
  if (harmless && answer.status === 200) return true;
  assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.body.slice(0, 300)}`);
  refused(answer, { status: answer.status }, what);
  return false;
}

/** harmless(path, what): whether the server may take it. Returns how many were taken. */
async function mutateOptions(pathname, body, harmless) {
  const b = rp.browser();
  let taken = 0;
  for (const at of paths(body))
    for (const [what, text] of mutations(body, at)) {
      const answer = await b.post(pathname, text, { keep: false });
      const where = `${pathname} ${at.join('.')}: ${what}`;
      if (judge(answer, where, harmless(at, what))) taken += 1;
      else assert.equal(answer.headers['set-cookie'], undefined, where);
    }
  return taken;
}

const isText = (what) => what === 'an empty string' || what === 'a string' || what === 'a string of JSON' || what === 'a long string';
const isLeft = (what) => ['missing', 'in capitals', 'with a blank after its name'].includes(what);
const isSound = (what) => !/doubled|deep|endless|NUL|pair|word|comment|comma|huge/.test(what);

test('options for a registration: each member of every type', { timeout: 60000 }, async () => {
  const body = {
    username: 'mutant', displayName: 'Mutant', attestation: 'direct', hints: ['security-key'], extensions: { 'example.extension': 'text', credProps: true },
    authenticatorSelection: { requireResidentKey: false, residentKey: 'required', userVerification: 'preferred', authenticatorAttachment: 'cross-platform' },
  };
  const before = stored(rp);
  const taken = await mutateOptions('/attestation/options', body, (at, what) => {
    if (!isSound(what)) return false;
    if (isLeft(what)) return true;
    const name = at.join('.');
    if (/^extensions\.|^hints\./.test(name)) return true; // passed on, or dropped
    if (name === 'extensions') return what === 'an empty object' || what === 'itself in an object' || what === 'many members';
    if (name === 'authenticatorSelection') return what === 'an empty object' || what === 'itself in an object' || what === 'many members';
    if (name === 'hints') return what === 'an empty array' || what === 'itself in an array' || what === 'a long array';
    if (name.endsWith('requireResidentKey')) return what === 'true' || what === 'false';
    return isText(what);
  });
  assert.ok(taken > 10);
  assert.equal(stored(rp), before);
  await rp.browser().register('mutant');
});

test('options for a login: each member of every type', { timeout: 60000 }, async () => {
  const body = { username: 'mutant', userVerification: 'preferred', hints: ['hybrid'], extensions: { 'example.extension': 'text' }, requirement: { acr: 'phr', max_age: 300 } };
  const before = stored(rp);
  const taken = await mutateOptions('/assertion/options', body, (at, what) => {
    if (!isSound(what)) return false;
    if (isLeft(what)) return true;
    const name = at.join('.');
    if (/^extensions\.|^hints\./.test(name)) return true;
    if (name === 'extensions' || name === 'requirement') return what === 'an empty object' || what === 'itself in an object' || what === 'many members';
    if (name === 'hints') return what === 'an empty array' || what === 'itself in an array' || what === 'a long array';
    if (name === 'requirement.max_age') return ['zero', 'an empty string', 'a string of JSON'].includes(what);
    return isText(what);
  });
  assert.ok(taken > 10);
  assert.equal(stored(rp), before);
});

/* Results of extensions: of the right types, there or not. */
const isExtension = (name, what) => /^clientExtensionResults\./.test(name) && (isLeft(what) || ['an empty object', 'itself in an object', 'many members', 'true', 'false'].includes(what));
let accounts = 0;

/** Two kinds of ceremonies that can be had again and again. */
const KINDS = {
  registration: {
    path: '/attestation/result',
    async begin(b) {
      const options = await b.registrationOptions(`mutant-${accounts += 1}`, { attestation: 'direct' });
      const response = await b.authenticator.create(options, rp.origin, { format: 'packed-self', ignoreExclude: true });
      await b.authenticator.forget(response.id);
      return { ...response, nickname: 'Key' };
    },
    /* What may be otherwise without being wrong. */
    harmless: (name, what) => isSound(what) && (isExtension(name, what) ||
      (isLeft(what) && /^(rawId|nickname|authenticatorAttachment|clientExtensionResults|response\.transports)$/.test(name)) ||
      (name === 'nickname' && isText(what) && what !== 'a long string') || (name === 'authenticatorAttachment' && (isText(what) || what === 'null')) ||
      (name === 'response.transports' && what === 'an empty array') || (name === 'response.transports.0' && isText(what)) ||
      (name === 'clientExtensionResults' && (what === 'an empty object' || what === 'itself in an object' || what === 'many members'))),
    signed: ['clientDataJSON', 'attestationObject'],
  },
  login: {
    path: '/assertion/result',
    async begin(b) {
      return b.authenticator.get(await b.loginOptions(), rp.origin);
    },
    harmless: (name, what) => isSound(what) && (isExtension(name, what) ||
      (isLeft(what) && /^(rawId|authenticatorAttachment|clientExtensionResults)$/.test(name)) ||
      (name === 'authenticatorAttachment' && (isText(what) || what === 'null')) ||
      (name === 'clientExtensionResults' && (what === 'an empty object' || what === 'itself in an object' || what === 'many members'))),
    signed: ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle'],
  },
};

/** A browser for a kind; known: an account that signs in. */
async function browserFor(kind) {
  const b = rp.browser();
  if (kind === 'login') {
    await b.register(`known-${accounts += 1}`);
    b.cookies.clear();
  }
  return b;
}

/** Posts the body in the browser of its ceremony and forgets the cookies. */
async function post(b, kind, text) {
  const answer = await b.post(KINDS[kind].path, text, { keep: false });
  b.cookies.clear();
  return answer;
}

for (const [kind, { begin, harmless }] of Object.entries(KINDS)) {
  test(`the result of a ${kind}: each member of every type, doubled, missing, long, deep`, { timeout: 60000 }, async () => {
    const b = await browserFor(kind);
    const shape = await begin(b);
    b.cookies.clear();
    let before = stored(rp);
    for (const at of paths(shape)) {
      const name = at.join('.');
      for (let i = 0; i < mutations(shape, at).length; i += 1) {
        const [what, text] = mutations(await begin(b), at)[i];
        const answer = await post(b, kind, text);
        if (judge(answer, `${kind} ${name}: ${what}`, harmless(name, what))) before = stored(rp);
      }
      assert.equal(stored(rp), before, `${kind} ${name}: something was written`);
    }
    assert.equal((await b.post(KINDS[kind].path, await begin(b))).status, 200);
  });
}

/** One random change of bytes, never none. */
function change(bytes, random) {
  const at = random(bytes.length), length = 1 + random(Math.min(8, bytes.length - at));
  const noise = Buffer.from(Array.from({ length }, () => random(256)));
  const made = [
    () => { const copy = Buffer.from(bytes); copy[at] ^= 1 << random(8); return copy; },
    () => { const copy = Buffer.from(bytes); copy[at] = [0, 0x7f, 0x80, 0xff, 0x1a, 0x5f, 0xbf][random(7)]; return copy; },
    () => Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at)]),
    () => Buffer.concat([bytes, noise]),
    () => { const copy = Buffer.from(bytes); copy.set(noise, at); return copy; },
  ][random(8)]();
  return made.equals(bytes) ? change(bytes, random) : made;
}

for (const [kind, { begin, signed }] of Object.entries(KINDS)) {
  test(`the result of a ${kind}: whatever is changed in what is signed, it is refused`, { timeout: 60000 }, async () => {
    const b = await browserFor(kind);
    const random = generator(20260921);
    const before = stored(rp);
    for (const member of signed) {
      for (let round = 0; round < ROUNDS; round += 1) {
        const body = await begin(b);
        const good = Buffer.from(body.response[member], 'base64url');
        const bad = change(good, random);
        if (bad.length === 0 && member === 'userHandle') continue; // WA-36: none at all
        body.response[member] = b64(bad);
        judge(await post(b, kind, body), `${kind} ${member} #${round}: ${bad.toString('hex')}`, false);
      }
      assert.equal(stored(rp), before, `${kind} ${member}: something was written`);
    }
    assert.equal((await b.post(KINDS[kind].path, await begin(b))).status, 200);
  });

  test(`the result of a ${kind}: text changed at random is refused, or says the same`, { timeout: 60000 }, async () => {
    const b = await browserFor(kind);
    const random = generator(kind.length);
    const meant = ({ id, type, response }) => JSON.stringify([id, type, response?.clientDataJSON, response?.attestationObject, response?.authenticatorData, response?.signature, response?.userHandle]);
    for (let round = 0; round < 2 * ROUNDS; round += 1) {
      const body = await begin(b);
      const bad = change(Buffer.from(JSON.stringify(body)), random);
      let same = false;
      try {
        same = meant(JSON.parse(bad.toString('utf8'))) === meant(body);
      } catch { /* no JSON */ }
      judge(await post(b, kind, bad), `${kind} #${round}: ${bad.toString('latin1')}`, same);
    }
  });
}

test('bodies that are no object at all, or too large, or of another kind', async () => {
  const wrong = {
    nothing: '', blank: '   ', null: 'null', true: 'true', number: '5', string: '"{}"', array: '[]', 'an array of it': '[{}]', 'two objects': '{}{}', 'an object and a comma': '{},', 'an open object': '{', 'a closed one': '}',
    'single quotes': "{'username':'x'}", 'a form': 'username=x&displayName=x', XML: '<username>x</username>', 'a byte order mark': Buffer.from('\ufeff{}'), 'UTF-16': Buffer.from('{}', 'utf16le'), NUL: Buffer.from([0]),
    'an object and a NUL': Buffer.from('{}\0'), 'a NUL before it': Buffer.from('\0{}'), 'compressed': Buffer.from('1f8b0800000000000003ab', 'hex'), 'deep arrays': '['.repeat(65000), 'deep objects': '{"":'.repeat(16000), 'all quotes': '"'.repeat(60000),
    'a key of 60000': `{"${'k'.repeat(60000)}":`, 'five thousand members': `{${Array.from({ length: 5000 }, (_, i) => `"${i}":0`).join()}`, 'no key': '{"":', 'a doubled empty key': '{"":0,"":0}', 'keys that hash alike': `{${Array.from({ length: 2000 }, (_, i) => `"${'Aa'.repeat(i % 12)}${'BB'.repeat(12 - (i % 12))}${i}":0`).join()},"x"}`,
  };
  const b = rp.browser();
  const before = stored(rp);
  for (const path of ['/attestation/options', '/attestation/result', '/assertion/options', '/assertion/result']) {
    for (const [what, body] of Object.entries(wrong)) refused(await b.post(path, body), { error: 'malformed' }, `${path} ${what}`);
    for (const size of [65537, 100000, 1 << 20]) refused(await b.post(path, `{"x":"${'x'.repeat(size - 8)}"}`), { status: 413, error: 'too_large' }, `${path} ${size}`);
    const chunked = await exchange({ port: rp.port }, { method: 'POST', path, headers: { host: `localhost:${rp.port}`, origin: rp.origin, 'content-type': 'application/json', 'transfer-encoding': 'chunked' }, body: `{"x":"${'x'.repeat(100000)}"}` });
    refused(chunked, { status: 413, error: 'too_large' }, `${path} chunked`);
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await b.send(method, path, method === 'GET' ? undefined : '{}');
      refused(answer, { status: 405, error: 'method_not_allowed' }, `${method} ${path}`);
    }
  }
  assert.equal(stored(rp), before);
  await b.register('after-all');
});

test('PM-19 refusals of every kind of ceremony leave memory, threads and descriptors as they were', { timeout: 60000 }, async () => {
  const b = { registration: await browserFor('registration'), login: await browserFor('login') };
  const random = generator(19);
  const refuseMany = async (count) => {
    for (let i = 0; i < count; i += 1)
      for (const [kind, { begin, signed }] of Object.entries(KINDS)) {
        const body = await begin(b[kind]);
        const member = signed[i % signed.length];
        body.response[member] = i % 5 === 0 ? 5 : b64(change(Buffer.from(body.response[member], 'base64url'), random));
        const answer = await post(b[kind], kind, body);
        if (answer.status !== 200) judge(answer, kind, false);
      }
  };
  await refuseMany(100);
  const before = resources(rp);
  await refuseMany(2 * ROUNDS);
  const now = resources(rp);
  assert.equal(now.threads, before.threads);
  const descriptors = await settledDescriptors(rp.program.child.pid, before.descriptors + 1);
  assert.ok(descriptors <= before.descriptors + 1, `${before.descriptors} → ${descriptors} descriptors`);
  assert.ok(now.rss - before.rss < (now.sanitized ? 64 * 1024 : 2048), `grew ${now.rss - before.rss} KiB`); // ASan holds freed memory back
});
