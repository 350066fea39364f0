// A plain web product behind a real nginx and a real Caddy, as docs/integrations/plain-web-product.md sets them up: no code of the
// product's signs anybody in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decode, verify } from '../support/authority.js';
import { Gateway, PROGRAMS, rawRequest, sendRaw } from '../support/gateway.js';
import { exchange, form } from '../support/http.js';
import { Rp } from '../support/rp.js';

const ROUTES = `
    session: {idle: 30m, absolute: 2h}
    routes:
      - {match: GET /health, public: true}
      - {match: GET /goodbye, public: true}
      - {match: POST /transfers, scopes: [transfer], service: web, grants: [web.transfer]}
      - {match: "GET /transfers/new", scopes: [transfer], service: web, grants: [web.read]}
      - {match: POST /notes, service: web, grants: [web.note]}
      - {match: "GET /**", service: web, grants: [web.read]}
`;
const PAGE = ['Accept: text/html', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document', 'Sec-Fetch-Site: none'];

/** A browser at the product: a jar for its host, and the same person at the login server. */
class Visitor {
  jar = new Map();

  constructor(site, person) {
    this.site = site;
    this.person = person;
    this.own = `http://localhost:${site.gateway.port}`;
  }

  async send(method, target, { lines = PAGE, body = '', jar = this.jar } = {}) {
    const cookie = jar.size > 0 ? [`Cookie: ${[...jar].map(([name, text]) => `${name}=${text}`).join('; ')}`] : [];
    const length = method === 'GET' ? [] : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`];
    const answer = await sendRaw(this.site.gateway.port, Buffer.concat([
      rawRequest(method, target, [...cookie, ...length, ...lines], body),
    ]).toString('latin1').replace('Host: localhost', `Host: localhost:${this.site.gateway.port}`));
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, text] = /^([^=]+)=([^;]*)/.exec(line);
      if (/Max-Age=0(;|$)/.test(line)) this.jar.delete(name);
      else this.jar.set(name, text);
    }
    return answer;
  }

  get(target, options) { return this.send('GET', target, options); }

  post(target, body = '', lines = [`Origin: ${this.own}`, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'], more = {}) {
    return this.send('POST', target, { lines, body, ...more });
  }

  /** Follows redirects, signing in where a page asks for it; the answer of the product, and the places passed. */
  async follow(answer) {
    this.places = [];
    let at = answer.headers.location?.[0];
    for (let i = 0; i < 12 && at; i++) {
      const url = new URL(at, this.own);
      this.places.push(url.origin === this.own ? `product ${url.pathname}` : `login ${url.pathname}`);
      if (url.origin === this.own) {
        answer = await this.get(url.pathname + url.search);
        at = answer.headers.location?.[0];
      } else if (url.pathname === '/login' || url.pathname === '/step-up') {
        at = new URL((await this.person.login({ continue: url.searchParams.get('continue') })).redirect, this.site.rp.origin).href;
      } else {
        const step = await this.person.get(url.pathname + url.search);
        assert.ok([302, 303].includes(step.status), `${step.status} ${step.body}`);
        at = new URL(step.headers.location, this.site.rp.origin).href;
      }
    }
    return answer;
  }

  async open(target) { return this.follow(await this.get(target)); }

  get cookie() { return this.jar.get('sekisho-pay'); }
}

for (const [kind, skip] of PROGRAMS) {
  describe(kind, { skip }, () => {
    const site = {};
    let jwks;
    before(async () => {
      site.gateway = await Gateway.prepare({ kind, page: 'plain-web-product.md' });
      site.rp = await Rp.start({ authority: true,
        config: (text) => text.replace('    entry: {acr: phr, max_age: 12h}\n',
          `    external_url: http://localhost:${site.gateway.port}\n    gateway_session: true\n    entry: {acr: phr, max_age: 12h}${ROUTES}`) });
      await site.gateway.start(site.rp.internalPort);
      const host = { host: `localhost:${site.rp.authorityPort}` };
      jwks = (await exchange({ port: site.rp.authorityPort }, { path: '/pay/jwks', headers: host })).json;
    });
    after(async () => {
      await site.gateway?.done();
      await site.rp?.done();
    });
    let number = 0;
    const visitor = async () => {
      const person = site.rp.browser();
      await person.register(`ann${number++}`);
      return new Visitor(site, person);
    };
    const seen = () => site.gateway.product.take();
    const untouched = () => assert.deepEqual(site.gateway.product.seen.splice(0), []);

    test('GW-34 a person comes without anything, signs in, and is on the page asked for', async () => {
      const ann = await visitor();
      const answer = await ann.open('/list?month=10&x=%2F..');
      assert.equal(answer.status, 200, JSON.stringify([answer, ann.places]));
      assert.match(answer.body, /served/);
      const call = seen();
      assert.equal(call.target, '/list?month=10&x=%2F..', 'byte for byte');
      const [token, ...more] = call.all('txn-token');
      assert.deepEqual(more, []);
      assert.ok(verify(token, jwks));
      const { payload } = decode(token);
      assert.equal(payload.scope, 'web.read');
      assert.equal(payload.rctx.client_id, 'gateway-session');
      assert.ok(payload.sub.length > 10);
      assert.ok(ann.places.includes('product /.sekisho/return'));
      assert.deepEqual(call.all('cookie').filter((text) => /sekisho-pay/.test(text)), [], 'the cookie ends at the gateway');
      assert.equal((await ann.get('/other')).status, 200, 'and from then on');
      assert.equal(seen().target, '/other');
    });

    test('the cookie is the host\'s own, and the product\'s cookies pass it', async () => {
      const ann = await visitor();
      await ann.open('/');
      seen();
      for (const jar of [[['a', '1'], ['sekisho-pay', ann.cookie], ['b', '2']], [['sekisho-pay', ann.cookie], ['a', '1'], ['b', '2']], [['a', '1'], ['b', '2'], ['sekisho-pay', ann.cookie]]]) {
        await ann.get('/x', { jar: new Map(jar) });
        assert.deepEqual(seen().all('cookie').map((text) => text.replace(/^; /, '')), ['a=1; b=2']);
      }
      await ann.get('/health', { jar: new Map([['sekisho-pay', ann.cookie]]) });
      const open = seen();
      assert.deepEqual(open.all('cookie').filter((text) => text !== ''), [], 'on public routes as well');
      assert.ok(open.all('txn-token').every((text) => text === ''));
    });

    test('GW-25 a step-up lands on the page asked for; a form is not sent again', async () => {
      const ann = await visitor();
      await ann.open('/');
      seen();
      site.rp.pass(301);
      const answer = await ann.open('/transfers/new?to=bob');
      assert.equal(answer.status, 200);
      assert.equal(seen().target, '/transfers/new?to=bob');
      assert.ok(ann.places.includes('login /step-up') || ann.places.includes('login /login'), ann.places.join());
      assert.equal((await ann.post('/transfers', 'amount=1')).status, 200);
      assert.equal(decode(seen().all('txn-token')[0]).payload.scope, 'web.transfer');
      site.rp.pass(301);
      const late = await ann.post('/transfers', 'amount=1', [`Origin: ${ann.own}`, `Referer: ${ann.own}/transfers/new?to=bob`, ...PAGE.slice(0, 3), 'Sec-Fetch-Site: same-origin']);
      assert.equal(late.status, 303);
      untouched();
      assert.equal((await ann.follow(late)).status, 200);
      const landed = seen();
      assert.deepEqual([landed.method, landed.target], ['GET', '/transfers/new?to=bob']);
      assert.equal((await ann.post('/transfers', 'amount=1')).status, 200);
      seen();
    });

    test('scripts get 401 with a challenge and no redirect', async () => {
      const ann = await visitor();
      for (const lines of [['Accept: application/json'], ['Accept: text/html', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty'], ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe', 'Accept: text/html']]) {
        const answer = await ann.get('/list', { lines });
        assert.equal(answer.status, 401, lines.join());
        assert.deepEqual(answer.headers['www-authenticate'], ['Bearer']);
        assert.equal(answer.headers.location, undefined);
      }
      assert.equal((await ann.get('/list', { lines: ['Accept: text/html,*/*'] })).status, 303, 'a browser without Sec-Fetch');
      untouched();
    });

    test('a change must come from the product\'s own pages', async () => {
      const ann = await visitor();
      await ann.open('/');
      seen();
      const own = `Origin: ${ann.own}`;
      for (const lines of [[own], ['Sec-Fetch-Site: same-origin'], [own, 'Sec-Fetch-Site: same-origin'], ['Origin: null', 'Sec-Fetch-Site: same-origin'], ['Sec-Fetch-Site: none']]) {
        assert.equal((await ann.post('/notes', 'x=1', lines)).status, 200, lines.join());
        seen();
      }
      for (const lines of [[], ['Origin: null'], ['Origin: http://evil.example'], [`Origin: ${site.rp.origin}`], ['Sec-Fetch-Site: cross-site'], ['Sec-Fetch-Site: same-site'], [own, 'Sec-Fetch-Site: cross-site'],
        ['Origin: http://evil.example', 'Sec-Fetch-Site: same-origin'], [own, 'Origin: http://evil.example'], [`${own}.evil.example`], [`${own}/`]]) {
        const answer = await ann.post('/notes', 'x=1', lines);
        assert.equal(answer.status, 403, lines.join());
        untouched();
      }
      for (const lines of [['Origin: http://evil.example'], ['Origin: http://evil.example', 'Upgrade: websocket', 'Sec-WebSocket-Key: x']]) {
        assert.equal((await ann.get('/list', { lines })).status, 403, 'a foreign page that reads, or opens a socket');
        untouched();
      }
      assert.equal((await ann.get('/list', { lines: ['Accept: text/html', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'] })).status, 200, 'a link');
      seen();
    });

    test('GW-06 GW-07 cookies that are none, twice or another\'s', async () => {
      const ann = await visitor();
      const bob = await visitor();
      await ann.open('/');
      await bob.open('/');
      site.gateway.product.seen.splice(0);
      const { cookie } = ann;
      const flipped = `${cookie.slice(0, 40)}${cookie[40] === 'A' ? 'B' : 'A'}${cookie.slice(41)}`;
      for (const text of ['', 'x', 'a'.repeat(3000), cookie.slice(0, -1), `${cookie}A`, `${cookie}=`, flipped, '\xff', ann.jar.get('sekisho-pay-enter'), ann.person.session])
        assert.equal((await ann.get('/list', { lines: ['Accept: */*'], jar: new Map([['sekisho-pay', text]]) })).status, 401, text);
      for (const lines of [[`Cookie: sekisho-pay=${cookie}; sekisho-pay=${bob.cookie}`], [`Cookie: sekisho-pay=${cookie}; sekisho-pay=${cookie}`], ['Cookie: sekisho-pay=x; sekisho-pay="y"']])
        for (const target of ['/list', '/health']) assert.equal((await ann.get(target, { lines: [...lines, ...PAGE], jar: new Map() })).status, 403, lines.join());
      assert.equal((await ann.get('/list', { lines: [`Authorization: Bearer ${cookie}`], jar: new Map() })).status, 401);
      untouched();
    });

    test('open redirects are refused, and the way back is for this browser, once', async () => {
      const ann = await visitor();
      for (const to of ['http://evil.example/', '//evil.example/', '/\\evil.example', '\\\\evil', '/a/../b', '/%2e%2e/x', '/a%2f/b', 'list', '/a\nb', '/#x', '/x y', '/.sekisho/leave', `/${'a'.repeat(2048)}`, '/%5cevil'])
        assert.equal((await ann.get(`/.sekisho/enter?${form({ to })}`)).status, 400, to);
      const enter = await ann.get('/.sekisho/enter?to=%2Flist');
      assert.equal(enter.status, 303);
      const url = new URL(enter.headers.location[0]);
      assert.equal(url.origin, site.rp.origin);
      assert.equal(url.searchParams.get('redirect_uri'), `${ann.own}/.sekisho/return`);
      let step = await ann.person.get(url.pathname + url.search);
      const back = new URL(step.headers.location);
      assert.equal(back.pathname, '/.sekisho/return', step.headers.location);
      const target = back.pathname + back.search;
      assert.equal((await ann.get(target, { jar: new Map() })).status, 400, 'another browser');
      const mallory = await visitor();
      await mallory.get('/.sekisho/enter');
      assert.equal((await mallory.get(target)).status, 400, 'somebody else\'s code is nobody\'s session');
      for (const [name, value] of [['iss', 'http://evil.example'], ['state', 'x'], ['state', back.searchParams.get('state').slice(0, -2)], ['code', 'x']]) {
        const other = new URL(back);
        other.searchParams.set(name, value);
        assert.equal((await ann.get(other.pathname + other.search)).status, 400, name);
      }
      const answer = await ann.get(target);
      assert.equal(answer.status, 303);
      assert.deepEqual(answer.headers.location, ['/list']);
      assert.ok(answer.headers['set-cookie'].some((line) => /^sekisho-pay=.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/.test(line)), answer.headers['set-cookie'].join());
      const { cookie } = ann;
      assert.equal((await ann.get(target)).status, 400, 'twice');
      assert.equal((await ann.get('/list', { lines: ['Accept: */*'], jar: new Map([['sekisho-pay', cookie]]) })).status, 401, 'and what a replayed code gave is over');
      untouched();
    });

    test('SS-03 signed out here, and everywhere', async () => {
      const ann = await visitor();
      await ann.open('/');
      seen();
      const old = new Map(ann.jar);
      assert.equal((await ann.post('/.sekisho/leave', '', ['Origin: http://evil.example'])).status, 403);
      assert.equal((await ann.get('/.sekisho/leave')).status, 405);
      assert.equal((await ann.post('/.sekisho/leave', 'to=//evil.example')).status, 400);
      assert.equal((await ann.get('/list')).status, 200);
      seen();
      const left = await ann.post('/.sekisho/leave', 'to=/goodbye');
      assert.equal(left.status, 303);
      assert.deepEqual(left.headers.location, ['/goodbye']);
      assert.equal(ann.cookie, undefined);
      assert.equal((await ann.get('/list', { lines: ['Accept: */*'], jar: old })).status, 401, 'a kept cookie is dead at once');
      untouched();
      assert.equal((await ann.open('/list')).status, 200, 'the login server still knows ann');
      seen();
      assert.ok(!ann.places.some((place) => place === 'login /login'));
      const everywhere = new URL((await ann.post('/.sekisho/leave', 'everywhere=true')).headers.location[0]);
      assert.equal(everywhere.pathname, '/pay/end_session');
      const hop = await exchange({ port: site.rp.authorityPort }, { path: everywhere.pathname + everywhere.search, headers: { host: everywhere.host } });
      const out = new URL(hop.headers.location);
      const bye = await ann.person.get(out.pathname + out.search);
      assert.equal(bye.headers.location, `${ann.own}/`, bye.body);
      assert.equal((await ann.person.get('/session')).status, 401);
    });

    test('GW-24 the login server\'s session ends, and the cookie with it; idle and absolute ends', async () => {
      const ann = await visitor();
      await ann.open('/');
      seen();
      const script = { lines: ['Accept: */*'] };
      for (let i = 0; i < 3; i++) {
        site.rp.pass(29 * 60);
        assert.equal((await ann.get('/list', script)).status, 200, `used at ${29 * (i + 1)} min`);
        seen();
      }
      site.rp.pass(30 * 60 + 1);
      assert.equal((await ann.get('/list', script)).status, 401, 'idle');
      assert.equal((await ann.get('/list', script)).status, 401, 'and asking does not wake it');
      assert.equal((await ann.open('/list')).status, 200, 'a page comes back by itself');
      seen();
      for (let i = 0; i < 4; i++) {
        site.rp.pass(29 * 60);
        assert.equal((await ann.get('/list', script)).status, 200);
        seen();
      }
      site.rp.pass(4 * 60 + 1);
      assert.equal((await ann.get('/list', script)).status, 401, 'absolute');
      const bob = await visitor();
      await bob.open('/');
      seen();
      assert.equal((await bob.person.send('DELETE', '/session')).status, 200);
      for (let i = 0; ; i++) {
        const { status } = await bob.get('/list', script);
        site.gateway.product.seen.splice(0);
        if (status === 401) break;
        assert.ok(i < 100, 'the authority hears of it');
        await new Promise((resolve) => { setTimeout(resolve, 20); });
      }
    });

    test('the session\'s client is nobody\'s at the token endpoint', async () => {
      const body = form({ grant_type: 'authorization_code', client_id: 'gateway-session', code: 'x', redirect_uri: `http://localhost:${site.gateway.port}/.sekisho/return`, code_verifier: 'v'.repeat(43) });
      const answer = await exchange({ port: site.rp.authorityPort }, { method: 'POST', path: '/pay/token', headers: { host: `localhost:${site.rp.authorityPort}`, 'content-type': 'application/x-www-form-urlencoded' }, body });
      assert.equal(answer.status, 401);
      assert.equal(answer.json.error, 'invalid_client');
    });

    test('nothing else of the internal listener is reachable', async () => {
      const ann = await visitor();
      for (const target of ['/.sekisho/metrics', '/.sekisho/../metrics', '/.sekisho/enter/../../../metrics', '/.sekisho/%2e%2e/metrics', '/.sekisho/enter/', '/.sekisho%2fenter/x', '/metrics', '/pay/metrics', '/pay/introspect', '/.sekisho-check']) {
        const answer = await ann.get(target, { lines: ['Accept: */*'] });
        assert.ok([400, 401, 403, 404].includes(answer.status), `${target} ${answer.status}`);
        assert.doesNotMatch(answer.body, /sekisho_/);
      }
      untouched();
    });

  });
}
