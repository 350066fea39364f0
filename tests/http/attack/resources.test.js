// Floods, oversized and malformed input: bounded rows, memory and descriptors, and a log without secrets.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { descriptorsOutsidePools, settledDescriptors } from '../support/descriptors.js';
import { authorize, codeOf, continueOf, redeem, request } from '../support/entry.js';
import { Rp } from '../support/rp.js';
import { wait } from '../support/site.js';

let rp;
before(async () => { rp = await Rp.start({ authority: true }); });
after(() => rp.done());

const processes = () => ({ rp: rp.program.child.pid, authority: rp.authority.child.pid });
const status = (pid, key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** Many requests over a few kept connections; make(i): {method, path, headers, body}. Returns the counts by status. */
async function flood(port, count, make, connections = 8) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const counts = {};
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const { body, ...options } = make(next++);
      const answer = await new Promise((resolve) => {
        const sent = http.request({ host: '127.0.0.1', port, agent, ...options }, (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        });
        sent.on('error', () => resolve('cut'));
        sent.end(body);
      });
      counts[answer] = (counts[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return counts;
}

/** What a raw socket gets back; parts are written one after another. */
function raw(port, parts, limit = 3000) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    const end = () => { socket.destroy(); resolve(text); };
    socket.on('data', (chunk) => { text += chunk; });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    setTimeout(end, limit).unref();
    (async () => { for (const part of parts) { if (!socket.destroyed) socket.write(part); await wait(5); } })();
  });
}

const post = (pathname, body, more = {}) => ({
  method: 'POST',
  path: pathname,
  headers: { host: `localhost:${rp.port}`, origin: rp.origin, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...more },
  body,
});

function badRequest(i) {
  const b64 = (length) => Buffer.alloc(length, i).toString('base64url');
  const client = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const response = (more) => JSON.stringify({ id: b64(16), rawId: b64(16), type: 'public-key', clientExtensionResults: {}, response: { clientDataJSON: client({ type: 'webauthn.get', challenge: b64(57), origin: rp.origin, crossOrigin: false }), authenticatorData: b64(37), signature: b64(70), ...more } });
  const kinds = [
    () => post('/assertion/options', '{'),
    () => post('/assertion/options', '[]'),
    () => post('/assertion/options', '{"username":5}'),
    () => post('/assertion/options', JSON.stringify({ username: 'x'.repeat(5000) })),
    () => post('/assertion/options', JSON.stringify({ username: `a${String.fromCharCode(i % 32)}b` })),
    () => post('/assertion/options', '{"username":"a","username":"b"}'),
    () => post('/assertion/options', `{"extensions":${'['.repeat(2000)}${']'.repeat(2000)}}`),
    () => post('/assertion/result', response({})),
    () => post('/assertion/result', response({ clientDataJSON: client('[[[[') })),
    () => post('/assertion/result', response({ authenticatorData: b64(20000) })),
    () => post('/assertion/result', response({ signature: 5 })),
    () => post('/attestation/result', response({ attestationObject: Buffer.from('9a08000000', 'hex').toString('base64url') })),
    () => post('/attestation/options', JSON.stringify({ username: '\u202e', displayName: 'x' })),
    () => post('/attestation/options', JSON.stringify({ username: 'n', displayName: 'x'.repeat(60000) })),
    () => post('/attestation/options', '{"username":"n","ticket":"zzzz"}'),
    () => post('/continue/decline', '{"continue":"AAAA"}'),
    () => ({ method: 'GET', path: `/session?acr=${i}`, headers: { host: `localhost:${rp.port}`, cookie: `sekisho=${b64(40)}` } }),
    () => ({ method: 'GET', path: `/pay/authorize?client_id=${i}`, headers: { host: `localhost:${rp.port}` } }),
    () => ({ method: 'GET', path: `/pay/authorize?continue=${b64(200)}`, headers: { host: `localhost:${rp.port}` } }),
    () => ({ method: 'GET', path: `/${b64(300)}`, headers: { host: `localhost:${rp.port}` } }),
    () => ({ method: 'GET', path: '/session', headers: { host: 'evil.example' } }),
    () => ({ method: 'PUT', path: '/attestation/result', headers: { host: `localhost:${rp.port}` } }),
    () => ({ method: 'GET', path: '/session?acr=phr&acr=phr', headers: { host: `localhost:${rp.port}` } }),
    () => ({ ...post(`/credentials/${b64(16)}`, '{"nickname":"x"}'), method: 'PATCH' }),
    () => post('/assertion/options', `{"x":"${'x'.repeat(70000)}"}`),
    () => post('/attestation/result', response({ attestationObject: Buffer.from('a363666d74646e6f6e656761747453746d74a0', 'hex').toString('base64url') })),
    () => ({ method: 'BREW', path: '/session', headers: { host: `localhost:${rp.port}` } }),
    () => post('/assertion/options', '{}', { 'content-type': 'text/plain' }),
    () => post('/assertion/options', '{}', { cookie: Array.from({ length: 60 }, (_, n) => `sekisho-c-${String(n).padStart(16, '0')}=${b64(40)}`).join('; '), origin: 'https://evil.example' }),
  ];
  return kinds[i % kinds.length]();
}

