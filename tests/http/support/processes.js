// The programs under test, each in a folder of its own on free ports, with a settable clock.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const build = process.env.SEKISHO_BUILD ?? path.join(root, 'build');

/** Ports that were free a moment ago, all different. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const server = net.createServer();
      server.on('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    })),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve); })));
  return ports;
}

export function makeFolder() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'sekisho-test-'));
}

export function removeFolder(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Seconds that every process of the folder adds to its clock. */
export function setClock(folder, seconds) {
  const file = path.join(folder, 'clock');
  fs.writeFileSync(`${file}.new`, `${seconds}\n`);
  fs.renameSync(`${file}.new`, file);
}

/** With SEKISHO_TEST_DATABASE (tests/http/on_postgres sets it) what a test configures as SQLite files is a database of its folder's
 * own there, so that the same tests run over PostgreSQL. */
export function moveDatabases(file) {
  const server = process.env.SEKISHO_TEST_DATABASE;
  if (server === undefined || !fs.existsSync(file)) return;
  const text = fs.readFileSync(file, 'utf8');
  const name = `t_${path.dirname(file).replace(/[^A-Za-z0-9]/g, '_').slice(-50)}`.toLowerCase();
  const moved = text.replace(/^( +database:) (?:rp|authority)\.db\b.*$/gm, `$1 "${server.replace('NAME', name)}"`);
  if (moved === text) return;
  const { searchParams } = new URL(server.replace('NAME', name).replace('owner@/', 'owner@socket/'));
  spawnSync('createdb', ['-h', searchParams.get('host'), '-p', searchParams.get('port'), '-U', 'owner', '-T', 'template0', name]);
  fs.writeFileSync(file, moved);
}

/** Starts a program of the build folder and waits until it says that it is ready. */
export async function startProgram(name, folder, args, env = {}) {
  moveDatabases(args[args.indexOf('-c') + 1]);
  const child = spawn(path.join(build, name), args, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SEKISHO_READY_FD: '3',
      SEKISHO_CLOCK_OFFSET_FILE: path.join(folder, 'clock'),
      ...env,
    },
  });
  const program = { child, log: '' };
  child.stderr.on('data', (chunk) => { program.log += chunk; });
  program.ended = new Promise((resolve) => { child.on('close', (code, signal) => resolve({ code, signal })); });
  const ready = new Promise((resolve) => { child.stdio[3].once('data', () => resolve('ready')); });
  const first = await Promise.race([ready, program.ended]);
  if (first !== 'ready') {
    throw Object.assign(new Error(`${name} did not start: ${program.log}`), { exit: first, log: program.log });
  }
  return program;
}

export async function stopProgram(program, signal = 'SIGTERM') {
  program.child.kill(signal);
  return program.ended;
}
