// The programs by themselves, and the demo.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { exchange } from '../support/http.js';
import { build, makeFolder, removeFolder } from '../support/processes.js';
import { freePortsInARow, Site, until } from '../support/site.js';

function start(args, env = {}) {
  const child = spawn(path.join(build, 'sekisho'), args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  const program = { child, log: '' };
  child.stderr.on('data', (chunk) => { program.log += chunk; });
  program.ended = new Promise((resolve) => { child.on('exit', (code, signal) => resolve({ code, signal })); });
  return program;
}

test('rp and authority each alone; --domain serves that domain only; operators reach both', async () => {
  const site = await Site.make();
  const authority = start(['authority', '-c', site.file, '--domain', 'pay'], site.env);
  const rp = start(['rp', '-c', site.file], site.env);
  try {
    await until(() => authority.log.includes('authority.ready') && rp.log.includes('rp.ready'), 'both');
    assert.equal((await site.get('rp', '/readyz')).status, 200);
    assert.equal((await site.get('authority', '/pay/jwks')).status, 200);
    assert.equal((await site.get('authority', '/coin/jwks')).status, 404);
    assert.equal((await site.operator('user', 'add', 'alice')).code, 0);
    assert.equal((await site.json('key', 'list', 'pay')).keys.length, 2);
    const other = await site.operator('key', 'list', 'coin');
    assert.deepEqual([other.code, other.lines.length], [1, 1]);
  } finally {
    for (const program of [authority, rp]) {
      program.child.kill('SIGTERM');
      assert.deepEqual(await program.ended, { code: 0, signal: null }, program.log);
    }
    await site.done();
  }
});

test('the demo opens, and leaves nothing behind', async () => {
  const temporary = makeFolder();
  const port = await freePortsInARow(5);
  const demo = start(['demo', '--port', `${port}`], { TMPDIR: temporary });
  try {
    await Promise.race([
      until(() => demo.log.includes(`open http://localhost:${port}/`), 'the demo', 60000),
      demo.ended.then(() => { throw new Error(demo.log); }),
    ]);
    for (const offset of [0, 3, 4]) {
      const page = await exchange({ port: port + offset }, { headers: { host: `localhost:${port + offset}` } });
      assert.ok([200, 302, 303].includes(page.status), `${offset}: ${page.status}`);
    }
  } finally {
    demo.child.kill('SIGTERM');
    assert.deepEqual(await demo.ended, { code: 0, signal: null }, demo.log);
    assert.deepEqual(fs.readdirSync(temporary), []);
    removeFolder(temporary);
  }
});