test('PM-19 thousands of bad requests of every kind leave memory and descriptors as they were', async () => {
  const count = Number(process.env.SEKISHO_ATTACK_REQUESTS ?? 4000);
  await flood(rp.port, 600, badRequest);
  const { rp: pid } = processes();
  await wait(300);
  const before = { rss: status(pid, 'VmRSS'), fds: descriptorsOutsidePools(pid), threads: status(pid, 'Threads') };
  const counts = await flood(rp.port, count, badRequest);
  await wait(300);
  const sanitized = fs.readFileSync(`/proc/${pid}/maps`, 'utf8').includes('asan');
  const grown = status(pid, 'VmRSS') - before.rss;
  assert.ok(grown < (sanitized ? 300 * 1024 : 2048), `grew ${grown} KiB`); // ASan holds freed memory back for a while
  const fds = await settledDescriptors(pid, before.fds + 1);
  assert.ok(fds <= before.fds + 1, `${before.fds} → ${fds} descriptors`);
  assert.equal(status(pid, 'Threads'), before.threads);
  for (const [code, number] of Object.entries(counts))
    assert.ok((Number(code) >= 400 && Number(code) < 500) || (code === '200' || code === '303'), `${number} × ${code}`);
});

test('AB-06 options cost no rows, and what a flood of them leaves is nothing', async () => {
  const file = path.join(rp.folder, 'rp.db');
  const before = fs.statSync(file).size + fs.statSync(`${file}-wal`).size;
  const counts = await flood(rp.port, 2000, (i) => post(i % 2 ? '/assertion/options' : '/attestation/options', JSON.stringify({ username: `flood${i}`, displayName: 'x' })));
  assert.equal(counts[200], 2000);
  await wait(200);
  assert.ok(fs.statSync(file).size + fs.statSync(`${file}-wal`).size <= before + 8192, 'the database did not grow');
});

test('AB-03 the rate limit looks at the connection, never at what a header says', async () => {
  const limited = await Rp.start({ config: (text) => text.replace('  registration: open\n', '  registration: open\n  rate_limit: {burst: 5, per_minute: 5, loopback: true}\n') });
  try {
    const counts = await flood(limited.port, 40, (i) => ({
      ...post('/assertion/options', '{}', {
        host: `localhost:${limited.port}`, origin: limited.origin, 'x-forwarded-for': `10.0.0.${i}`, forwarded: `for=10.0.0.${i}`, 'x-real-ip': `10.0.0.${i}`, 'true-client-ip': `10.0.0.${i}`,
      }),
    }));
    assert.ok(counts[200] <= 6, JSON.stringify(counts));
    assert.ok(counts[429] >= 34);
  } finally {
    await limited.done();
  }
});

