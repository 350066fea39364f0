// How many descriptors a process holds, without those that its pools open on demand and keep.
import fs from 'node:fs';
import { wait } from './site.js';

function targetOf(pid, fd) {
  try {
    return fs.readlinkSync(`/proc/${pid}/fd/${fd}`, { encoding: 'utf8' });
  } catch {
    return undefined; // closed since it was listed
  }
}

/** Neither connections over Unix sockets nor database files: how many of those are open is a matter of how many threads ran at once. */
export function descriptorsOutsidePools(pid) {
  const unix = new Set(fs.readFileSync(`/proc/${pid}/net/unix`, 'utf8').split('\n').map((line) => `socket:[${line.split(/ +/)[6]}]`));
  const targets = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(pid, fd));
  return targets.filter((target) => target !== undefined && !unix.has(target) && !/\.db(-wal|-shm)?$/.test(target)).length;
}

/** The same, once it has come down to limit or ten seconds have passed: a connection that the client closed goes when its thread gets to it. */
export async function settledDescriptors(pid, limit) {
  for (let i = 0; i < 100 && descriptorsOutsidePools(pid) > limit; i += 1) await wait(100);
  return descriptorsOutsidePools(pid);
}
