// The service graph as an operator sees it, by the real program; a made-up company of forty services.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build, makeFolder, removeFolder } from '../support/processes.js';

const K8S = 'https://kubernetes.default.svc';
let folder;
before(() => { folder = makeFolder(); });
after(() => removeFolder(folder));

function sekisho(...args) {
  const { status, stdout, stderr } = spawnSync(path.join(build, 'sekisho'), args,
    { encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, stdout, stderr };
}

const service = (id, offers, own) => ({ id, identity: { issuer: K8S, claims: { sub: `ns:${id}` } }, offers, ...(own && { own }) });

// JSON is YAML.
function write({ scopes, routes, services, more = [] }) {
  const file = path.join(folder, 'sekisho.yaml');
  const domain = {
    id: 'pay', issuer: 'http://localhost:8081/pay', entry: { acr: 'phr' }, external_url: 'http://localhost:8090', scopes, routes, services,
    workload_issuers: [{ issuer: K8S, audience: 'pay', jwks_file: 'a.jwks' }],
  };
  fs.writeFileSync(file, JSON.stringify({
    rp: { id: 'localhost', origins: ['http://localhost:8080'], listen: '127.0.0.1:8080' },
    authority: { listen: '127.0.0.1:8081', internal: '127.0.0.1:8082' },
    domains: [domain, ...more],
  }));
  return file;
}

const shop = {
  scopes: { read: {}, transfer: {}, admin: {}, idle: {} },
  routes: [
    { match: 'GET /me', service: 'profile', grants: ['profile.read'] },
    { match: 'GET /accounts', scopes: ['read'], service: 'accounts', grants: ['accounts.read'] },
    { match: 'POST /transfers', scopes: ['transfer'], service: 'payments', grants: ['charge'] },
    { match: 'POST /limits', scopes: ['transfer', 'admin'], service: 'accounts', grants: ['accounts.limit'] },
  ],
  services: [
    service('accounts', { 'accounts.read': { ledger: ['ledger.read'] }, 'accounts.limit': { ledger: ['ledger.write'], audit: ['note'] } }),
    service('payments', { charge: { ledger: ['ledger.write'], fraud: ['score'] } }),
    service('fraud', { score: { payments: ['charge'] } }),
    service('ledger', { 'ledger.read': {}, 'ledger.write': { audit: ['note'] }, 'ledger.close': {} }),
    service('audit', { note: {} }),
    service('profile', { 'profile.read': {} }),
    service('nightly', {}, { ledger: ['ledger.close'] }),
  ],
};

function company() {
  const names = ['web', 'orders', 'cart', 'catalog', 'search', 'prices', 'stock', 'shipping', 'returns', 'billing', 'invoices', 'tax', 'ledger',
    'payouts', 'refunds', 'fraud', 'limits', 'accounts', 'profile', 'address', 'consent', 'mail', 'sms', 'push', 'templates', 'files', 'images',
    'reviews', 'coupons', 'loyalty', 'support', 'tickets', 'reports', 'exports', 'audit', 'archive', 'rates', 'partners', 'geo', 'clock'];
  const services = names.map((id, i) => {
    const asks = (...far) => Object.fromEntries(far.map((step) => names[i + step]).filter((name) => name).map((name) => [name, [`${name}.read`]]));
    const writes = names[i + 5] ? { [names[i + 5]]: [`${names[i + 5]}.write`] } : {};
    return service(id, { [`${id}.read`]: i % 3 === 0 ? asks(7) : {}, [`${id}.write`]: { ...asks(11), ...(i % 2 ? writes : {}) } },
      id === 'reports' ? { ledger: ['ledger.read'] } : undefined);
  });
  const scopes = {}, routes = [];
  for (const id of names.slice(0, 12)) {
    scopes[id] = {};
    routes.push({ match: `GET /${id}`, scopes: [id], service: id, grants: [`${id}.read`, `${id}.write`] });
  }
  for (const [i, id] of names.slice(12).entries())
    routes.push({ match: `GET /${id}`, scopes: [names[i % 12]], service: id, grants: [`${id}.read`] });
  return { scopes, routes, services };
}

const show = (file) => JSON.parse(sekisho('graph', 'show', '-c', file, '--json').stdout).domains[0];
const entry = (graph, label) => graph.entries.find((one) => one.entry === label);

test('every external scope: the exact set of internal actions, alone, together and in a service\'s own name', () => {
  const graph = show(write(shop));
  const reaches = Object.fromEntries(graph.entries.map((one) => [one.entry, one.reaches]));
  assert.deepEqual(reaches, {
    '(signed in)': ['profile/profile.read'],
    admin: ['profile/profile.read'],
    idle: ['profile/profile.read'],
    read: ['accounts/accounts.read', 'ledger/ledger.read', 'profile/profile.read'],
    transfer: ['audit/note', 'fraud/score', 'ledger/ledger.write', 'payments/charge', 'profile/profile.read'],
    'admin + transfer': ['accounts/accounts.limit', 'audit/note', 'fraud/score', 'ledger/ledger.write', 'payments/charge', 'profile/profile.read'],
    '(own) nightly': ['ledger/ledger.close'],
  });
  assert.deepEqual(entry(graph, 'admin + transfer').beyond, ['accounts/accounts.limit']);
  assert.deepEqual(entry(graph, 'read').beyond, ['accounts/accounts.read', 'ledger/ledger.read']);
});

test('check: notes leave exit code 0, a service that nobody can call is an error', () => {
  const { status, stdout } = sekisho('graph', 'check', '-c', write(shop));
  assert.equal(stdout, 'pay: note: scope idle: no route asks for it\n'
    + 'pay: note: cycle: fraud/score → payments/charge → fraud/score\n');
  assert.equal(status, 0);
  const lonely = sekisho('graph', 'check', '-c', write({ ...shop, services: [...shop.services, service('lonely', { x: {} })] }));
  assert.match(lonely.stdout, /^pay: error: service lonely: /);
  assert.equal(lonely.status, 1);
});

test('check: a scope that is unknown is refused by name and line, before there is a graph', () => {
  const unknown = structuredClone(shop);
  unknown.routes[1].grants = ['accounts.raed'];
  unknown.services[1].offers.charge.ledger = ['ledger.wirte'];
  const { status, stderr } = sekisho('graph', 'check', '-c', write(unknown));
  assert.equal(status, 1);
  assert.match(stderr, /sekisho\.yaml:1: .*"accounts\.raed" is not offered by accounts/);
  assert.match(stderr, /sekisho\.yaml:1: .*"ledger\.wirte" is not offered by ledger/);
});

test('show: text, and usage errors', () => {
  const file = write(shop);
  const { status, stdout } = sekisho('graph', 'show', '-c', file, '--domain', 'pay');
  assert.equal(status, 0);
  assert.match(stdout, /^pay: 7 services, 9 offers, 7 asks\n/);
  assert.match(stdout, /\n {2}admin \+ transfer reach 1 action beyond what fewer of them reach\n {4}accounts: accounts\.limit\n/);
  assert.match(stdout, /\n {2}payments\n {4}charge → ledger\/ledger\.write, fraud\/score\n/);
  for (const args of [['show', '--svg', '--json'], ['check', '--svg'], ['draw'], ['show', 'more'], ['show', '--domain', 'none']])
    assert.equal(sekisho('graph', ...args, '-c', file).status, 2, args.join(' '));
});

// A well-formedness check of its own: every element closed in order, no bare markup in text.
function elements(xml) {
  const open = [], seen = [];
  let at = 0;
  for (const tag of xml.matchAll(/<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<&]*")*)\s*(\/?)>/g)) {
    assert.match(xml.slice(at, tag.index), /^(?:[^<>&]|&(?:amp|lt|gt|quot);)*$/);
    at = tag.index + tag[0].length;
    if (tag[1]) assert.equal(open.pop(), tag[2]);
    else seen.push(tag[2]);
    if (!tag[1] && !tag[4]) open.push(tag[2]);
  }
  assert.deepEqual([open, xml.slice(at)], [[], '\n']);
  return seen;
}

test('a company of forty services: SVG is well-formed, without script, the same every time, and complete', () => {
  const file = write(company());
  const first = sekisho('graph', 'show', '-c', file, '--svg');
  assert.equal(first.status, 0, first.stderr);
  const tags = elements(first.stdout);
  assert.ok(!tags.includes('script'));
  assert.equal(tags.filter((tag) => tag === 'rect').length, 40 + 12);
  assert.equal(sekisho('graph', 'show', '-c', file, '--svg').stdout, first.stdout);
  const turned = company();
  turned.services.reverse();
  turned.routes.reverse();
  assert.equal(sekisho('graph', 'show', '-c', write(turned), '--svg').stdout, first.stdout);
  assert.ok(first.stdout.includes('prefers-color-scheme:dark'));
});

test('names with markup stay text', () => {
  const scopes = { 'a&b': {}, 'x>y': {} };
  const odd = { ...shop, scopes: { ...shop.scopes, ...scopes } };
  const { status, stdout, stderr } = sekisho('graph', 'show', '-c', write(odd), '--svg');
  assert.equal(status, 0, stderr);
  elements(stdout);
  assert.ok(stdout.includes('a&amp;b') && stdout.includes('x&gt;y'));
});

test('the company of forty: the reach agrees with a walk over the configuration', () => {
  const made = company();
  const graph = show(write(made));
  const offers = new Map(made.services.map((one) => [one.id, one.offers]));
  for (const scope of Object.keys(made.scopes)) {
    const held = new Set();
    const hold = (id, offer) => {
      if (held.has(`${id}/${offer}`)) return;
      held.add(`${id}/${offer}`);
      for (const [to, names] of Object.entries(offers.get(id)[offer])) names.forEach((name) => hold(to, name));
    };
    for (const route of made.routes)
      if (route.scopes.every((one) => one === scope)) route.grants.forEach((grant) => hold(route.service, grant));
    assert.deepEqual([...entry(graph, scope).reaches].sort(), [...held].sort(), scope);
  }
});