test('HT-12 huge headers, thousands of fields and cookies are refused, and cost little', async () => {
  const line = `GET /session HTTP/1.1\r\nHost: localhost:${rp.port}\r\n`;
  const cases = {
    'a field of 40 kB': [`${line}X: ${'x'.repeat(40000)}\r\n\r\n`],
    'three thousand fields': [`${line}${'A: b\r\n'.repeat(3000)}\r\n`],
    'a cookie of 64 kB': [`${line}Cookie: sekisho=${'x'.repeat(65000)}\r\n\r\n`],
    'a target of 40 kB': [`GET /${'x'.repeat(40000)} HTTP/1.1\r\nHost: localhost:${rp.port}\r\n\r\n`],
    'no end in sight': [line, ...Array.from({ length: 60 }, () => `X: ${'y'.repeat(1000)}\r\n`)],
  };
  for (const [name, parts] of Object.entries(cases)) {
    const answer = await raw(rp.port, parts);
    assert.ok(answer === '' || /^HTTP\/1\.1 (431|414|413|400) /.test(answer), `${name}: ${answer.slice(0, 80)}`);
  }
  assert.equal((await rp.browser().get('/healthz')).status, 200);
});

test('many ceremony cookies are no obstacle: the newest ceremony still works, and old ones go', async () => {
  const b = rp.browser();
  await b.register('cookies');
  for (let i = 0; i < 40; i += 1) b.cookies.set(`sekisho-c-${i.toString(16).padStart(16, '0')}`, 'A'.repeat(100));
  const options = await b.loginOptions();
  const answer = await b.post('/assertion/result', await b.authenticator.get(options, rp.origin));
  assert.equal(answer.status, 200, answer.body);
});

test('HT-19 slow senders of headers and of bodies are cut at a deadline, others go on', { timeout: 60000 }, async () => {
  const started = Date.now();
  const slow = (first) => new Promise((resolve) => {
    const socket = net.connect(rp.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => resolve(Date.now() - started));
    socket.write(first);
    const drip = setInterval(() => (socket.destroyed ? clearInterval(drip) : socket.write('x')), 200);
  });
  const all = Array.from({ length: 20 }, (_, i) => slow(i % 2
    ? `POST /assertion/options HTTP/1.1\r\nHost: localhost:${rp.port}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{`
    : `GET /session HTTP/1.1\r\nHost: localhost:${rp.port}\r\nX: `));
  await wait(500);
  assert.equal((await rp.browser().get('/healthz')).status, 200);
  const ends = await Promise.all(all);
  assert.ok(Math.max(...ends) < 45000, `${Math.max(...ends)} ms`);
});

test('PM-22 names and headers with format signs, escapes and line ends make no line of their own in the log', async () => {
  const b = rp.browser();
  const names = ['%n%s%x%p', '{"event":"login.succeeded"}', '<script>alert(1)</script>', "'; DROP TABLE users; --", '${jndi:ldap://x}'];
  for (const name of names) {
    const answer = await b.tryRegister(name, { ignoreExclude: true });
    assert.equal(answer.status, 200, `${name}: ${answer.body}`);
    b.cookies.clear();
  }
  for (const name of ['a\r\nb', 'a\u001b[31mb', 'a\u2028b', 'a\u0000b', '\ufeffa', 'a\u00adb', 'a\u200bb', '\ud800'])
    assert.equal((await b.post('/attestation/options', `{"username":${JSON.stringify(name)},"displayName":"x"}`)).status, 400, JSON.stringify(name));
  for (const target of ['/session', '/%0d%0aforged', '/pay/authorize?client_id=%0aforged&x=%1b%5b31m', '/pay/authorize?continue=%0aforged'])
    await raw(rp.port, [`GET ${target} HTTP/1.1\r\nHost: localhost:${rp.port}\r\nUser-Agent: {"event":"forged"} \u001b[31m %n%n\r\nX-Request-Id: forged\r\nConnection: close\r\n\r\n`]);
  const lines = `${rp.program.log}${rp.authority.log}`.split('\n').filter(Boolean);
  for (const line of lines) {
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f]/);
    assert.ok(line.startsWith('{') ? JSON.parse(line).event !== 'forged' : true);
  }
  assert.ok(!lines.some((line) => line.includes('forged') && line.startsWith('{"event":"forged"')));
});

