// The operators' commands, each with the server running and without: the answers are the same.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from '../support/processes.js';
import { Site, sekisho, until } from '../support/site.js';

/** Refused: exit code 1 and one line on stderr. */
function refused(done, pattern) {
  assert.equal(done.code, 1, done.stderr);
  assert.equal(done.lines.length, 1, done.stderr);
  assert.match(done.lines[0], pattern);
}

function did(done, pattern = /./) {
  assert.deepEqual([done.code, done.stderr], [0, '']);
  assert.match(done.stdout, pattern);
  return done.stdout;
}

for (const running of [true, false]) {
  describe(running ? 'while the server runs' : 'while no server runs', () => {
    let site;
    before(async () => {
      site = await Site.make();
      if (running) await site.serve();
    });
    after(async () => { await site?.done(); });

    test('user add, list, show', async () => {
      did(await site.operator('user', 'add', 'alice', '--display-name', 'Alice Liddell'), /sekisho invite alice/);
      did(await site.operator('user', 'add', '花子'));
      refused(await site.operator('user', 'add', 'ALICE'), /^sekisho: ALICE: .*taken/);
      refused(await site.operator('user', 'add', ''), /cannot be used/);
      const table = did(await site.operator('user', 'list')).split('\n');
      assert.match(table[0], /^USERNAME +NAME +PASSKEYS +DISABLED +CREATED/);
      assert.match(table[1], /^alice +Alice Liddell +0 +no +20\d\d-/);
      assert.equal(table[2].indexOf('花子', 2), table[1].indexOf('Alice') - 2, 'columns are aligned by width');
      const users = await site.json('user', 'list');
      assert.deepEqual(users.map((user) => [user.username, user.display_name, user.disabled]), [['alice', 'Alice Liddell', false], ['花子', '花子', false]]);
      assert.match(did(await site.operator('user', 'show', 'Alice')), /username +alice\n/);
      assert.equal((await site.json('user', 'show', '花子')).username, '花子');
    });

    test('binding list, ticket, remove', async () => {
      const whose = (subject, domain = 'pay') => ['--domain', domain, '--subject', subject];
      assert.deepEqual((await site.json('binding', 'list', ...whose('someone'))).bindings, []);
      did(await site.operator('binding', 'ticket', ...whose('someone')), /one more passkey of someone is bound .* until 20/);
      assert.equal((await site.json('binding', 'ticket', ...whose('someone'))).subject, 'someone');
      refused(await site.operator('binding', 'remove', ...whose('someone')), /someone/);
      refused(await site.operator('binding', 'list', ...whose('someone', 'nowhere')), /there is no domain nowhere/);
      const half = await site.operator('binding', 'ticket', '--domain', 'pay');
      assert.equal(half.code, 2);
      assert.match(half.stderr, /give --domain and --subject/);
    });

    test('user disable, enable, delete', async () => {
      did(await site.operator('user', 'disable', 'alice'));
      assert.equal((await site.json('user', 'show', 'alice')).disabled, true);
      refused(await site.operator('invite', 'alice'), /sekisho user enable/);
      did(await site.operator('user', 'enable', 'alice'));
      assert.equal((await site.json('user', 'show', 'alice')).disabled, false);
      did(await site.operator('user', 'add', 'a/b c?&%.'));
      assert.equal((await site.json('user', 'show', 'a/b c?&%.')).username, 'a/b c?&%.');
      did(await site.operator('user', 'delete', 'a/b c?&%.'));
      refused(await site.operator('user', 'show', 'a/b c?&%.'), /no account/);
      did(await site.operator('user', 'delete', '花子', '--yes'));
      for (const verb of ['show', 'disable', 'enable', 'delete'])
        refused(await site.operator('user', verb, 'nobody'), /^sekisho: nobody: There is no account.* sekisho user list/);
    });

    test('user claims', async () => {
      const set = (...args) => site.operator('user', 'claims', 'alice', ...args);
      did(await set('--set', 'name=Alice Liddell', '--set', 'email=alice@example.com', '--set', 'email_verified=true'), /name +Alice Liddell\n(.*\n)*email +alice@example.com\n/);
      const { updated_at, ...claims } = (await site.json('user', 'claims', 'alice')).claims;
      assert.deepEqual(claims, { name: 'Alice Liddell', email: 'alice@example.com', email_verified: 'true' });
      assert.match(updated_at, /^\d+$/);
      did(await set('--clear', 'email', '--set', 'address.country=JP'));
      assert.deepEqual(Object.keys((await site.json('user', 'claims', 'alice')).claims), ['address.country', 'name', 'updated_at']);
      refused(await set('--set', 'admin=true'), /no claim admin to set; there are name, given_name, .*address.country$/);
      refused(await set('--set', 'email=nobody'), /email takes an address with one @/);
      refused(await set('--set', 'name'), /--set NAME=VALUE/);
      refused(await set('--clear', 'updated_at'), /no claim updated_at/);
      refused(await site.operator('user', 'claims', 'nobody', '--set', 'name=x'), /^sekisho: nobody: There is no account/);
      assert.deepEqual(Object.keys((await site.json('user', 'claims', 'alice')).claims), ['address.country', 'name', 'updated_at']);
    });

    test('invite makes the account if need be, recovery does not', async () => {
      for (const [command, name] of [['invite', 'bob'], ['invite', 'bob'], ['recovery', 'bob']]) {
        const [link, about] = did(await site.operator(command, name)).split('\n');
        assert.match(link, new RegExp(`^${site.origin}/register\\?ticket=[\\w-]{22,}$`));
        const ends = /^for bob, once, until (\S+)$/.exec(about)[1];
        assert.ok(Math.abs(Date.parse(ends) - Date.now() - 15 * 60000) < 60000, ends);
      }
      assert.equal((await site.json('user', 'show', 'bob')).credentials, 0);
      const made = await site.json('invite', 'bob');
      assert.equal(made.url, `${site.origin}/register?ticket=${made.ticket}`);
      refused(await site.operator('recovery', 'nobody'), /no account/);
    });

    test('credential and session of an account that has none', async () => {
      assert.deepEqual(await site.json('credential', 'list', 'bob'), []);
      assert.deepEqual(await site.json('session', 'list', 'bob'), []);
      assert.match(did(await site.operator('session', 'list', 'bob')), /^ID +SIGNED IN/);
      refused(await site.operator('credential', 'revoke', 'bob', 'AAAA'), /sekisho credential list/);
      refused(await site.operator('credential', 'revoke', 'bob', '%'), /sekisho credential list/);
      refused(await site.operator('session', 'revoke', 'bob', 'AAAAAAAAAAAAAAAAAAAAAA'), /sekisho session list/);
      refused(await site.operator('session', 'revoke', 'bob', 'x y'), /sekisho session list/);
      did(await site.operator('session', 'revoke', 'bob', '--all'));
      for (const args of [['credential', 'list'], ['session', 'list'], ['session', 'revoke']])
        refused(await site.operator(...args, 'nobody', ...(args[1] === 'revoke' ? ['--all'] : [])), /no account/);
    });

    test('client list, of all domains or one', async () => {
      assert.deepEqual((await site.json('client', 'list')).clients.map((client) => client.id), ['pay-web', 'coin-web']);
      assert.deepEqual((await site.json('client', 'list', '--domain', 'coin')).clients.map((client) => client.id), ['coin-web']);
      assert.match(did(await site.operator('client', 'list')), /^pay +pay-web +Pay +yes .*http:\/\/localhost:9001\/callback$/m);
      refused(await site.operator('client', 'list', '--domain', 'nowhere'), /no domain nowhere.* pay, coin/);
    });

    test('client add, rotate and remove', async () => {
      const [id, secret] = did(await site.operator('client', 'add', 'pay', '--name', 'Nightly', '--client-credentials', '--scope', 'balance.read')).split('\n');
      assert.match(id, /^[0-9a-f]{24}$/);
      assert.match(secret, /^[\w-]{43}$/);
      assert.match(did(await site.operator('client', 'list', '--domain', 'pay')), new RegExp(`^pay +${id} +Nightly +no `, 'm'));
      const web = await site.json('client', 'add', 'coin', '--name', 'Page', '--redirect-uri', 'https://a.example/cb', '--redirect-uri', 'https://b.example/cb');
      assert.equal(web.client_secret, undefined);
      const row = (await site.json('client', 'list', '--domain', 'coin')).clients.find((client) => client.id === web.client_id);
      assert.deepEqual([row.redirect_uris, row.public, row.source], [['https://a.example/cb', 'https://b.example/cb'], true, 'store']);
      const rotated = did(await site.operator('client', 'rotate', 'pay', id)).split('\n');
      assert.equal(rotated[0], id);
      assert.notEqual(rotated[1], secret);
      assert.match(rotated.join(' '), /24 hours/);
      assert.match(did(await site.operator('client', 'rotate', 'pay', id, '--at-once')), /good no more/);
      refused(await site.operator('client', 'rotate', 'coin', web.client_id), /no secret to rotate/);
      refused(await site.operator('client', 'add', 'pay', '--name', 'x'), /redirect URI/);
      refused(await site.operator('client', 'add', 'pay', '--name', 'x', '--redirect-uri', 'http://a.example/'), /entry 1 of redirect_uris/);
      refused(await site.operator('client', 'add', 'pay', '--name', 'x', '--client-credentials', '--scope', 'balance.read', '--jwks', '/nothing'), /no file with a key set/);
      refused(await site.operator('client', 'add', 'nowhere', '--name', 'x', '--redirect-uri', 'https://a.example/'), /no domain of that name/);
      refused(await site.operator('client', 'remove', 'pay', 'pay-web'), /configuration are changed there/);
      for (const [domain, client] of [['pay', id], ['coin', web.client_id]]) {
        assert.match(did(await site.operator('client', 'remove', domain, client)), /is removed/);
        refused(await site.operator('client', 'remove', domain, client), /No client in the store/);
      }
      assert.deepEqual((await site.json('client', 'list')).clients.map((client) => client.id), ['pay-web', 'coin-web']);
    });

    test('key list and rotate', async () => {
      const states = async () => Object.fromEntries((await site.json('key', 'list', 'pay')).keys.map((key) => [key.state, key.kid]));
      const old = await states();
      const [kid, about] = did(await site.operator('key', 'rotate', 'pay')).split('\n');
      assert.equal(kid, old.next);
      assert.match(about, /^signs for pay from now on/);
      const now = await states();
      assert.deepEqual([now.current, now.previous], [old.next, old.current]);
      assert.ok(![old.next, old.current].includes(now.next));
      assert.match(did(await site.operator('key', 'list', 'pay')), new RegExp(`^${kid} +ES256 +current`, 'm'));
      refused(await site.operator('key', 'rotate', 'nowhere'), /no domain of that name/);
      refused(await site.operator('key', 'list', 'nowhere'), /no domain of that name/);
    });

    test('audit show', async () => {
      const { events } = await site.json('audit', 'show');
      assert.deepEqual(events.at(-1).event, 'user.added');
      assert.ok(events.every((event) => event.actor === 'operator'));
      assert.equal((await site.json('audit', 'show', '--limit', '2')).events.length, 2);
      const [{ subject }] = events;
      assert.ok((await site.json('audit', 'show', '--subject', subject)).events.every((event) => event.subject === subject));
      assert.match(did(await site.operator('audit', 'show')), /^SEQ +TIME +EVENT/);
      assert.equal((await site.json('audit', 'show', '--domain', 'pay')).events[0].event, 'key.rotated');
      refused(await site.operator('audit', 'show', '--domain', 'nowhere'), /no domain nowhere/);
    });

    test('audit verify prints the last hash', async () => {
      for (const domain of [[], ['--domain', 'pay'], ['--domain', 'coin']]) {
        const [hash, about] = did(await site.operator('audit', 'verify', ...domain)).split('\n');
        assert.match(hash, /^[0-9a-f]{64}$/);
        assert.match(about, domain.length ? new RegExp(`of ${domain[1]};`) : /of the login server;/);
        const report = await site.json('audit', 'verify', ...domain);
        assert.deepEqual([report.whole, report.last_hash], [true, hash]);
      }
    });

    test('usage is 2, with the synopsis', async () => {
      for (const args of [['user'], ['user', 'ad'], ['user', 'add'], ['user', 'add', 'a', 'b'], ['user', 'list', 'x'], ['user', 'list', '--all'],
        ['user', 'delete', '--domain', 'pay', 'x'], ['invite'], ['invite', 'a', 'b'], ['recovery'], ['credential', 'revoke', 'x'], ['session', 'revoke', 'x'],
        ['session', 'revoke', 'x', 'y', '--all'], ['client'], ['key', 'rotate'], ['key', 'list'], ['audit'], ['audit', 'verify', 'x'], ['user', 'list', '--nonsense']]) {
        const done = await site.operator(...args);
        assert.equal(done.code, 2, args.join(' '));
        assert.match(done.stderr, new RegExp(`^usage: sekisho ${args[0]} `), args.join(' '));
        assert.equal(done.stdout, '');
      }
    });
  });
}

