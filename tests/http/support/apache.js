// A real Apache with the site of docs/integrations/apache.md, the product behind it, and a browser that visits it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exchange } from './http.js';
import { freePorts, makeFolder, removeFolder } from './processes.js';

const page = fileURLToPath(new URL('../../../docs/integrations/apache.md', import.meta.url));
const APACHE = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';
const NAMES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'proxy', 'proxy_http', 'auth_openidc'];

const MAIN = (folder, port, site) => `
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
LogLevel warn
ServerName localhost
${process.getuid() === 0 ? 'User www-data\nGroup www-data' : ''}
${NAMES.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
Listen 127.0.0.1:${port}
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
${site}
`;

/** The pieces of a page in one language. */
const pieces = (language) => [...fs.readFileSync(page, 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text);

export class Apache {
  static async prepare() {
    const apache = new Apache();
    [apache.port, apache.productPort] = await freePorts(2);
    apache.origin = `http://localhost:${apache.port}`;
    apache.seen = [];
    return apache;
  }

  /** What the page adds to the domain. */
  yaml() {
    return pieces('yaml')[0].replaceAll('localhost:9001', `localhost:${this.port}`);
  }

  async start(authorityPort, env) {
    const site = pieces('apache')[0].replaceAll(':9001', `:${this.port}`).replaceAll('localhost:8081', `localhost:${authorityPort}`)
      .replaceAll('127.0.0.1:7001', `127.0.0.1:${this.productPort}`);
    this.product = http.createServer((request, response) => {
      this.seen.push({ path: request.url, headers: request.headers });
      response.end('served');
    });
    await new Promise((resolve) => { this.product.listen(this.productPort, '127.0.0.1', resolve); });
    this.folder = makeFolder();
    const file = path.join(this.folder, 'apache.conf');
    fs.writeFileSync(file, MAIN(this.folder, this.port, site));
    let start = '';
    this.child = spawn(APACHE, ['-f', file, '-DFOREGROUND'], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    this.child.stderr.on('data', (chunk) => { start += chunk; });
    this.ended = new Promise((resolve) => { this.child.on('close', resolve); });
    for (let i = 0; i < 600; i++) {
      if (this.child.exitCode !== null) throw new Error(`apache did not start: ${start}${this.log}`);
      if (await exchange({ port: this.port }, { path: '/bye' }).then(() => true, () => false)) {
        this.seen.splice(0);
        return this;
      }
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    throw new Error(`apache does not listen: ${this.log}`);
  }

  get log() {
    const file = path.join(this.folder, 'error.log');
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  async done() {
    this.child?.kill('SIGTERM');
    await this.ended;
    this.product?.closeAllConnections();
    if (this.product) await new Promise((resolve) => { this.product.close(resolve); });
    if (this.folder) removeFolder(this.folder);
  }
}

/** One person at one browser: Apache's cookies here, the login server's in the browser of the tests. */
export class Visitor {
  cookies = new Map();

  constructor(apache, browser, authorityPort) {
    Object.assign(this, { apache, browser, authorityPort });
  }

  async #product(at, headers) {
    const cookie = [...this.cookies].map(([name, text]) => `${name}=${text}`).join('; ');
    const fields = { host: at.host, accept: 'text/html,*/*;q=0.8', ...(cookie ? { cookie } : {}), ...headers };
    const answer = await exchange({ port: this.apache.port }, { path: at.pathname + at.search, headers: fields });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, text] = /^([^=]+)=([^;]*)/.exec(line);
      if (text === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, text);
    }
    return answer;
  }

  /** Follows everything, using the passkey when asked; knobs: of the authenticator; stay: the first answer is the last. */
  async open(pathname, { knobs = {}, headers = {}, stay = false } = {}) {
    let at = new URL(pathname, this.apache.origin);
    let prompts = 0;
    const way = [];
    for (let i = 0; i < 15; i++) {
      way.push(at.href);
      const { origin } = at;
      const ask = origin === this.browser.rp.origin && ['/login', '/step-up'].includes(at.pathname) && at.searchParams.get('continue');
      if (ask) {
        prompts += 1;
        at = new URL((await this.browser.login({ continue: ask }, knobs)).redirect, origin);
        continue;
      }
      let answer;
      if (origin === this.apache.origin) answer = await this.#product(at, headers);
      else if (origin === this.browser.rp.origin) answer = await this.browser.get(at.pathname + at.search);
      else answer = await exchange({ port: this.authorityPort }, { path: at.pathname + at.search, headers: { host: at.host } });
      // mod_auth_openidc steps up by a page that refreshes itself to the login server.
      const refresh = /<meta http-equiv="refresh" content="0; url=([^"]+)"/.exec(answer.body)?.[1];
      if (stay || (![302, 303].includes(answer.status) && !refresh)) return { answer, at, prompts, way };
      at = new URL(refresh ?? answer.headers.location, origin);
    }
    throw new Error(`round and round: ${way.join('\n')}`);
  }
}
