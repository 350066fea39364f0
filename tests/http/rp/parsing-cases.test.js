// Bodies that say one thing to a lax reader and another to a strict one: NULs, broken UTF-8, numbers past their type, other
// kinds of content, and too much of it.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Authority } from '../support/authority.js';
import { settledDescriptors } from '../support/descriptors.js';
import { exchange } from '../support/http.js';
import { b64, query, refused, refusesLogin, refusesRegistration, resources, stored } from '../support/refusal.js';
import { Rp } from '../support/rp.js';

let rp;
before(async () => { rp = await Rp.start(); });
after(() => rp.done());

/** What JSON.stringify would never write. */
const BROKEN = {
  'a NUL as an escape': Buffer.from('\\u0000'),
  'a NUL as it is': Buffer.from([0]),
  'FF': Buffer.from([0xff]),
  'FE FF': Buffer.from([0xfe, 0xff]),
  'a lone continuation': Buffer.from([0x80]),
  'an overlong slash': Buffer.from([0xc0, 0xaf]),
  'an overlong NUL': Buffer.from([0xc0, 0x80]),
  'an overlong slash of three bytes': Buffer.from([0xe0, 0x80, 0xaf]),
  'an overlong slash of four bytes': Buffer.from([0xf0, 0x80, 0x80, 0xaf]),
  'a surrogate in UTF-8': Buffer.from([0xed, 0xa0, 0x80]),
  'a pair of surrogates in UTF-8': Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]),
  'past the last character': Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  'a character cut short': Buffer.from([0xe2, 0x82]),
  'a high surrogate as an escape': Buffer.from('\\ud83d'),
  'a low surrogate as an escape': Buffer.from('\\ude00'),
  'surrogates the wrong way around': Buffer.from('\\ude00\\ud83d'),
  'half an escape': Buffer.from('\\u00'),
  'an escape of no digits': Buffer.from('\\u00g0'),
  'an unknown escape': Buffer.from('\\x41'),
  'a line end as it is': Buffer.from('\n'),
  'an escape byte as it is': Buffer.from([0x1b]),
};

/** A value as JSON, with the mark § replaced by the bytes. */
function jsonWith(value, bytes) {
  const [head, ...tail] = JSON.stringify(value).split('§');
  assert.equal(tail.length, 1);
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail[0])]);
}

