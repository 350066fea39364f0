// Nodes that share a database: each with a folder of its own, the same keys and configuration but for what it listens on.
import fs from 'node:fs';
import path from 'node:path';
import { Authority } from './authority.js';
import { freePorts, makeFolder, setClock } from './processes.js';
import { Site } from './site.js';

const onDatabase = (text, address) => text.replace(/^( +database:).*$/gm, `$1 "${address}"`);

function copyKeys(from, to) {
  const keys = path.join(to, 'keys');
  fs.rmSync(keys, { recursive: true, force: true });
  fs.mkdirSync(keys, { mode: 0o700 });
  for (const name of fs.readdirSync(path.join(from, 'keys'))) fs.copyFileSync(path.join(from, 'keys', name), path.join(keys, name));
}

/** Two `sekisho serve`; what the second says of itself is the first's address. */
export async function twoSites(address, change = (text) => text) {
  const [one, two] = [await Site.make(), await Site.make()];
  for (const name of fs.readdirSync(one.dir).filter((each) => /\.db/.test(each))) fs.rmSync(path.join(one.dir, name));
  const text = change(onDatabase(fs.readFileSync(one.file, 'utf8'), address));
  fs.writeFileSync(one.file, text);
  copyKeys(one.dir, two.dir);
  fs.writeFileSync(two.file, text.replace(/^( +(?:listen|internal): 127\.0\.0\.1:)(\d+)/gm, (all, before, port) => `${before}${two.port + Number(port) - one.port}`));
  two.origin = one.origin;
  return [one, two];
}

/** Two authorities of the same issuers. */
export async function twoAuthorities(address, change = (text) => text) {
  const one = await Authority.start({ config: (text) => change(onDatabase(text, address)) });
  const two = new Authority();
  [two.rpPort, two.port, two.internalPort] = await freePorts(3);
  two.folder = makeFolder();
  two.file = path.join(two.folder, 'sekisho.yaml');
  two.clock = 0;
  setClock(two.folder, 0);
  fs.writeFileSync(two.file, fs.readFileSync(one.file, 'utf8')
    .replace(`listen: 127.0.0.1:${one.port}`, `listen: 127.0.0.1:${two.port}`)
    .replace(`internal: 127.0.0.1:${one.internalPort}`, `internal: 127.0.0.1:${two.internalPort}`));
  copyKeys(one.folder, two.folder);
  await two.run();
  const token = two.token.bind(two);
  two.token = (fields, options = {}) => token(fields, { ...options, headers: { host: `localhost:${one.port}`, ...options.headers } });
  return [one, two];
}
