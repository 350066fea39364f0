// RL-01 in small: what was answered before kill -9 still holds after it, and what was spent stays spent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, redeem } from '../support/entry.js';
import { Site, until, wait } from '../support/site.js';

let site;
before(async () => { site = await Site.make(); await site.serve(); });
after(() => site.done());

const quietly = (promise) => promise.catch(() => undefined); // the connection may break under it
const ready = async () => {
  for (const listener of ['rp', 'internal']) if ((await quietly(site.get(listener, '/readyz')))?.status !== 200) return false;
  return true;
};

async function killBoth() {
  const { rp, authority } = site.children();
  for (const pid of [rp, authority]) if (pid) process.kill(pid, 'SIGKILL');
  await until(async () => {
    const now = site.children();
    return now.rp && now.authority && now.rp !== rp && now.authority !== authority && ready();
  }, 'both processes again');
}

test('RL-01 RL-22 sessions, codes, handles and spent challenges survive kill -9 of both, under way or not', async () => {
  const b = site.browser();
  await b.register('ann');
  b.cookies.clear();
  const handle = continueOf(await authorize(b, site));
  const options = await b.loginOptions({ continue: handle });
  const response = await b.authenticator.get(options, site.origin);
  const cookies = new Map(b.cookies);
  const pending = await b.sibling().authenticator.get(await b.loginOptions(), site.origin);
  const { redirect } = (await b.post('/assertion/result', response)).json;
  await killBoth();
  assert.equal((await b.get('/session')).json.username, 'ann');
  assert.equal((await b.post('/assertion/result', response, { cookies, keep: false })).status, 400, 'a spent challenge');
  const code = codeOf(await b.get(redirect), site);
  const spare = codeOf(await authorize(b, site), site);
  await killBoth();
  assert.equal((await b.get(redirect)).status, 400, 'a finished request');
  const { status, json } = await redeem(site, code);
  assert.equal(status, 200, JSON.stringify(json));
  await killBoth();
  assert.equal((await redeem(site, code)).json.error, 'invalid_grant', 'a redeemed code');
  await killBoth(); // and the revocation that followed from it
  const check = await site.get('internal', '/pay/check/nginx', { authorization: `Bearer ${json.access_token}`, 'x-original-method': 'GET', 'x-original-uri': '/balance' });
  assert.equal(check.status, 401);
  assert.equal((await redeem(site, spare)).status, 200);
  assert.equal((await b.post('/assertion/result', pending)).status, 200, 'a challenge that was not spent yet');
  await b.send('DELETE', '/session');
  await killBoth();
  assert.equal((await b.get('/session')).status, 401);
});

test('RL-01 kill -9 in the middle of many: nothing answered is lost, nothing is good twice', { timeout: 120000 }, async () => {
  const people = await Promise.all(Array.from({ length: 8 }, async (_, i) => {
    const b = site.browser();
    await b.register(`many${i}`);
    b.cookies.clear();
    return { b, name: `many${i}`, answered: [], codes: [], sure: true };
  }));
  for (let round = 0; round < 3; round += 1) {
    let going = true;
    const work = people.map(async (person) => {
      while (going) {
        const { b } = person;
        const response = await quietly((async () => b.authenticator.get(await b.loginOptions({ username: person.name }), site.origin))());
        if (!response) { await wait(50); continue; }
        const cookies = new Map([...b.cookies].filter(([name]) => name.startsWith('sekisho-c-')));
        person.sure = false; // until it is answered: a login that was kept and whose answer was lost has renewed the session
        const answer = await quietly(b.post('/assertion/result', response));
        if (answer) person.sure = true;
        if (answer?.status === 200) person.answered.push({ response, cookies, session: b.session });
        const entry = answer?.status === 200 && await quietly(authorize(b, site));
        const code = entry && entry.status === 303 && new URL(entry.headers.location, site.origin).searchParams.get('code');
        const token = code && await quietly(redeem(site, code));
        if (token?.status === 200) person.codes.push(code);
      }
    });
    await wait(150 + Math.floor(Math.random() * 250));
    await killBoth();
    going = false;
    await Promise.all(work);
    for (const { b, name, answered, codes, sure } of people) {
      const last = answered.at(-1);
      if (sure && last && last.session === b.session) {
        const { status, json } = await b.get('/session');
        assert.equal(status, 200, `${name}: the session that was answered last`);
        assert.equal(json.username, name);
      }
      for (const { response, cookies } of answered.slice(-3))
        assert.equal((await b.post('/assertion/result', response, { cookies, keep: false })).status, 400);
      for (const code of codes.slice(-3)) assert.equal((await redeem(site, code)).json.error, 'invalid_grant');
    }
  }
  assert.ok(people.every(({ answered }) => answered.length > 0), 'it did log in');
  const audit = await site.operator('audit', 'verify');
  assert.equal(audit.code, 0, audit.stderr);
});