test('PM-12 names, display names and nicknames with NULs or broken UTF-8 are refused whole', async () => {
  const b = rp.browser();
  const before = stored(rp);
  for (const [what, bytes] of Object.entries(BROKEN)) {
    for (const body of [{ username: 'admin§x', displayName: 'x' }, { username: 'x', displayName: 'admin§x' }, { 'user§name': 'x', displayName: 'x' },
      { username: 'x', displayName: 'x', extensions: { 'a§b': 1 } }, { username: 'x', displayName: 'x', ticket: 'AAAA§' }]) {
      const answer = await b.post('/attestation/options', jsonWith(body, bytes));
      refused(answer, { error: 'malformed' }, `${what} in ${JSON.stringify(body)}`);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
    refused(await b.post('/assertion/options', jsonWith({ username: 'admin§' }, bytes)), { error: 'malformed' }, what);
    await refusesRegistration(b, 'ann', { edit: (r) => jsonWith({ ...r, nickname: 'key§' }, bytes), error: 'malformed', what: `${what} in nickname` });
  }
  assert.equal(stored(rp), before);
  await b.register('admin', { result: { nickname: 'key' } });
  assert.equal(query(rp, "SELECT username FROM users WHERE username LIKE 'admin%'"), "'admin'");
});

test('PM-12 the same in members of a result, and of its client data', async () => {
  const b = rp.browser(), known = rp.browser();
  await known.register('known');
  known.cookies.clear();
  const inMember = (bytes, place) => (r) => { const copy = structuredClone(r); place(copy); return jsonWith(copy, bytes); };
  const places = {
    id: (r) => { r.id += '§'; r.rawId = r.id.replace('§', ''); },
    rawId: (r) => { r.rawId += '§'; },
    type: (r) => { r.type += '§'; },
    clientDataJSON: (r) => { r.response.clientDataJSON += '§'; },
    userHandle: (r) => { r.response.userHandle = 'AAAA§'; },
    attestationObject: (r) => { r.response.attestationObject = `${r.response.attestationObject ?? 'AAAA'}§`; },
    'an unknown member': (r) => { r.other = '§'; },
    'the name of a member': (r) => { r['id§'] = r.id; },
    authenticatorAttachment: (r) => { r.authenticatorAttachment = 'platform§'; },
  };
  const inClientData = (bytes, change) => (r) => {
    const data = JSON.parse(Buffer.from(r.response.clientDataJSON, 'base64url'));
    change(data);
    r.response.clientDataJSON = b64(jsonWith(data, bytes));
    return r;
  };
  const changes = {
    origin: (data) => { data.origin += '§.evil.test'; },
    type: (data) => { data.type += '§'; },
    challenge: (data) => { data.challenge += '§AAAA'; },
    'an unknown member': (data) => { data.other = '§'; },
    'the name of a member': (data) => { data['origin§'] = 'https://evil.test'; },
  };
  for (const [what, bytes] of Object.entries(BROKEN)) {
    for (const [member, place] of Object.entries(places)) {
      await refusesRegistration(b, 'bob', { edit: inMember(bytes, place), error: 'malformed', what: `${what} in ${member}` });
      await refusesLogin(known, { edit: inMember(bytes, place), error: 'malformed', what: `${what} in ${member}` });
    }
    for (const [member, change] of Object.entries(changes)) {
      await refusesRegistration(b, 'bob', { edit: inClientData(bytes, change), error: 'client_data', what: `${what} in client data: ${member}` });
      await refusesLogin(known, { edit: inClientData(bytes, change), error: 'client_data', what: `${what} in client data: ${member}` });
    }
  }
  await b.register('bob', { ignoreExclude: true });
  assert.equal((await known.login()).session.username, 'known');
});

test('PM-12 NULs and broken UTF-8 in a query or a path are no shorter value', async () => {
  const b = rp.browser();
  await b.register('cat');
  for (const broken of ['%00', '%ff', '%c0%80', '%ed%a0%80', '%e2%82', '%', '%0', '%zz']) {
    for (const path of [`/session?acr=phr${broken}`, `/session?max_age=5${broken}m`, `/session?acr${broken}=phr`, `/credentials/AAAA${broken}`, `/session${broken}`, `/login?continue=AA${broken}`]) {
      const answer = await b.get(path);
      assert.ok([400, 404].includes(answer.status) || (answer.status === 200 && path.startsWith('/login')), `${path}: ${answer.status}`);
    }
  }
  assert.equal((await b.get('/session?acr=phr&max_age=5m')).status, 200);
});

const WRONG_NUMBERS = ['1e30', '9223372036854775807', '99999999999999999999', '-99999999999999999999', '9223372036854775808', '-9223372036854775809', '18446744073709551616', '-1', '1.5', '1.0', '1e2', '1E400', '-0.0',
  'true', 'false', '[]', '[300]', '{}', '{"$numberLong":"300"}', '"-1"', '"1.5"', '"1e2"', '"0x10"', '"300 "', '" 300"', '"+300"', '"NaN"', '"17000000000000000000"', '"\uff13\uff10\uff10"'];
const NO_JSON = ['NaN', 'Infinity', '-Infinity', '01', '+1', '.5', '1.', '0x10', '1_000', '--1', '1e', '-'];

test('PM-13 an age is a whole number in range, or a duration; nothing else is taken for one', async () => {
  const b = rp.browser();
  await b.register('dan');
  for (const number of [...WRONG_NUMBERS, ...NO_JSON]) {
    const answer = await b.post('/assertion/options', `{"requirement":{"acr":"phr","max_age":${number}}}`);
    refused(answer, { error: 'malformed' }, number);
  }
  for (const number of ['-1', '1.5', '1e30', '99999999999999999999', 'true', '0x10', '+300', ' 300', '300 ', '', '5m5m', '5 m', 'm', '-5m', '1.5m', '9999999999999d'])
    assert.equal((await b.get(`/session?${new URLSearchParams({ acr: 'phr', max_age: number })}`)).status, number === '' ? 200 : 400, `max_age=${number}`);
  for (const number of ['0', '300', '1700000000', '"300"', '"5m"']) {
    const answer = await b.post('/assertion/options', `{"requirement":{"acr":"phr","max_age":${number}}}`);
    assert.equal(answer.status, 200, `${number}: ${answer.body}`);
  }
  rp.pass(10);
  assert.equal((await b.get('/session?acr=phr&max_age=5')).json.satisfied, false);
  assert.equal((await b.get('/session?acr=phr&max_age=300')).json.satisfied, true);
});

test('PM-13 numbers where texts are meant are refused, whatever their size', async () => {
  const b = rp.browser(), known = rp.browser();
  await known.register('eve');
  known.cookies.clear();
  for (const number of ['1e30', '99999999999999999999', '-1', '1.5', 'true', '0']) {
    refused(await b.post('/attestation/options', `{"username":${number},"displayName":"x"}`), { error: 'malformed' }, number);
    const raw = (place) => (r) => { const copy = structuredClone(r); place(copy); return JSON.stringify(copy).replace('"§"', number); };
    for (const place of [(r) => { r.id = '§'; }, (r) => { r.type = '§'; }, (r) => { r.response.clientDataJSON = '§'; }, (r) => { r.response.authenticatorData = '§'; }, (r) => { r.response.signature = '§'; }, (r) => { r.response.userHandle = '§'; }])
      await refusesLogin(known, { edit: raw(place), error: 'malformed', what: number });
  }
  await known.login();
});

test('PM-13 numbers that nothing reads do no harm, and those past a double are refused', async () => {
  const known = rp.browser();
  await known.register('fay');
  known.cookies.clear();
  for (const [number, status] of [['1e30', 200], ['-1.5', 200], ['9007199254740993', 200], ['1e400', 400], ['NaN', 400]]) {
    const options = await known.loginOptions();
    const response = await known.authenticator.get(options, rp.origin);
    const body = JSON.stringify({ ...response, other: '§' }).replace('"§"', number);
    const answer = await known.post('/assertion/result', body);
    assert.equal(answer.status, status, `${number}: ${answer.body}`);
  }
});

/** Writes a body of that size until the server ends it: how much went out, and what came back. */
function pour(path, size, chunked) {
  return new Promise((resolve) => {
    const socket = net.connect(rp.port, '127.0.0.1');
    const block = Buffer.alloc(16384, 'x');
    let sent = 0, text = '', ended = false;
    const end = () => { if (!ended) { ended = true; socket.destroy(); resolve({ sent, text }); } };
    const write = () => {
      while (!ended && sent < size) {
        sent += block.length;
        const piece = chunked ? Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from('\r\n')]) : block;
        if (!socket.write(piece)) return;
      }
      if (!ended && chunked) socket.write('0\r\n\r\n');
    };
    socket.on('drain', write);
    socket.on('data', (data) => { text += data; if (text.includes('\r\n\r\n')) setTimeout(end, 100); });
    socket.on('error', end);
    socket.on('close', end);
    socket.on('connect', () => {
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost:${rp.port}\r\nOrigin: ${rp.origin}\r\nContent-Type: application/json\r\n${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`}\r\n\r\n`);
      write();
    });
  });
}

