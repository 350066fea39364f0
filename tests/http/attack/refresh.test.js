// Refresh tokens through both processes: what ends a session ends them, and a real step-up lifts them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authorize, codeOf, continueOf, enter, payload } from '../support/entry.js';
import { postForm } from '../support/http.js';
import { Rp } from '../support/rp.js';
import { until } from '../support/site.js';

let rp;
before(async () => { rp = await Rp.start({ authority: true }); });
after(() => rp.done());

const OFFLINE = { scope: 'openid offline_access' };
const refresh = (refresh_token) => postForm({ port: rp.authorityPort }, '/pay/token',
  { grant_type: 'refresh_token', client_id: 'pay-web', refresh_token }, { host: `localhost:${rp.authorityPort}` });

async function tokens(b, more = OFFLINE) {
  const answer = await enter(b, rp, more);
  assert.equal(answer.status, 200, answer.body);
  assert.ok(answer.json.refresh_token);
  return answer.json;
}

/** The authority is told by the outbox; to refresh while waiting would use the token up. */
async function ends(refreshToken) {
  let token = refreshToken;
  await until(async () => {
    const answer = await refresh(token);
    if (answer.status === 200) token = answer.json.refresh_token;
    else assert.equal(answer.json.error, 'invalid_grant');
    return answer.status === 400;
  }, 'the end of the refresh token');
}

test('SS-28 refresh ends when the account is disabled or deleted', async () => {
  for (const [name, how] of [['dora', ['POST', '/users/dora/disable']], ['dirk', ['DELETE', '/users/dirk']]]) {
    const b = rp.browser();
    await b.register(name);
    const given = await tokens(b);
    assert.ok((await rp.admin(...how)).status < 300);
    await ends(given.refresh_token);
  }
});

test('IR-16 refresh ends with the sign-out of its session, and no other', async () => {
  const b = rp.browser();
  await b.register('otto');
  const other = b.sibling();
  await other.login({ username: 'otto' });
  const [here, there] = [await tokens(b), await tokens(other)];
  assert.ok((await b.send('DELETE', '/session')).status < 300);
  await ends(here.refresh_token);
  assert.equal((await refresh(there.refresh_token)).status, 200);
});

test('SS-27 a real step-up moves auth_time of the next refresh, and nothing before it does', async () => {
  const b = rp.browser();
  await b.register('stella');
  const first = await tokens(b);
  rp.pass(600);
  const second = (await refresh(first.refresh_token)).json;
  assert.equal(payload(second.access_token).auth_time, payload(first.access_token).auth_time);
  const { redirect } = await b.login({ continue: continueOf(await authorize(b, rp, { prompt: 'login' })) });
  codeOf(await b.get(redirect), rp);
  const third = (await refresh(second.refresh_token)).json;
  assert.ok(payload(third.access_token).auth_time >= payload(first.access_token).auth_time + 600);
  assert.equal(payload(third.access_token).sid, payload(first.access_token).sid);
});
