/* A sekisho of its own for each test file: made with `sekisho init` in a temporary folder, served by the real programs.
 * SEKISHO_BUILD names the build folder; SEKISHO_URL names a server that runs already, and then none is started. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = join(resolve(process.env.SEKISHO_BUILD ?? 'build'), 'sekisho');
const START_MS = 30_000;
const STOP_MS = 15_000;

/** A port that is free together with those after it: the programs take several in a row. */
export async function freePort(count = 3) {
  const listen = (port) =>
    new Promise((done) => {
      const probe = createServer();
      probe.once('error', () => done(null));
      probe.listen(port, '127.0.0.1', () => done(probe));
    });
  const close = (probe) => new Promise((done) => probe.close(done));
  for (let tries = 0; tries < 50; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const probes = await Promise.all(Array.from({ length: count }, (_, at) => listen(port + at)));
    await Promise.all(probes.filter(Boolean).map(close));
    if (probes.every(Boolean)) return port;
  }
  throw new Error(`no ${count} free ports in a row`);
}

/** Starts sekisho and waits until it says the words. What it says is kept, and shown when it ends without having been
 * asked to. */
export async function startProgram(words, env, readyText) {
  const child = spawn(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const server = { child, stopping: false, ended: new Promise((done) => child.once('exit', done)) };
  let said = '';
  const ready = new Promise((done) => {
    child.stderr.on('data', (chunk) => {
      said += chunk;
      if (said.includes(readyText)) done(true);
    });
  });
  server.ended.then((code) => {
    if (!server.stopping) process.stderr.write(`the server ended by itself with ${code}:\n${said}\n`);
  });
  const late = new Promise((done) => setTimeout(done, START_MS).unref());
  if (!(await Promise.race([ready, server.ended, late])) || child.exitCode !== null) {
    throw new Error(`the server is not ready:\n${said}`);
  }
  return server;
}

/** Asks it to end, and makes it when that takes too long; the exit code. */
export async function stopProgram(server) {
  server.stopping = true;
  const timer = setTimeout(() => server.child.kill('SIGKILL'), STOP_MS);
  server.child.kill('SIGTERM');
  const code = await server.ended;
  clearTimeout(timer);
  return code;
}

/* A request to the login server's own operators' interface, over its Unix socket. */
function askAdmin(socketPath, method, path, body) {
  return new Promise((done, fail) => {
    const headers = body ? { 'Content-Type': 'application/json' } : {};
    const asked = request({ socketPath, method, path, headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      if (answer.statusCode < 300) done(JSON.parse(text));
      else fail(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
    });
    asked.on('error', fail);
    asked.end(body && JSON.stringify(body));
  });
}

/** Starts a server. edit(yaml) may change its configuration. Returns {url, admin(method, path, body),
 * passTime(seconds), stop()}. */
export async function startServer({ edit = (yaml) => yaml } = {}) {
  if (process.env.SEKISHO_URL) return { url: process.env.SEKISHO_URL, stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-browser-'));
  const home = join(folder, 'home');
  const config = join(home, 'sekisho.yaml');
  const clock = join(folder, 'clock-offset');
  const port = await freePort();
  const env = { ...process.env, SEKISHO_CLOCK_OFFSET_FILE: clock };
  let offset = 0;
  await writeFile(clock, '0');
  await run(program, ['init', home, '--port', String(port)], { env });
  await writeFile(config, edit(await readFile(config, 'utf8')));
  const server = await startProgram(['serve', '-c', config], env, 'sekisho: ready');
  return {
    url: `http://localhost:${port}`,
    admin: (method, path, body) => askAdmin(join(home, 'run', 'rp-admin.sock'), method, path, body),
    passTime: (seconds) => writeFile(clock, String((offset += seconds))),
    stop: async () => {
      await stopProgram(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