test('PM-10 bodies of a megabyte and of a hundred are refused before they are read, in little memory', { timeout: 60000 }, async () => {
  for (const path of ['/attestation/options', '/attestation/result', '/assertion/options', '/assertion/result'])
    for (const chunked of [false, true]) await pour(path, 1 << 20, chunked); // once, so that buffers are there
  const before = resources(rp);
  for (const path of ['/attestation/options', '/attestation/result', '/assertion/options', '/assertion/result', '/continue/decline'])
    for (const chunked of [false, true])
      for (const size of [1 << 20, 100 << 20]) {
        const { sent, text } = await pour(path, size, chunked);
        const what = `${path} ${size} ${chunked ? 'chunked' : 'by length'}: ${text.slice(0, 60)}`;
        // past what is worth reading to its end the connection is cut, and the answer may be lost with it
        if (size === 1 << 20 || text !== '') assert.match(text, /^HTTP\/1\.1 413 /, what);
        assert.ok(size === 1 << 20 || sent < size / 2, `${what}: took ${sent}`);
      }
  const now = resources(rp);
  assert.ok(now.rss - before.rss < (now.sanitized ? 64 * 1024 : 2048), `grew ${now.rss - before.rss} KiB`);
  assert.ok(await settledDescriptors(rp.program.child.pid, before.descriptors + 1) <= before.descriptors + 1);
  await rp.browser().register('after-the-flood');
});

