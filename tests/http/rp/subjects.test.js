// Who a person is to a domain: another one to each (OpenID Connect Core §8), unless the domains say otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorize, codeOf, continueOf, payload, redeem } from '../support/entry.js';
import { postForm } from '../support/http.js';
import { Rp } from '../support/rp.js';

async function start(types) {
  return Rp.start({
    authority: true,
    config: (text) => text.replace('evidence: domain}', '}').replace('max_age: 10m, }', 'max_age: 10m}')
      .replace('    name: Pay\n', `    name: Pay\n    subject_type: ${types[0]}\n`).replace('    name: Coin\n', `    name: Coin\n    subject_type: ${types[1]}\n`),
  });
}
const tokens = async (browser, rp, domain) => {
  const answer = await authorize(browser, rp, {}, domain);
  if (!answer.headers.location.includes('continue=')) return (await redeem(rp, codeOf(answer, rp), domain)).json;
  const { redirect } = await browser.login({ continue: continueOf(answer) });
  return (await redeem(rp, codeOf(await browser.get(redirect), rp), domain)).json;
};

for (const [types, alike] of [[['pairwise', 'pairwise'], false], [['public', 'public'], true], [['public', 'pairwise'], false]]) {
  test(`${types.join(' and ')}: the two domains see ${alike ? 'one person' : 'two'}`, async () => {
    const rp = await start(types);
    try {
      const browser = rp.browser();
      await browser.register('ann');
      const [pay, coin] = [await tokens(browser, rp, 'pay'), await tokens(browser, rp, 'coin')];
      const [a, b] = [payload(pay.id_token), payload(coin.id_token)];
      assert.equal(a.sub === b.sub, alike);
      assert.equal(a.sid === b.sid, alike);
      const { sub } = (await browser.get('/session')).json;
      assert.deepEqual([a.sub === sub, b.sub === sub], types.map((type) => type === 'public'));
      const document = async (domain) => ((await fetch(`http://localhost:${rp.authorityPort}/${domain}/.well-known/openid-configuration`)).json());
      assert.deepEqual([(await document('pay')).subject_types_supported, (await document('coin')).subject_types_supported], types.map((type) => [type]));
      assert.equal((await browser.send('DELETE', '/session')).status, 200);
      for (const [domain, { access_token: token }] of [['pay', pay], ['coin', coin]]) {
        let said;
        for (const end = Date.now() + 10000; (said = (await postForm({ port: rp.internalPort }, `/${domain}/introspect`, { token })).json).active && Date.now() < end;) await new Promise((resolve) => { setTimeout(resolve, 20); });
        assert.equal(said.active, false, `${domain} hears of the end`);
      }
    } finally {
      await rp.done();
    }
  });
}
