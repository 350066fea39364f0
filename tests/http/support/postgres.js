// A PostgreSQL server of a test's own, on a Unix socket in a temporary folder, and databases on it. The server refuses to run as
// root, so root starts it as the user of Debian's package.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePorts } from './processes.js';

const bindir = () => {
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : '/usr/lib/postgresql/15/bin';
};
const program = (name) => path.join(bindir(), name);
const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
const user = process.getuid() === 0 ? { uid: id('-u'), gid: id('-g') } : {};

/** With password: connections over TCP must give one. fsync is off: what is tested is the order of things, not the disk. */
export class Postgres {
  static async start({ password } = {}) {
    const server = new Postgres();
    server.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sekisho-pg-'));
    fs.chmodSync(server.folder, 0o755);
    server.data = path.join(server.folder, 'data');
    fs.mkdirSync(server.data, { mode: 0o700 });
    if (user.uid !== undefined) for (const folder of [server.data, server.folder]) fs.chownSync(folder, user.uid, user.gid);
    [server.port] = await freePorts(1);
    execFileSync(program('initdb'), ['-D', server.data, '-U', 'owner', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'],
      { stdio: 'pipe', cwd: server.folder, ...user });
    if (password !== undefined) {
      const rules = path.join(server.data, 'pg_hba.conf');
      fs.writeFileSync(rules, 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n');
    }
    await server.run();
    if (password !== undefined) server.query(`CREATE ROLE guest LOGIN PASSWORD '${password}'`, 'postgres');
    return server;
  }

  /** Starts it, again if need be, and waits until it answers. */
  async run() {
    const args = ['-D', this.data, '-k', this.folder, '-c', `port=${this.port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off',
      '-c', 'max_connections=400', '-c', 'shared_buffers=32MB'];
    this.child = spawn(program('postgres'), args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'], ...user });
    this.log = '';
    this.child.stderr.on('data', (chunk) => { this.log += chunk; });
    this.ended = new Promise((resolve) => { this.child.on('exit', resolve); });
    for (const end = Date.now() + 20000; Date.now() < end;) {
      if (spawnSync(program('pg_isready'), ['-h', this.folder, '-p', `${this.port}`]).status === 0) return;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    throw new Error(`PostgreSQL did not start: ${this.log}`);
  }

  /** "fast" ends its sessions and stops; "immediate" is a crash. */
  async stop(mode = 'fast') {
    spawnSync(program('pg_ctl'), ['-D', this.data, '-m', mode, '-w', 'stop'], { cwd: this.folder, ...user });
    await this.ended;
  }

  /** Every process of it stops answering, or goes on: as when its host is cut off. */
  freeze(signal) {
    const main = Number(fs.readFileSync(path.join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', `${main}`], { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
    for (const pid of [...children, main]) {
      try {
        process.kill(pid, signal);
      } catch {
        // it has ended meanwhile
      }
    }
  }

  async done() {
    await this.stop('immediate');
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  query(sql, database) {
    return execFileSync(program('psql'), ['-h', this.folder, '-p', `${this.port}`, '-U', 'owner', '-d', database, '-X', '-A', '-t', '-q',
      '-v', 'ON_ERROR_STOP=1', '-c', sql], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** A new database's address for sekisho.yaml. */
  makeDatabase(name = `sekisho_${crypto.randomBytes(6).toString('hex')}`) {
    this.query(`CREATE DATABASE ${name} TEMPLATE template0`, 'postgres');
    return this.address(name);
  }

  address(name) {
    return `postgresql://owner@/${name}?host=${this.folder}&port=${this.port}`;
  }
}
