// A real nginx with the configuration of docs/integrations/nginx.md, the product behind it, and raw requests.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, makeFolder, removeFolder } from './processes.js';

const page = fileURLToPath(new URL('../../../docs/integrations/nginx.md', import.meta.url));
const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((file) => fs.existsSync(file));
export const noNginx = NGINX ? false : 'nginx is not installed';

/** Bytes out, answer in: nothing is normalised on the way. headers: name in lower case to a list of values. */
export function sendRaw(port, bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    const chunks = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
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

  async start(port) {
    this.server = http.createServer({ maxHeaderSize: 65536 }, (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const raw = request.rawHeaders;
        const fields = raw.filter((_, i) => i % 2 === 0).map((name, i) => [name, raw[2 * i + 1]]);
        this.seen.push({ method: request.method, target: request.url, fields, length: Buffer.concat(chunks).length });
        response.end('served');
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

export class Gateway {
  /** The ports that the configuration needs beforehand. */
  static async prepare() {
    const gateway = new Gateway();
    [gateway.port, gateway.productPort] = await freePorts(2);
    gateway.product = new Product();
    return gateway;
  }

  async start(checkPort) {
    const [, block] = /```nginx\n([\s\S]*?)```/.exec(fs.readFileSync(page, 'utf8'));
    const server = [['127.0.0.1:8082', checkPort], ['127.0.0.1:9001', this.port], ['127.0.0.1:7001', this.productPort]]
      .reduce((text, [from, port]) => {
        if (text.split(from).length !== 2) throw new Error(`${from} is not in the page exactly once`);
        return text.replace(from, `127.0.0.1:${port}`);
      }, block);
    this.folder = makeFolder();
    fs.writeFileSync(path.join(this.folder, 'nginx.conf'), MAIN(server));
    await this.product.start(this.productPort);
    this.nginx = spawn(NGINX, ['-e', 'stderr', '-p', this.folder, '-c', 'nginx.conf'], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.log = '';
    this.nginx.stderr.on('data', (chunk) => { this.log += chunk; });
    this.ended = new Promise((resolve) => { this.nginx.on('close', resolve); });
    for (let i = 0; i < 200; i++) {
      if (this.nginx.exitCode !== null) throw new Error(`nginx did not start: ${this.log}`);
      if (await reachable(this.port)) return this;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    throw new Error(`nginx does not listen: ${this.log}`);
  }

  send(method, target, lines, body) {
    return sendRaw(this.port, rawRequest(method, target, lines, body));
  }

  call(token, method, target, lines = [], { body = '', scheme = 'Bearer' } = {}) {
    return this.send(method, target, [`Authorization: ${scheme} ${token}`, ...lines], body);
  }

  async done() {
    this.nginx?.kill('SIGTERM');
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