test('AB-15 neither log nor database holds a code, token, cookie, handle, verifier or ticket', async () => {
  const b = rp.browser();
  await b.register('secretive');
  const first = b.session;
  b.cookies.clear();
  await rp.admin('POST', '/users', { username: 'ticketed' });
  const { ticket } = (await rp.admin('POST', '/users/ticketed/invite')).json;
  await b.post('/attestation/options', { ticket });
  await b.get(`/register?${new URLSearchParams({ ticket })}`);
  const handle = continueOf(await authorize(b, rp));
  const options = await b.loginOptions({ continue: handle });
  const ceremonies = [...b.cookies.values()];
  const response = await b.authenticator.get(options, rp.origin);
  const { json } = await b.post('/assertion/result', response);
  const inner = new URL(json.redirect, rp.origin).searchParams.get('continue');
  const code = codeOf(await b.get(json.redirect), rp);
  const tokens = (await redeem(rp, code)).json;
  await redeem(rp, code); // a replay is worth a line
  await redeem(rp, `${code}x`);
  await b.post('/assertion/result', response);
  await fetch(`http://127.0.0.1:${rp.internalPort}/pay/check/nginx`, { headers: { authorization: `Bearer ${tokens.access_token}x`, 'x-original-method': 'GET', 'x-original-uri': '/balance?q=secretquery' } });
  await b.get('/pay/authorize?state=secretstate&client_id=nobody&code=secretcode');
  await wait(300);
  const secrets = {
    ticket, first, session: b.session, browser: b.cookies.get('sekisho-browser'), handle, inner, code, access: tokens.access_token, signature: tokens.access_token.split('.')[2], id: tokens.id_token,
    verifier: 'v'.repeat(43), state: 'secretstate', query: 'secretquery', otherCode: 'secretcode', ...Object.fromEntries(ceremonies.map((value, i) => [`ceremony${i}`, value])),
  };
  const log = rp.program.log + rp.authority.log;
  for (const [name, value] of Object.entries(secrets)) assert.ok(!log.includes(value), `${name} in the log`);
  assert.ok(!log.includes(options.challenge), 'the challenge is in the log');
  const stored = fs.readdirSync(rp.folder).filter((name) => /\.db(-wal)?$/.test(name)).map((name) => fs.readFileSync(path.join(rp.folder, name)));
  for (const [name, value] of Object.entries(secrets)) {
    if (['state', 'verifier', 'query'].includes(name)) continue; // a waiting request is kept as it came
    const bytes = Buffer.from(value, 'base64url');
    for (const data of stored) assert.ok(!data.includes(value) && !(bytes.length >= 32 && data.includes(bytes.subarray(-24))), `${name} in a database`);
  }
});

test('AB-06 a burst of /authorize by strangers is answered, and takes little room', async () => {
  const count = 1500;
  const counts = await flood(rp.port, count, (i) => ({ method: 'GET', path: `/pay/authorize?${request('pay', { state: `s${i}`, login_hint: 'x'.repeat(200) })}`, headers: { host: `localhost:${rp.port}` } }));
  assert.equal((counts[303] ?? 0) + (counts[429] ?? 0) + (counts[503] ?? 0), count, JSON.stringify(counts));
  const size = fs.statSync(path.join(rp.folder, 'authority-pay.db')).size;
  assert.ok(size < 40 * 1024 * 1024, `${size}`);
});

