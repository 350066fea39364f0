/* A sekisho of its own for each test file: made with `sekisho init` in a temporary folder, served by the real programs.
 * SEKISHO_BUILD names the build folder; SEKISHO_URL names a server that runs already, and then none is started. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = join(resolve(process.env.SEKISHO_BUILD ?? 'build'), 'sekisho');
const START_MS = 30_000;
const STOP_MS = 15_000;

/* A port that is free together with the two after it: init takes three in a row. */
async function freePort() {
  const listen = (port) =>
    new Promise((done) => {
      const probe = createServer();
      probe.once('error', () => done(null));
      probe.listen(port, '127.0.0.1', () => done(probe));
    });
  const close = (probe) => new Promise((done) => probe.close(done));
  for (let tries = 0; tries < 50; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const probes = await Promise.all([listen(port), listen(port + 1), listen(port + 2)]);
    await Promise.all(probes.filter(Boolean).map(close));
    if (probes.every(Boolean)) return port;
  }
  throw new Error('no three free ports in a row');
}

function waitForReady(child) {
  return new Promise((done, fail) => {
    let said = '';
    const timer = setTimeout(() => fail(new Error(`the server is not ready:\n${said}`)), START_MS);
    child.stderr.on('data', (chunk) => {
      said += chunk;
      if (!said.includes('sekisho: ready')) return;
      clearTimeout(timer);
      done();
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(new Error(`the server ended with ${code}:\n${said}`));
    });
  });
}

function stop(child) {
  return new Promise((done) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      done(code);
    });
    child.kill('SIGTERM');
  });
}

/** Starts a server. edit(yaml) may change its configuration. Returns {url, cli(...words), passTime(seconds), stop()}. */
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
  const child = spawn(program, ['serve', '-c', config], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  await waitForReady(child);
  return {
    url: `http://localhost:${port}`,
    cli: async (...words) => (await run(program, [...words, '-c', config], { env })).stdout,
    passTime: (seconds) => writeFile(clock, String((offset += seconds))),
    stop: async () => {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
