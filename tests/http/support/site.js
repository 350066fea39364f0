// A folder made by `sekisho init`, the supervisor that serves it, and the command line beside it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { SoftAuthenticator } from '../../authenticator/softauthn.mjs';
import { exchange } from './http.js';
import { build, freePorts, makeFolder, moveDatabases, removeFolder, setClock } from './processes.js';
import { Browser } from './rp.js';

export const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Polls until check() is true, or throws. */
export async function until(check, what, limit = 20000) {
  for (const end = Date.now() + limit; Date.now() < end; await wait(50))
    if (await check()) return;
  throw new Error(`waited in vain for ${what}`);
}

/** One command: {code, signal, stdout, stderr, lines: of stderr}. */
export function sekisho(args, { cwd, env = {}, input = '' } = {}) {
  return new Promise((resolve) => {
    const child = spawn(path.join(build, 'sekisho'), args, { cwd, env: { ...process.env, ...env } });
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => { out.stdout += chunk; });
    child.stderr.on('data', (chunk) => { out.stderr += chunk; });
    child.on('close', (code, signal) => resolve({ code, signal, ...out, lines: out.stderr.split('\n').filter(Boolean) }));
    child.stdin.on('error', () => {}); // it may have ended already
    child.stdin.end(input);
  });
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The first of some free ports in a row. */
export async function freePortsInARow(count) {
  for (;;) {
    const [port] = await freePorts(1);
    const others = await Promise.all(Array.from({ length: count - 1 }, (_, i) => isFree(port + 1 + i)));
    if (port + count < 65536 && others.every(Boolean)) return port;
  }
}

export class Site {
  #authenticators = [];

  static async make(parent) {
    const site = new Site();
    site.folder = parent ? fs.mkdtempSync(path.join(parent, 'site-')) : makeFolder();
    site.dir = path.join(site.folder, 'dir');
    site.port = await freePortsInARow(3);
    site.origin = `http://localhost:${site.port}`;
    site.clock = 0;
    setClock(site.folder, 0);
    const made = await site.run('init', site.dir, '--port', `${site.port}`);
    if (made.code !== 0) throw new Error(`init: ${made.stderr}`);
    site.file = path.join(site.dir, 'sekisho.yaml');
    moveDatabases(site.file);
    return site;
  }

  get env() {
    return { SEKISHO_CLOCK_OFFSET_FILE: path.join(this.folder, 'clock') };
  }

  /** A command as it stands. */
  run(...args) {
    return sekisho(args, { env: this.env });
  }

  /** A command of the operator, on this site's configuration. */
  operator(...args) {
    return this.run(...args, '-c', this.file);
  }

  async json(...args) {
    const done = await this.operator(...args, '--json');
    if (done.code !== 0) throw new Error(`${args.join(' ')}: ${done.stderr}`);
    return JSON.parse(done.stdout);
  }

  async serve() {
    const child = spawn(path.join(build, 'sekisho'), ['serve', '-c', this.file], {
      stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...this.env },
    });
    this.server = { child, log: '' };
    child.stderr.on('data', (chunk) => { this.server.log += chunk; });
    this.server.ended = new Promise((resolve) => { child.on('exit', (code, signal) => resolve({ code, signal })); });
    const server = this.server;
    await Promise.race([
      until(() => /^sekisho: ready/m.test(server.log), `ready of ${this.folder}`, 40000),
      server.ended.then(() => { throw new Error(`serve ended: ${server.log}`); }),
    ]);
  }

  async stop(signal = 'SIGTERM') {
    this.server.child.kill(signal);
    const ended = await this.server.ended;
    return ended;
  }

  /** The ids of the supervisor's children; the kernel keeps 15 letters of a name. */
  children() {
    const found = {};
    const of = this.server.child.pid;
    for (const pid of fs.readFileSync(`/proc/${of}/task/${of}/children`, 'utf8').trim().split(/\s+/).filter(Boolean))
      found[fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()] = Number(pid);
    return { rp: found['sekisho-rp'], authority: found['sekisho-authori'] };
  }

  /** The events of the log, parsed; other lines are left out. */
  events(name) {
    return this.server.log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
      .filter((event) => name === undefined || event.event === name);
  }

  get(target, pathname, headers = {}) {
    const port = { rp: this.port, authority: this.port + 1, internal: this.port + 2 }[target];
    return exchange({ port }, { path: pathname, headers: { host: `localhost:${port}`, ...headers } });
  }

  pass(seconds) {
    this.clock += seconds;
    setClock(this.folder, this.clock);
  }

  browser() {
    const browser = new Browser(this, new SoftAuthenticator());
    this.#authenticators.push(browser.authenticator);
    return browser;
  }

  /** Ends what runs. A crash or a sanitizer's finding fails the test file. */
  async done() {
    this.#authenticators.forEach((each) => each.close());
    const ended = this.server && this.server.child.exitCode === null && this.server.child.signalCode === null ? await this.stop() : { code: 0 };
    removeFolder(this.folder);
    if (ended.code !== 0 || /Sanitizer|runtime error/.test(this.server?.log ?? ''))
      throw new Error(`serve ended with ${JSON.stringify(ended)}\n${this.server.log}`);
  }
}