test('GET requests with bodies, odd methods and pipelines: one answer each, in order', async () => {
  const host = `Host: localhost:${rp.port}\r\n`;
  const answer = await raw(rp.port, [`GET /healthz HTTP/1.1\r\n${host}\r\nGET /session HTTP/1.1\r\n${host}\r\nGET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`]);
  assert.deepEqual([...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => code), ['200', '401', '200']);
  for (const method of ['PUT', 'DELETE', 'TRACE', 'CONNECT', 'PATCH']) {
    const text = await raw(rp.port, [`${method} /pay/authorize HTTP/1.1\r\n${host}Connection: close\r\n\r\n`]);
    assert.match(text, /^HTTP\/1\.1 (400|404|405|501) /, `${method}: ${text.slice(0, 60)}`); // OA-29
    if (/ 405 /.test(text.slice(0, 20))) assert.match(text, /\r\nAllow: /i);
  }
});

test('HT-21 clients that hang up while the server waits for its disk or the authority leave nothing behind', { timeout: 60000 }, async () => {
  const b = rp.browser();
  await b.register('hangup');
  b.cookies.clear();
  const jobs = [];
  for (let i = 0; i < 40; i += 1) {
    const options = await b.loginOptions({ username: 'hangup' });
    const body = JSON.stringify(await b.authenticator.get(options, rp.origin));
    const cookie = [...b.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    jobs.push(`POST /assertion/result HTTP/1.1\r\nHost: localhost:${rp.port}\r\nOrigin: ${rp.origin}\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    jobs.push(`GET /pay/authorize?${request('pay', { state: `h${i}` })} HTTP/1.1\r\nHost: localhost:${rp.port}\r\n\r\n`);
  }
  const { rp: pid } = processes();
  await wait(200);
  const hangUp = (text, reset, delay) => new Promise((resolve) => {
    const socket = net.connect(rp.port, '127.0.0.1', () => {
      socket.write(text);
      setTimeout(() => { if (reset) socket.resetAndDestroy(); else socket.destroy(); }, delay);
    });
    socket.on('error', () => {});
    socket.on('close', resolve);
  });
  const all = () => Promise.all(jobs.map((text, i) => hangUp(text, i % 3 === 0, i % 5)));
  await all();
  await wait(1500);
  const before = descriptorsOutsidePools(pid);
  for (let round = 0; round < 3; round += 1) await all();
  const left = await settledDescriptors(pid, before + 1);
  assert.ok(left <= before + 1, `${before} → ${left}`);
  assert.equal((await b.sibling().tryLogin({ username: 'hangup' })).status, 200);
});

test('HT-15 clients that never read their answers keep nobody else waiting, and are cut', { timeout: 60000 }, async () => {
  const sockets = Array.from({ length: 60 }, () => {
    const socket = net.connect(rp.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET /login HTTP/1.1\r\nHost: localhost:${rp.port}\r\n\r\n`.repeat(200));
    return socket;
  });
  await wait(1000);
  const started = Date.now();
  assert.equal((await rp.browser().get('/healthz')).status, 200);
  assert.ok(Date.now() - started < 10000); // well before those are cut
  sockets.forEach((socket) => socket.destroy());
  const { rp: pid } = processes();
  assert.ok(await settledDescriptors(pid, 60) <= 60);
});

test('AB-13 each act on an account leaves one event in the audit log, refusals too, and no secret', async () => {
  const b = rp.browser();
  await b.register('audited');
  const { credential } = await b.register(undefined, { ignoreExclude: true });
  await b.login();
  assert.equal((await b.tryLogin({}, { wrongKey: true })).status, 400);
  await redeem(rp, codeOf(await authorize(b, rp), rp));
  await b.send('DELETE', `/credentials/${credential.id}`);
  await b.send('DELETE', '/session');
  const { json } = await rp.admin('GET', '/audit');
  const events = (json.events ?? json).map(({ event }) => event);
  for (const event of ['credential.registered', 'login.succeeded', 'login.refused', 'credential.deleted', 'session.ended'])
    assert.ok(events.includes(event), `${event} of ${[...new Set(events)]}`);
  assert.doesNotMatch(JSON.stringify(json), new RegExp(b.session ?? 'no session'));
});
