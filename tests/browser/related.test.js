/* Related origins (WebAuthn L3 §5.11): passkeys of one site, used at another that /.well-known/webauthn lists. Chromium looks the
 * list up itself, over TLS at the RP ID's own host: one proxy with a certificate of our own stands for all hosts. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

const HOME = 'https://sekisho.test';
const SHOP = 'https://shop.example';
const STRANGER = 'https://stranger.example';

let folder;
let server;
let proxy;
let browser;

async function makeCertificate() {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name));
  await promisify(execFile)('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key, '-out', cert,
    '-subj', '/CN=sekisho.test', '-addext', 'subjectAltName=DNS:sekisho.test,DNS:shop.example,DNS:stranger.example',
  ]);
  return { key: await readFile(key), cert: await readFile(cert) };
}

/* TLS in front of the server. What a browser asks of hosts that are not the server's, a page of that host's own answers. */
function startProxy(port, certificate) {
  const pass = (request, response) => {
    if (request.headers.host === 'stranger.example') {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>stranger</title>');
      return;
    }
    const { method, url: path, headers } = request;
    const onward = http.request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  return new Promise((done) => {
    const listening = https.createServer(certificate, pass).listen(0, '127.0.0.1', () => done(listening));
  });
}

before(async () => {
  if (process.env.SEKISHO_URL) return;
  folder = await mkdtemp(join(tmpdir(), 'sekisho-related-'));
  server = await startServer({
    edit: (yaml) => yaml.replace(/^ {2}id: .*$/m, '  id: sekisho.test').replace(/^ {2}origins: .*$/m, `  origins: ["${HOME}", "${SHOP}"]`),
  });
  proxy = await startProxy(Number(new URL(server.url).port), await makeCertificate());
  browser = await startBrowser([
    `--host-resolver-rules=MAP * 127.0.0.1:${proxy.address().port}`,
    '--ignore-certificate-errors',
  ]);
});
after(async () => {
  await browser?.close();
  proxy?.closeAllConnections();
  proxy?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const skip = process.env.SEKISHO_URL && 'needs a server of its own';

test('a passkey of one site signs in at the other that is listed', { skip }, async () => {
  const person = await newPerson(browser, HOME, { origins: [SHOP] });
  const name = newName();
  await person.register(name);
  await person.authenticator.touch(true);
  await person.page.goto(`${SHOP}/login`);
  await person.atAccount(name);
  assert.equal(new URL(person.page.url()).origin, SHOP);
  assert.equal((await person.fetch('GET', '/session')).body.username, name);
  await person.leave();
});

test('a passkey can be made there too, for the same RP ID', { skip }, async () => {
  const person = await newPerson(browser, SHOP, { origins: [HOME] });
  const name = newName();
  await person.register(name);
  const [credential] = await person.authenticator.credentials();
  assert.equal(credential.rpId, 'sekisho.test');
  await person.page.goto(`${HOME}/login`);
  await person.atAccount(name);
  await person.leave();
});

test('a site that is not listed gets nothing, from the browser already', { skip }, async () => {
  const person = await newPerson(browser, HOME, { origins: [STRANGER] });
  await person.register(newName());
  await person.page.goto(STRANGER);
  const failure = await person.page.evaluate(() =>
    navigator.credentials
      .get({ publicKey: { challenge: new Uint8Array(32), rpId: 'sekisho.test', timeout: 3000 } })
      .then(() => 'an assertion', (error) => error.name),
  );
  assert.equal(failure, 'SecurityError');
  await person.leave();
});
