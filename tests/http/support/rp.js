// A login server of its own, with or without its authority, and browsers that visit it.
import fs from 'node:fs';
import path from 'node:path';
import { SoftAuthenticator } from '../../authenticator/softauthn.mjs';
import { exchange } from './http.js';
import { freePorts, makeFolder, removeFolder, setClock, startProgram, stopProgram } from './processes.js';

const CONFIG = ({ rp, pub, internal }) => `
rp:
  id: localhost
  name: Example
  origins: ["http://localhost:${rp}"]
  listen: 127.0.0.1:${rp}
  registration: open
  attestation: none
  session: {idle: 30d, absolute: 90d}
  database: rp.db
authority:
  listen: 127.0.0.1:${pub}
  internal: 127.0.0.1:${internal}
  database: authority.db
domains:
  - id: pay
    name: Pay
    issuer: http://localhost:${pub}/pay
    entry: {acr: phr, max_age: 12h}
    scopes:
      balance.read:
        title: {en: See your balance, ja: 残高の確認}
      transfer:
        acr: phr
        max_age: 5m
        title: {en: Transfer money, ja: 送金}
    clients:
      - {id: pay-web, name: Pay shop, public: true, redirect_uris: ["http://localhost:9001/callback"]}
  - id: coin
    name: Coin
    issuer: http://localhost:${pub}/coin
    entry: {acr: phr, max_age: 10m, evidence: domain}
    scopes:
      trade: {}
    clients:
      - {id: coin-web, public: true, redirect_uris: ["http://localhost:9002/callback"]}
`;

export class Rp {
  #authenticators = [];

  /** prepare: writes files into the folder before anything starts. origin: under which pages are visited, when the
   * configuration names another than the port's. env: of a program by its name, and the folder. */
  static async start({ config = (text) => text, authority = false, prepare = () => {}, origin, env = () => ({}) } = {}) {
    const rp = new Rp();
    rp.env = env;
    [rp.port, rp.authorityPort, rp.internalPort] = await freePorts(3);
    rp.folder = makeFolder();
    fs.mkdirSync(path.join(rp.folder, 'keys'), { mode: 0o700 });
    fs.writeFileSync(path.join(rp.folder, 'keys', 'rp.key'), Buffer.alloc(32, 7), { mode: 0o600 });
    rp.file = path.join(rp.folder, 'sekisho.yaml');
    fs.writeFileSync(rp.file, config(CONFIG({ rp: rp.port, pub: rp.authorityPort, internal: rp.internalPort })));
    prepare(rp.folder);
    rp.origin = origin ?? `http://localhost:${rp.port}`;
    rp.clock = 0;
    setClock(rp.folder, 0);
    if (authority) rp.authority = await startProgram('sekisho-authority', rp.folder, ['-c', rp.file], env('authority', rp.folder));
    await rp.run();
    return rp;
  }

  async run() {
    this.program = await startProgram('sekisho-rp', this.folder, ['-c', this.file], this.env('rp', this.folder));
  }

  async restart(signal = 'SIGTERM') {
    await stopProgram(this.program, signal);
    await this.run();
  }

  /** Ends everything; a crash or a sanitizer's finding fails the test file. */
  async done() {
    this.#authenticators.forEach((each) => each.close());
    const ended = [await stopProgram(this.program)];
    if (this.authority) ended.push(await stopProgram(this.authority));
    removeFolder(this.folder);
    if (ended.some(({ code }) => code !== 0)) {
      throw new Error(`ended with ${JSON.stringify(ended)}\n${this.program.log}\n${this.authority?.log ?? ''}`);
    }
  }

  /** Moves every clock on. */
  pass(seconds) {
    this.clock += seconds;
    setClock(this.folder, this.clock);
  }

  /** A new browser with an authenticator of its own; done() closes it. */
  browser() {
    const browser = new Browser(this, new SoftAuthenticator());
    this.#authenticators.push(browser.authenticator);
    return browser;
  }

  /** The operators' socket. */
  admin(method, pathname, value) {
    return exchange({ socketPath: path.join(this.folder, 'run', 'rp-admin.sock') }, {
      method,
      path: pathname,
      headers: value === undefined ? {} : { 'content-type': 'application/json' },
      body: value === undefined ? undefined : JSON.stringify(value),
    });
  }
}

/** One browser: a cookie jar, an authenticator, and the Origin header that browsers send. */
export class Browser {
  cookies = new Map();

  constructor(rp, authenticator) {
    this.rp = rp;
    this.authenticator = authenticator;
  }

  /** The same authenticator in another browser. */
  sibling() {
    return new Browser(this.rp, this.authenticator);
  }

  get session() {
    return this.cookies.get('sekisho') ?? this.cookies.get('__Host-sekisho');
  }

  async send(method, pathname, value, { headers = {}, cookies = this.cookies, keep = true } = {}) {
    const all = { host: new URL(this.rp.origin).host, ...headers };
    if (method !== 'GET' && all.origin === undefined) all.origin = this.rp.origin;
    if (all.origin === null) delete all.origin;
    if (value !== undefined && all['content-type'] === undefined) all['content-type'] = 'application/json';
    if (cookies.size > 0) all.cookie = [...cookies].map(([name, text]) => `${name}=${text}`).join('; ');
    const asItStands = value === undefined || typeof value === 'string' || Buffer.isBuffer(value);
    const body = asItStands ? value : JSON.stringify(value);
    const answer = await exchange({ port: this.rp.port }, { method, path: pathname, headers: all, body });
    if (keep) this.#keep(answer.headers['set-cookie'] ?? []);
    return answer;
  }

  #keep(lines) {
    for (const line of lines) {
      const [, name, text] = /^([^=]+)=([^;]*)/.exec(line);
      if (/; Max-Age=0(;|$)/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, text);
    }
  }

  get(pathname, options) {
    return this.send('GET', pathname, undefined, options);
  }

  post(pathname, value, options) {
    return this.send('POST', pathname, value, options);
  }

  async #options(pathname, request) {
    const answer = await this.post(pathname, request);
    if (answer.status !== 200) throw Object.assign(new Error(`${pathname}: ${answer.status} ${answer.body}`), { answer });
    return answer.json;
  }

  registrationOptions(username, more = {}) {
    return this.#options('/attestation/options', { ...(username ? { username, displayName: username } : {}), ...more });
  }

  loginOptions(more = {}) {
    return this.#options('/assertion/options', more);
  }

  /** A whole registration; returns the answer to the result. */
  async tryRegister(username, { ask = {}, result = {}, ...knobs } = {}) {
    const options = await this.registrationOptions(username, ask);
    const response = await this.authenticator.create(options, this.rp.origin, knobs);
    return this.post('/attestation/result', { ...response, ...result });
  }

  async register(username, more) {
    const answer = await this.tryRegister(username, more);
    if (answer.status !== 200) throw new Error(`registration: ${answer.status} ${answer.body}`);
    return answer.json;
  }

  /** A whole login; ask: for the options, the rest: knobs of the authenticator. */
  async tryLogin(ask = {}, knobs = {}) {
    const options = await this.loginOptions(ask);
    const response = await this.authenticator.get(options, this.rp.origin, knobs);
    return this.post('/assertion/result', response);
  }

  async login(ask, knobs) {
    const answer = await this.tryLogin(ask, knobs);
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.body}`);
    return answer.json;
  }
}