test('PM-15 every endpoint that changes something takes application/json only, and changes nothing otherwise', async () => {
  const b = rp.browser();
  const { credential } = await b.register('gus');
  const login = await b.authenticator.get(await b.loginOptions(), rp.origin);
  const create = await b.authenticator.create(await b.registrationOptions(), rp.origin, { ignoreExclude: true });
  await b.authenticator.forget(create.id);
  const before = stored(rp);
  const types = ['text/plain', 'text/plain;charset=UTF-8', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'application/json; charset=latin1', '', 'application/jsonx',
    'application/json, text/plain', 'text/plain, application/json', 'application/json;charset', 'json', '*/*', 'application/*', 'application/csp-report', 'application/json\t; x'];
  const requests = [['POST', '/attestation/options', {}], ['POST', '/attestation/result', create], ['POST', '/assertion/options', {}], ['POST', '/assertion/result', login], ['PATCH', `/credentials/${credential.id}`, { nickname: 'New' }], ['POST', '/continue/decline', { continue: 'AAAA' }]];
  for (const [method, path, body] of requests)
    for (const type of types) {
      const answer = await b.send(method, path, JSON.stringify(body), { keep: false, headers: { 'content-type': type } });
      assert.ok([400, 415].includes(answer.status), `${method} ${path} ${type}: ${answer.status}`);
      refused(answer, { status: answer.status }, `${method} ${path} ${type}`);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
  assert.equal(stored(rp), before);
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
    const answer = await b.send('PATCH', `/credentials/${credential.id}`, JSON.stringify({ nickname: type }), { headers: { 'content-type': type } });
    assert.equal(answer.status, 200, `${type}: ${answer.body}`);
  }
  assert.equal((await b.post('/assertion/result', login)).status, 200, 'none of these was a try');
});

test('PM-16 the token endpoint takes one kind of form, and a broken one is refused', async () => {
  const authority = await Authority.start();
  try {
    const ask = (body, type = 'application/x-www-form-urlencoded') => exchange({ port: authority.port }, { method: 'POST', path: '/pay/token', headers: { host: `localhost:${authority.port}`, 'content-type': type }, body });
    const part = (name, value) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const multipart = {
      whole: ['multipart/form-data; boundary=x', `${part('grant_type', 'authorization_code')}${part('code', 'x')}--x--\r\n`],
      'no boundary': ['multipart/form-data', part('a', 'b')], 'an empty boundary': ['multipart/form-data; boundary=', part('a', 'b')], 'never closed': ['multipart/form-data; boundary=x', part('a', 'b')],
      'another boundary': ['multipart/form-data; boundary=y', `${part('a', 'b')}--x--`], 'a boundary of 7 kB': [`multipart/form-data; boundary=${'b'.repeat(7000)}`, part('a', 'b')],
      nested: ['multipart/form-data; boundary=x', `--x\r\nContent-Disposition: form-data; name="f"\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--\r\n`],
      'headers without end': ['multipart/form-data; boundary=x', `--x\r\nContent-Disposition: ${'a'.repeat(50000)}`],
    };
    for (const [what, [type, body]] of Object.entries(multipart)) {
      const answer = await ask(body, type);
      assert.equal(answer.status, 415, `${what}: ${answer.status}`);
      assert.ok(answer.json.error.length > 0);
    }
    const huge = await ask('a=b', `multipart/form-data; boundary=${'b'.repeat(70000)}`).catch(() => ({ status: 'cut' }));
    assert.ok([415, 431, 'cut'].includes(huge.status), `${huge.status}`);
    const good = 'grant_type=authorization_code&client_id=pay-web&code=x&redirect_uri=x&code_verifier=' + 'v'.repeat(43);
    const broken = ['', '&', '=', '&&&&', 'a=1&&=b&c', `${'k'.repeat(65000)}=v`, `${good}&x=%`, `${good}&x=%4`, `${good}&x=%zz`, `${good}&x=%00`, `${good}&x=%ff`, `${good}&code=y`, `${good}&grant_type=refresh_token`, `${'a=1&'.repeat(15000)}${good}`,
      'grant_type', 'grant_type=', '=authorization_code', '%67rant_type=x', 'grant_type=authorization_code;client_id=pay-web', good.replaceAll('&', ';'), Buffer.from([0x61, 0x3d, 0xff]), Buffer.from('a=1\0&b=2'), `${good}\r\n`];
    for (const body of broken) {
      const answer = await ask(body);
      const what = `${body.toString('latin1').slice(-60)}: ${answer.status} ${answer.body.slice(0, 100)}`;
      assert.ok(answer.status >= 400 && answer.status < 500, what);
      assert.match(answer.json.error, /^(invalid_request|invalid_client|unsupported_grant_type|invalid_grant)$/, what);
      assert.match(answer.headers['cache-control'], /no-store/, what);
    }
    assert.equal((await ask(`${'x'.repeat(70000)}=1`)).status, 413);
    assert.equal((await authority.redeem(await authority.code())).status, 200);
  } finally {
    await authority.done();
  }
});
