// Certificates as operators make them, and a real nginx that asks clients for one: docs/integrations/mutual-tls.md.
import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { form } from './http.js';
import { freePorts, makeFolder, removeFolder } from './processes.js';

const page = fs.readFileSync(fileURLToPath(new URL('../../../docs/integrations/mutual-tls.md', import.meta.url)), 'utf8');
const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((file) => fs.existsSync(file));
export const pieces = (language) => [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text);

/** An authority and what it issues, made with openssl. */
export class Issuer {
  constructor(name = 'Clients CA') {
    this.folder = makeFolder();
    this.root = this.#self('root', `/O=Example/CN=${name}`, ['-addext', 'basicConstraints=critical,CA:TRUE']);
    this.file = path.join(this.folder, 'root.pem');
  }

  #run(...words) {
    return execFileSync('openssl', words, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  #read(name) {
    const cert = fs.readFileSync(path.join(this.folder, `${name}.pem`));
    const der = new crypto.X509Certificate(cert).raw;
    return { cert, key: fs.readFileSync(path.join(this.folder, `${name}.key`)), der, thumbprint: crypto.createHash('sha256').update(der).digest('base64url') };
  }

  #self(name, subject, more = []) {
    this.#run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30', '-utf8', '-subj', subject, ...more);
    return this.#read(name);
  }

  /** Signed by nobody else. */
  own(name, more = []) {
    return this.#self(name, `/CN=${name}`, more);
  }

  /** extensions: lines of openssl's configuration; days: of life, below zero for one that is over. */
  issue(name, { subject = `/O=Example/CN=${name}`, extensions = [], days = 30, by = 'root' } = {}) {
    this.#run('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-utf8', '-subj', subject, '-multivalue-rdn');
    fs.writeFileSync(path.join(this.folder, `${name}.cnf`), `${['subjectKeyIdentifier=hash', ...extensions].join('\n')}\n`);
    this.#run('x509', '-req', '-in', `${name}.csr`, '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-days', `${days}`, '-extfile', `${name}.cnf`, '-out', `${name}.pem`);
    return this.#read(name);
  }

  done() {
    removeFolder(this.folder);
  }
}

/** nginx with the page's servers: in front of the issuer at port, in front of the product at productPort. */
export class TlsProxy {
  static async prepare() {
    const proxy = new TlsProxy();
    [proxy.port, proxy.productPort, proxy.backPort] = await freePorts(3);
    proxy.seen = [];
    return proxy;
  }

  async start({ authorityPort, internalPort, server }) {
    const conf = [['127.0.0.1:8082', `127.0.0.1:${internalPort}`], ['127.0.0.1:8443', `127.0.0.1:${this.port}`], ['127.0.0.1:8081', `127.0.0.1:${authorityPort}`],
      ['127.0.0.1:9443', `127.0.0.1:${this.productPort}`], ['127.0.0.1:7001', `127.0.0.1:${this.backPort}`]]
      .reduce((text, [from, to]) => {
        if (text.split(from).length !== 2) throw new Error(`${from} is not in the page exactly once`);
        return text.replace(from, to);
      }, pieces('nginx')[0]);
    this.folder = makeFolder();
    this.ca = server.cert;
    fs.writeFileSync(path.join(this.folder, 'server.pem'), server.cert);
    fs.writeFileSync(path.join(this.folder, 'server.key'), server.key);
    fs.writeFileSync(path.join(this.folder, 'nginx.conf'), `daemon off;\npid nginx.pid;\nerror_log stderr warn;\nworker_processes 1;\n${process.getuid() === 0 ? 'user root;' : ''}
events {}\nhttp {\naccess_log off;\nclient_body_temp_path body;\nproxy_temp_path proxy;\nfastcgi_temp_path fastcgi;\nuwsgi_temp_path uwsgi;\nscgi_temp_path scgi;\n${conf}\n}\n`);
    this.product = http.createServer((request, response) => {
      this.seen.push(request.headers);
      response.end('served');
    });
    await new Promise((resolve) => { this.product.listen(this.backPort, '127.0.0.1', resolve); });
    this.child = spawn(NGINX, ['-e', 'stderr', '-p', this.folder, '-c', 'nginx.conf'], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (chunk) => { this.log += chunk; });
    this.ended = new Promise((resolve) => { this.child.on('close', resolve); });
    for (let i = 0; i < 200; i++) {
      if (this.child.exitCode !== null) throw new Error(`nginx did not start: ${this.log}`);
      if (await this.send(null, { path: '/' }).then(() => true, () => false)) return this;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    throw new Error(`nginx does not listen: ${this.log}`);
  }

  /** identity: {cert, key}, or null for a connection without a certificate. */
  send(identity, { method = 'GET', path: at, headers = {}, body, port = this.port } = {}) {
    return new Promise((resolve, reject) => {
      const request = https.request({ host: '127.0.0.1', servername: 'localhost', port, method, path: at, agent: false, ca: this.ca,
        cert: identity?.cert, key: identity?.key, headers: { host: `localhost:${port}`, ...headers } }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          let json = null;
          try { json = JSON.parse(text); } catch { /* not every answer is JSON */ }
          resolve({ status: response.statusCode, headers: response.headers, body: text, json });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  post(identity, at, fields, headers = {}) {
    return this.send(identity, { method: 'POST', path: at, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: form(fields) });
  }

  /** fetch over a connection with this certificate, for libraries. */
  fetch(identity) {
    return async (address, { method = 'GET', headers = {}, body } = {}) => {
      const at = new URL(address);
      const fields = Object.fromEntries(new Headers(headers));
      if (at.protocol === 'http:') return fetch(address, { method, headers, body });
      const answer = await this.send(identity, { method, path: at.pathname + at.search, port: at.port, headers: { ...fields, host: at.host }, body: body?.toString() });
      return new Response(answer.body, { status: answer.status, headers: Object.entries(answer.headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one])) });
    };
  }

  async done() {
    this.child?.kill('SIGTERM');
    await this.ended;
    this.product?.closeAllConnections();
    if (this.product) await new Promise((resolve) => { this.product.close(resolve); });
    if (this.folder) removeFolder(this.folder);
  }
}