/** Writes to a database as somebody who may write to the disk: node 18 has no sqlite. */
function sql(file, statement) {
  execFileSync('python3', ['-c', 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()', file, statement]);
}

describe('audit verify', () => {
  let site;
  before(async () => {
    site = await Site.make();
    for (const name of ['a', 'b', 'c']) await site.operator('user', 'add', name);
    await site.operator('key', 'rotate', 'pay');
  });
  after(async () => { await site?.done(); });

  test('finds a changed event and a missing one', async () => {
    did(await site.operator('audit', 'verify'));
    sql(path.join(site.dir, 'rp.db'), "UPDATE audit SET actor = 'nobody' WHERE seq = 2");
    refused(await site.operator('audit', 'verify'), /audit log of the login server was changed: event 2 /);
    assert.equal(JSON.parse((await site.operator('audit', 'verify', '--json')).stdout).whole, false);
    sql(path.join(site.dir, 'rp.db'), "UPDATE audit SET actor = 'operator' WHERE seq = 2");
    did(await site.operator('audit', 'verify'));
    sql(path.join(site.dir, 'rp.db'), 'DELETE FROM audit WHERE seq = 1');
    refused(await site.operator('audit', 'verify'), /event 1 /);
    did(await site.operator('audit', 'verify', '--domain', 'pay'));
  });
});

describe('what people hold', () => {
  let site;
  let browser;
  before(async () => {
    site = await Site.make();
    await site.serve();
    browser = site.browser();
    await browser.register('alice');
  });
  after(async () => { await site?.done(); });

  test('credential list and revoke: the passkey no longer works, the sessions have ended', async () => {
    const [credential] = await site.json('credential', 'list', 'alice');
    assert.match(did(await site.operator('credential', 'list', 'alice')), new RegExp(`^${credential.id} `, 'm'));
    const { sign_count, uv_initialized, discoverable, hardware, certification, cred_protect, min_pin_length, prf, large_blob } = credential;
    assert.deepEqual({ sign_count, uv_initialized, discoverable, hardware, certification, cred_protect, min_pin_length, prf, large_blob },
      { sign_count: 0, uv_initialized: true, discoverable: true, hardware: false, certification: 'none', cred_protect: null, min_pin_length: null, prf: null, large_blob: null });
    assert.equal((await browser.get('/session')).status, 200);
    did(await site.operator('credential', 'revoke', 'alice', credential.id), /revoked/);
    assert.deepEqual(await site.json('credential', 'list', 'alice'), []);
    assert.equal((await browser.get('/session')).status, 401);
  });

  test('a recovery link enrols a new passkey, once', async () => {
    const { ticket } = await site.json('recovery', 'alice');
    const fresh = site.browser();
    const options = await fresh.registrationOptions(undefined, { ticket });
    const response = await fresh.authenticator.create(options, site.origin);
    assert.equal((await fresh.post('/attestation/result', response)).status, 200);
    assert.equal((await site.json('credential', 'list', 'alice')).length, 1);
    assert.equal((await fresh.post('/attestation/options', { ticket })).json.error, 'ticket');
    browser = fresh;
  });

  /** How many ends of sessions pay has heard of since it was started. */
  async function told() {
    const { body } = await site.get('internal', '/metrics');
    return Number(/^sekisho_sessions_ended_total\{domain="pay"\} (\d+)$/m.exec(body)[1]);
  }

  test('session list and revoke, one and all; while stopped too', async () => {
    await browser.login();
    const before = await told();
    const other = browser.sibling();
    await other.login({ username: 'alice' });
    const sessions = await site.json('session', 'list', 'alice');
    assert.equal(sessions.length, 2);
    did(await site.operator('session', 'revoke', 'alice', sessions[0].id), /ended/);
    refused(await site.operator('session', 'revoke', 'alice', sessions[0].id), /sekisho session list/);
    for (const id of ['-'.padEnd(22, 'A'), '--'.padEnd(22, 'c'), '-'.padEnd(43, '_')])
      for (const what of ['session', 'credential']) refused(await site.operator(what, 'revoke', 'alice', id), new RegExp(`sekisho ${what} list`));
    const alive = async () => [(await browser.get('/session')).status, (await other.get('/session')).status].filter((status) => status === 200).length;
    assert.equal(await alive(), 1);
    await until(async () => await told() === before + 1, 'the domains to hear of the end');
    await other.login({ username: 'alice' });
    assert.equal((await site.stop()).code, 0);
    const left = (await site.json('session', 'list', 'alice')).length;
    assert.ok(left >= 1);
    did(await site.operator('session', 'revoke', 'alice', '--all'));
    await site.serve();
    await until(async () => await told() === left, 'the domains to hear of what ended while they were down');
    assert.equal(await alive(), 0);
    assert.deepEqual(await site.json('session', 'list', 'alice'), []);
  });
});

test('user list goes on behind the first thousand', async () => {
  const site = await Site.make();
  try {
    did(await site.operator('user', 'add', 'Zoë'));
    execFileSync('python3', ['-c', `
import sqlite3, sys, os
c = sqlite3.connect(sys.argv[1])
c.executemany("INSERT INTO users (handle, username_key, username, display_name, disabled, created_ms) VALUES (?, ?, ?, ?, 0, 1)",
              [(os.urandom(32), f"user {i}", f"User {i}", "x") for i in range(2000)])
c.commit()`, path.join(site.dir, 'rp.db')]);
    const users = await site.json('user', 'list');
    assert.deepEqual([users.length, new Set(users.map((user) => user.username)).size, users.at(-1).username], [2001, 2001, 'Zoë']);
  } finally {
    await site.done();
  }
});

test('a server that starts and a command wait for one another', async () => {
  const site = await Site.make();
  try {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const early = names.slice(0, 6).map((name) => site.operator('user', 'add', name));
    await Promise.race(early); // they take turns: one is always at work
    const [, ...all] = await Promise.all([site.serve(), ...names.slice(6).map((name) => site.operator('user', 'add', name)), ...early]);
    for (const each of all) did(each);
    assert.deepEqual((await site.json('user', 'list')).map((user) => user.username), names);
    assert.equal(site.events('child.died').length, 0);
  } finally {
    await site.done();
  }
});

/** Types an answer at a terminal. */
function typed(answer, args) {
  const script = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
out = b''
while b'[y/N]' not in out:
    out += os.read(fd, 1000)
os.write(fd, sys.argv[1].encode() + b'\\n')
try:
    while True:
        out += os.read(fd, 1000)
except OSError:
    pass
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;
  const { status, stdout } = spawnSync('python3', ['-c', script, answer, path.join(build, 'sekisho'), ...args], { encoding: 'utf8' });
  return { status, stdout };
}

test('user delete asks somebody at a terminal, and what a terminal would obey is not printed', async () => {
  const site = await Site.make();
  try {
    for (const name of ['alice', 'bob']) did(await site.operator('user', 'add', name));
    const no = typed('n', ['user', 'delete', 'alice', '-c', site.file]);
    assert.equal(no.status, 1);
    assert.match(no.stdout, /Delete alice with all passkeys and sessions.*nothing was deleted/s);
    assert.equal(typed('y', ['user', 'delete', 'alice', '-c', site.file]).status, 0);
    assert.deepEqual((await site.json('user', 'list')).map((user) => user.username), ['bob']);
    sql(path.join(site.dir, 'rp.db'), "UPDATE users SET display_name = 'B' || char(27) || '[31m' || char(155) || '0m' || char(10) || 'x'");
    assert.match(did(await site.operator('user', 'list')), /^bob +B\?\[31m\?\?0m\?x +0 /m);
  } finally {
    await site.done();
  }
});

test('commands at once, while no server runs, wait for one another', async () => {
  const site = await Site.make();
  try {
    const done = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => site.operator('user', 'add', name)));
    for (const each of done) did(each);
    assert.equal((await site.json('user', 'list')).length, 6);
  } finally {
    await site.done();
  }
});

test('-c may be left out in the folder of sekisho.yaml; a wrong file is named', async () => {
  const site = await Site.make();
  try {
    assert.deepEqual(JSON.parse((await sekisho(['user', 'list', '--json'], { cwd: site.dir, env: site.env })).stdout), []);
    const elsewhere = await sekisho(['user', 'list'], { cwd: site.folder, env: site.env });
    refused(elsewhere, /sekisho\.yaml/);
    fs.appendFileSync(site.file, 'nonsense: 1\n');
    refused(await site.operator('user', 'list'), /sekisho\.yaml:\d+: nonsense: /);
  } finally {
    await site.done();
  }
});

test('AB-16 a key or database that others can read is refused by name', async () => {
  const site = await Site.make();
  try {
    fs.chmodSync(path.join(site.dir, 'keys', 'rp.key'), 0o644);
    refused(await site.operator('user', 'list'), /keys\/rp\.key: .*0600/);
    refused(await site.run('serve', '-c', site.file).then((done) => ({ ...done, lines: done.lines.filter((line) => !line.startsWith('{')) })), /keys\/rp\.key: .*0600/);
    fs.chmodSync(path.join(site.dir, 'keys', 'rp.key'), 0o600);
    fs.chmodSync(path.join(site.dir, 'keys', 'authority-pay.key'), 0o640);
    refused(await site.operator('key', 'list', 'pay'), /keys\/authority-pay\.key: .*0600/);
    fs.chmodSync(path.join(site.dir, 'keys', 'authority-pay.key'), 0o600);
    fs.chmodSync(path.join(site.dir, 'rp.db'), 0o644);
    refused(await site.operator('user', 'list'), /rp\.db: .*chmod 600/);
    fs.chmodSync(path.join(site.dir, 'rp.db'), 0o600);
    fs.renameSync(path.join(site.dir, 'keys', 'rp.key'), path.join(site.dir, 'keys', 'elsewhere'));
    refused(await site.operator('user', 'list'), /rp\.key is missing.*put it back/);
    assert.ok(!fs.existsSync(path.join(site.dir, 'keys', 'rp.key')));
  } finally {
    await site.done();
  }
});
