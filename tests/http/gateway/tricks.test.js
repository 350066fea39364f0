// What clients try with header fields and paths, through a real nginx and a real Caddy as every page of docs/integrations sets them up.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Authority, decode, verify } from '../support/authority.js';
import { withRoutes } from '../support/check.js';
import { DpopKey } from '../support/dpop.js';
import { Gateway, PROGRAMS, rawRequest, sendRaw } from '../support/gateway.js';

const NAMED = 'request_header Connection "(?i)txn-token" "-"';
const SETUPS = PROGRAMS.flatMap(([kind, skip]) => [
  { kind, skip, page: `${kind}.md` },
  { kind, skip, page: 'plain-web-product.md', sessions: true },
  ...(kind === 'caddy' ? [{ kind, skip, page: 'caddy.md', name: 'upgrades', change: (text) => text.replace('request_header -Connection ', `${NAMED} `) }] : []),
]);

test('the page says what is tried here in place of -Connection', () => {
  assert.ok(fs.readFileSync(new URL('../../../docs/integrations/caddy.md', import.meta.url), 'utf8').includes(`\`${NAMED}\``));
});

for (const { kind, skip, page, sessions = false, name = '', change } of SETUPS) {
  describe(`${kind}, ${page} ${name}`, { skip }, () => {
    let gateway, authority, token, jwks;
    before(async () => {
      gateway = await Gateway.prepare({ kind, page, change });
      gateway.patience = 1000; // some of this is answered, and the connection kept
      authority = await Authority.start({ config: (text) => withRoutes(text).replace('external_url: http://localhost:9001', `external_url: http://localhost:${gateway.port}${sessions ? '\n    gateway_session: true' : ''}`) });
      await gateway.start(authority.internalPort);
      token = (await authority.tokens()).access_token;
      jwks = (await authority.get('/pay/jwks')).json;
    });
    after(async () => {
      await gateway?.done();
      await authority?.done();
    });
    const untouched = () => assert.deepEqual(gateway.product.seen.splice(0), []);
    async function served(answer) {
      const { status } = await answer;
      assert.equal(status, 200);
      return gateway.product.take();
    }
    /** Only our token, and only one. */
    function internal(call) {
      const tokens = call.fields.filter(([field]) => /^txn.?token$/i.test(field));
      assert.equal(tokens.length, 1, JSON.stringify(call.fields));
      assert.ok(verify(tokens[0][1], jwks));
      return tokens[0][1];
    }

    test('GW-03 GW-04 Txn-Token in every spelling, and named in Connection', async () => {
      for (const lines of [['Txn-Token: forged'], ['txn-token: forged', 'TXN-TOKEN: forged'], ['Txn_Token: forged'], ['Txn-Token:\tforged'], ['Txn-Token:'],
        ['Connection: Txn-Token'], ['Connection: close, txn-token'], ['Connection: TXN-TOKEN', 'Txn-Token: forged'], ['Connection: keep-alive', 'Connection: Txn-Token'],
        ['Keep-Alive: Txn-Token'], ['Proxy-Connection: Txn-Token'], ['TE: Txn-Token'], ['Trailer: Txn-Token']]) {
        const call = await served(gateway.call(token, 'GET', '/balance', lines));
        internal(call);
        assert.ok(call.fields.every(([, value]) => !value.includes('forged')), lines.join());
        const open = await served(gateway.send('GET', '/health', lines));
        assert.ok(open.fields.every(([field, value]) => !/^txn.?token$/i.test(field) || value === ''), lines.join());
      }
    });

    test('fields named in Connection: what the check must see is not lost to it', async () => {
      for (const field of ['Authorization', 'X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Original-URI', 'X-Original-Method', 'Cookie', 'DPoP', 'Origin', 'Host']) {
        const { status } = await gateway.call(token, 'GET', '/vault', [`Connection: ${field}`]);
        assert.notEqual(status, 200, field);
        untouched();
      }
    });

    test('a bound token and its proof end at the gateway', async () => {
      const key = new DpopKey();
      for (const lines of [['DPoP: x'], [`DPoP: ${key.proof('GET', `http://localhost:${gateway.port}/balance`, { token })}`], ['dpop: a', 'DPoP: b']]) {
        const call = await served(gateway.call(token, 'GET', '/balance', lines));
        assert.deepEqual([call.all('dpop'), call.all('authorization')], [[], []]);
        const open = await served(gateway.send('GET', '/health', [...lines, `Authorization: Bearer ${token}`]));
        assert.deepEqual([open.all('dpop'), open.all('authorization')], [[], []]);
      }
    });

    test('GW-10 GW-12 GW-13 GW-15 paths that two servers could read in two ways', async () => {
      for (const target of ['/any/../balance', '/any/%2e%2e/x', '/any/..%2fx', '/any/..;/x', '/any/.%2e/x', '/any//x', '//any/x', '/any/x;y', '/any/a%2fb', '/any/a%5cb', '/any/%2561', '/any/%00', '/any/%c0%ae',
        '/any/%u0061', '/any/%', '/any/%0d%0a', '/any/%3fx', '/any/%23x', '/anything', '/Any/x', '/health/', '/HEALTH', '/health%2f..', '/health/../any/x', '/health/%2e%2e/any/x', '/health%00', '/health#/x', '/health\\..', '/none']) {
        const { status } = await gateway.call(token, 'GET', target);
        assert.ok([400, 403].includes(status), `${target} ${status}`);
        untouched();
      }
      for (const target of ['/balance?a=/../x', '/bal%61nce', '/any/b/c?d=%2e%2e', '/accounts/a%20b'])
        assert.equal((await served(gateway.call(token, 'GET', target))).target, target, 'what is passed is what was checked');
    });

    test('what names another path or method names nothing', async () => {
      const fields = ['X-Original-URI: /health', 'X-Original-Method: GET', 'X-Forwarded-Uri: /health', 'X-Forwarded-Method: GET', 'X-Original-URL: /health', 'X-Rewrite-URL: /health', 'X-HTTP-Method-Override: GET',
        'X-HTTP-Method: GET', 'X-Method-Override: GET', 'X-Forwarded-Prefix: /health', 'X-Forwarded-Path: /health', 'Forwarded: for=1;host=x'];
      for (const line of fields) {
        const { status } = await gateway.send('GET', '/vault', [line]);
        assert.equal(status, 401, line);
        untouched();
        const call = await served(gateway.call(token, 'GET', '/balance', [line]));
        assert.equal(decode(internal(call)).payload.rctx.path, '/balance', line);
        assert.ok(!/x-(original|rewrite)-url|method/i.test(line.split(':')[0]) || /^x-(original-(uri|method)|forwarded)/i.test(line) || call.all(line.split(':')[0].toLowerCase()).length === 0, line);
      }
    });

    test('GW-18 two credentials, and GW-16 two hosts', async () => {
      for (const lines of [[`Authorization: Bearer ${token}`], ['Authorization: Basic eDp5']]) {
        const { status } = await gateway.call(token, 'GET', '/balance', lines);
        assert.ok([400, 403].includes(status), String(status));
        untouched();
      }
      const { status } = await gateway.call(token, 'GET', '/balance', ['Host: evil.example']);
      assert.equal(status, 400);
      untouched();
    });

    test('framing tricks reach no product unchecked', async () => {
      for (const lines of [['Transfer-Encoding: chunked', 'Content-Length: 4'], ['Content-Length: 4', 'Content-Length: 5'], ['Transfer-Encoding: xchunked'], ['Transfer-Encoding : chunked']])
        await sendRaw(gateway.port, rawRequest('GET', '/health', lines, '0\r\n\r\nGET /vault HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'), 1000);
      const seen = gateway.product.seen.splice(0);
      assert.deepEqual(seen.filter(({ target }) => target !== '/health'), []);
    });
  });
}
