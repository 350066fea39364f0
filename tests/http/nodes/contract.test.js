// DB-01 What the store and its repositories promise is the same on both engines: their unit tests, on PostgreSQL.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Postgres } from '../support/postgres.js';
import { build } from '../support/processes.js';

const SUITES = ['store', 'store_values', 'grants', 'refresh', 'grant_claims', 'logouts', 'rp_sweeps', 'rp_credentials', 'clients', 'earned'];
const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../..');
let server;
before(async () => { server = await Postgres.start(); });
after(() => server?.done());

for (const name of SUITES)
  test(`DB-01 the unit tests of ${name} pass over PostgreSQL`, () => {
    const done = spawnSync(path.join(build, 'tests', 'unit', `test_${name}`), {
      cwd: root, encoding: 'utf8', env: { ...process.env, SEKISHO_STORE_ADDRESS: server.makeDatabase() },
    });
    assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
    assert.match(done.stdout + done.stderr, /PASSED/);
  });

const TYPES = { integer: 'bigint', blob: 'bytea', text: 'text' };

/** The types of the parameters that are bound behind a statement, as the driver gives them; of others the server finds out. */
function typesOf(sql, source) {
  const count = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, index]) => Number(index)));
  const types = Array(count).fill('unknown');
  for (const [, type, index] of source.split(/database_statement\(|\n}\n/)[0].matchAll(/statement_bind_(\w+)\(\w+, (\d+)/g))
    if (TYPES[type] !== undefined && Number(index) <= count) types[index - 1] = TYPES[type];
  return count > 0 ? `(${types.join(', ')})` : '';
}

/** As tests/lint/check_query_plans reads them: every literal that is made a statement. */
function statements() {
  const found = [];
  for (const folder of ['src/store', 'src/audit'])
    for (const name of fs.readdirSync(path.join(root, folder)).filter((each) => each.endsWith('.c') && !/^(sqlite|postgres)_/.test(each))) {
      const source = fs.readFileSync(path.join(root, folder, name), 'utf8');
      const macros = Object.fromEntries([...source.matchAll(/#define (\w+)((?:[^\n]*\\\n)*[^\n]*)/g)].map(([, word, text]) => [word, text]));
      for (const { 0: all, 1: text, index } of source.matchAll(/database_(?:statement|run)\(\s*[\w>.-]+,\s*((?:"(?:[^"\\]|\\.)*"\s*|[A-Z_]{3,}\s*)+)\)/g)) {
        const whole = text.replace(/(?<=^|\s)[A-Z_]{3,}(?=\s)/gm, (word) => macros[word] ?? word);
        const sql = [...whole.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => part).join('');
        if (/^(SELECT|INSERT|UPDATE|DELETE|WITH)/.test(sql)) found.push({ name, sql, rest: source.slice(index + all.length).split('\n}\n')[0], types: typesOf(sql, source.slice(index + all.length)) });
      }
    }
  return found;
}

function translate(texts) {
  const done = spawnSync(path.join(build, 'tests', 'unit', 'translate_sql'), { input: texts.map((text) => `${text}\x1e`).join(''), encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout.split('\x1e').slice(0, -1);
}

const migrations = (name) => ['shared', name].flatMap((folder) => fs.readdirSync(path.join(root, 'schema', folder)).map((file) => path.join(folder, file)))
  .sort((a, b) => (path.basename(a) < path.basename(b) ? -1 : 1)).map((file) => fs.readFileSync(path.join(root, 'schema', file), 'utf8'));

test('the server takes every migration and every statement of the repositories as they are rewritten', () => {
  const all = statements();
  assert.ok(all.length > 120, `${all.length} statements found`);
  for (const process_ of ['rp', 'authority']) {
    const database = `statements_${process_}`;
    server.makeDatabase(database);
    for (const sql of translate(migrations(process_))) server.query(sql, database);
    server.query('CREATE TABLE schema_migrations (version bigint PRIMARY KEY, checksum bytea, applied_ms bigint);'
      + 'CREATE TABLE store_changes (sequence bigint, topic text, made_ms bigint); CREATE TABLE store_facts (name text PRIMARY KEY, value bytea)', database);
    const own = all.filter(({ name }) => !name.startsWith(process_ === 'rp' ? 'authority_' : 'rp_'));
    const texts = translate(own.map(({ sql }) => sql));
    server.query(texts.map((sql, i) => `PREPARE s${i} ${own[i].types} AS ${sql};`).join('\n'), database);
  }
});

/** What nodes keep in memory; other nodes learn of a change by its announcement alone. */
const KEPT = /^UPDATE grants SET revoked_ms|^(INSERT INTO|UPDATE|DELETE FROM) clients\b|^INSERT INTO outbox |^UPDATE claim_disclosures SET pending = pending/;

test('whoever changes what nodes keep in memory announces it', () => {
  const kept = statements().filter(({ sql }) => KEPT.test(sql));
  assert.ok(kept.length >= 9, `${kept.length} found`);
  for (const { name, sql, rest } of kept)
    assert.match(rest, /_announce\(|return run_on_one\(database,/, `${name}: ${sql} is not announced: call database_announce`);
});
