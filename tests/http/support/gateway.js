// A real nginx or Caddy with the configuration of a page of docs/integrations, the product behind it, and raw requests.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, makeFolder, removeFolder } from './processes.js';

const pageOf = (name) => fileURLToPath(new URL(`../../../docs/integrations/${name}`, import.meta.url));
const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((file) => fs.existsSync(file));
const CADDY = ['/usr/bin/caddy', '/usr/local/bin/caddy'].find((file) => fs.existsSync(file));
export const noNginx = NGINX ? false : 'nginx is not installed';
export const noCaddy = CADDY ? false : 'caddy is not installed';
/** Both programs, and why a test skips one. */
export const PROGRAMS = [['nginx', noNginx], ['caddy', noCaddy]];

/** Bytes out, answer in: nothing is normalised on the way. Who says nothing for as long as patience has said all. headers: name in lower case to a list of values. */
export function sendRaw(port, bytes, patience = 20_000) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.setTimeout(patience, () => { socket.destroy(); });
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1').replace(/^HTTP\/1\.1 100 .*\r\n\r\n/, '');
      const end = text.indexOf('\r\n\r\n');
      const [first, ...lines] = text.slice(0, end < 0 ? text.length : end).split('\r\n');
      const headers = {};
      for (const line of lines) {
        const at = line.indexOf(':');
        (headers[line.slice(0, at).toLowerCase()] ??= []).push(line.slice(at + 1).trim());
      }
      resolve({ status: Number(first.split(' ')[1] ?? 0), headers, body: end < 0 ? '' : text.slice(end + 4) });
    });
  });
}

/** lines: header lines as they stand. */
export function rawRequest(method, target, lines = [], body = '') {
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`, 'latin1'),
    Buffer.from(body, 'latin1'),
  ]);
}

/** What stands behind the gateway: remembers every request as it came in. */
class Product {
  seen = [];

  answer = (request, response) => { response.end('served'); };

  async start(port) {
    this.server = http.createServer({ maxHeaderSize: 65536 }, (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const raw = request.rawHeaders;
        const fields = raw.filter((_, i) => i % 2 === 0).map((name, i) => [name, raw[2 * i + 1]]);
        this.seen.push({ method: request.method, target: request.url, fields, length: Buffer.concat(chunks).length });
        this.answer(request, response);
      });
    });
    await new Promise((resolve) => { this.server.listen(port, '127.0.0.1', resolve); });
  }

  /** The only request since the last call. */
  take() {
    const [one, ...more] = this.seen.splice(0);
    if (!one || more.length > 0) throw new Error(`the product saw ${one ? 1 + more.length : 0} requests`);
    one.all = (name) => one.fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
    return one;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}

const MAIN = (server) => `
daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes 1;
${process.getuid() === 0 ? 'user root;' : ''}
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
${server}
}
`;

const CADDY_MAIN = `{
	admin off
	auto_https off
}
`;

/** How each program is configured and started; the addresses that a page names, and which of them once only. */
const KINDS = {
  nginx: { fence: 'nginx', own: '127.0.0.1:9001', at: (port) => `127.0.0.1:${port}`, file: 'nginx.conf', main: MAIN,
    run: (folder) => [NGINX, ['-e', 'stderr', '-p', folder, '-c', 'nginx.conf'], {}] },
  caddy: { fence: 'caddyfile', own: ':9001', at: (port) => `http://localhost:${port}`, file: 'Caddyfile', main: (server) => CADDY_MAIN + server,
    run: (folder) => [CADDY, ['run', '--config', path.join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }] },
};

export class Gateway {
  /** The ports that the configuration needs beforehand. */
  static async prepare({ kind = 'nginx', page = `${kind}.md`, change = (text) => text, hasProduct = true } = {}) {
    const gateway = new Gateway();
    gateway.kind = KINDS[kind];
    gateway.page = pageOf(page);
    gateway.change = change;
    gateway.hasProduct = hasProduct;
    [gateway.port, gateway.productPort] = await freePorts(2);
    gateway.product = new Product();
    return gateway;
  }

  async start(checkPort) {
    const { kind } = this;
    const [, block] = new RegExp(`\`\`\`${kind.fence}\\n([\\s\\S]*?)\`\`\``).exec(fs.readFileSync(this.page, 'utf8'));
    const server = [[kind.own, kind.at(this.port)], ...(this.hasProduct ? [['127.0.0.1:7001', `127.0.0.1:${this.productPort}`]] : [])]
      .reduce((text, [from, to]) => {
        if (text.split(from).length !== 2) throw new Error(`${from} is not in the page exactly once`);
        return text.replace(from, to);
      }, this.change(block));
    if (!server.includes('127.0.0.1:8082')) throw new Error('the check is not in the page');
    this.folder = makeFolder();
    fs.writeFileSync(path.join(this.folder, kind.file), kind.main(server.replaceAll('127.0.0.1:8082', `127.0.0.1:${checkPort}`)));
    await this.product.start(this.productPort);
    const [program, words, env] = kind.run(this.folder);
    this.program = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    this.log = '';
    this.program.stderr.on('data', (chunk) => { this.log += chunk; });
    this.ended = new Promise((resolve) => { this.program.on('close', resolve); });
    for (let i = 0; i < 500; i++) {
      if (this.program.exitCode !== null) throw new Error(`${program} did not start: ${this.log}`);
      if (await reachable(this.port)) return this;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    throw new Error(`${program} does not listen: ${this.log}`);
  }

  send(method, target, lines, body) {
    return sendRaw(this.port, rawRequest(method, target, lines, body), this.patience);
  }

  call(token, method, target, lines = [], { body = '', scheme = 'Bearer' } = {}) {
    return this.send(method, target, [`Authorization: ${scheme} ${token}`, ...lines], body);
  }

  async done() {
    this.program?.kill('SIGTERM');
    await this.ended;
    if (this.product.server) await this.product.stop();
    if (this.folder) removeFolder(this.folder);
  }
}

function reachable(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}
