// The pages for Android and iOS apps: the configuration is taken as it stands, and a scripted app goes the way of the page's
// program, with the names that stand there.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { DpopKey } from '../support/dpop.js';
import { exchange, postForm } from '../support/http.js';
import { Rp } from '../support/rp.js';

const page = (name) => fs.readFileSync(fileURLToPath(new URL(`../../../docs/integrations/${name}.md`, import.meta.url)), 'utf8');
const piece = (name, language) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page(name))[1];
const PAGES = {
  android: { language: 'kotlin', field: /"(\w+)" to /g, member: /\.(?:string|json)\("(\w+)"\)/g },
  ios: { language: 'swift', field: /^ +"(\w+)": (?!\[String|\[$)/gm, member: /(?:asked|done)\["(\w+)"\]/g },
};

/** As the platform writes it: the app's certificate for Android, the site itself for iOS. */
const originOf = (name) => {
  const [app] = parse(piece(name, 'yaml')).rp.apps.android ?? [];
  return app ? `android:apk-key-hash:${Buffer.from(app.sha256_cert_fingerprints[0].replaceAll(':', ''), 'hex').toString('base64url')}` : rp.origin;
};

let rp;
before(async () => {
  rp = await Rp.start({
    authority: true,
    config: (text) => {
      const config = parse(text);
      for (const name of Object.keys(PAGES)) {
        const more = parse(piece(name, 'yaml'));
        config.rp.apps = { ...config.rp.apps, ...more.rp.apps };
        config.domains[0].clients.push(...more.domains[0].clients);
      }
      return stringify(config);
    },
  });
});
after(() => rp.done());

/** The maps of the page's calls, in order: each a list of the fields that it sends. */
function calls(name) {
  const text = piece(name, PAGES[name].language);
  return text.split(/\bpost\(/).slice(1).map((part) => [...part.split(/\n\)|\]\)|\]\.merging|\) \+ more/)[0].matchAll(PAGES[name].field)].map(([, field]) => field));
}

for (const [name, { language, member }] of Object.entries(PAGES)) {
  test(`${name}: the page's exchange, by the names that it uses`, async () => {
    const [first, second, third] = calls(name);
    const client = new RegExp(`"client_id"(?: to|:) "([\\w-]+)"`).exec(piece(name, language))[1];
    const person = rp.browser();
    await person.register(`${name}-person`);
    const key = new DpopKey();
    const at = `${rp.origin}/pay/challenge`;
    const only = (names, values) => {
      assert.deepEqual(names.filter((field) => !(field in values)), [], 'a field that the scripted app does not know');
      return Object.fromEntries(names.map((field) => [field, values[field]]));
    };
    const post = (fields) => postForm({ port: rp.port }, '/pay/challenge', fields, { host: new URL(rp.origin).host, dpop: key.proof('POST', at) });
    const verifier = crypto.randomBytes(32).toString('base64url');
    const asked = await post(only(first, {
      client_id: client, scope: 'openid balance.read', code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', auth_session: undefined,
    }));
    assert.equal(asked.json.error, 'insufficient_authorization', asked.body);
    const response = await person.authenticator.get(asked.json.passkey, originOf(name));
    const done = await post(only(second, { auth_session: asked.json.auth_session, passkey_response: JSON.stringify(response) }));
    assert.equal(done.status, 200, done.body);
    const token = `http://localhost:${rp.authorityPort}/pay/token`;
    const redeem = (nonce) => postForm({ port: rp.authorityPort }, '/pay/token', only(third, {
      grant_type: 'authorization_code', client_id: client, code: done.json.authorization_code, code_verifier: verifier,
    }), { host: `localhost:${rp.authorityPort}`, dpop: key.proof('POST', token, { nonce }) });
    const tokens = await redeem((await redeem()).headers['dpop-nonce']);
    assert.equal(tokens.status, 200, tokens.body);

    // every member that the program reads is one that came, or a refusal's
    const came = new Set([...Object.keys(asked.json), ...Object.keys(done.json)]);
    const read = new Set([...piece(name, language).matchAll(member)].map(([, each]) => each));
    assert.deepEqual([...read].filter((each) => !came.has(each)), []);
    assert.ok(read.size >= 5, [...read].join());

    // the next sign-in goes on in the session
    const again = await post(only(first, {
      client_id: client, scope: 'openid balance.read', code_challenge: crypto.createHash('sha256').update('x').digest('base64url'), code_challenge_method: 'S256', auth_session: done.json.auth_session,
    }));
    assert.ok(again.json.authorization_code, again.body);
  });
}

test('the answer of iOS has the members that the ceremony reads', async () => {
  const person = rp.browser();
  await person.register('ios-form');
  const { challenge, ...options } = await person.loginOptions({});
  const response = await person.authenticator.get({ challenge, ...options }, rp.origin);
  const named = [...piece('ios', 'swift').matchAll(/"(id|rawId|type|clientExtensionResults|clientDataJSON|authenticatorData|signature|userHandle)":/g)].map(([, each]) => each);
  const sent = { ...response, response: { ...response.response } };
  for (const each of Object.keys(sent)) if (each !== 'response' && !named.includes(each)) delete sent[each];
  for (const each of Object.keys(sent.response)) if (!named.includes(each)) delete sent.response[each];
  const answer = await person.post('/assertion/result', sent);
  assert.equal(answer.status, 200, answer.body);
});

test('the platforms find the apps', async () => {
  const get = (path) => exchange({ port: rp.port }, { path, headers: { host: new URL(rp.origin).host } });
  const links = (await get('/.well-known/assetlinks.json')).json;
  assert.ok(links.some((each) => each.target.package_name === 'jp.example.pay'));
  const apple = (await get('/.well-known/apple-app-site-association')).json;
  assert.deepEqual(apple.webcredentials.apps, ['A1B2C3D4E5.jp.example.pay']);
});
