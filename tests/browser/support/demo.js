/* `sekisho demo` on ports of its own, with a clock that tests can move. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProgram, stopProgram } from './server.js';

/** Starts the demo. Returns {login, pay, coin (addresses), passTime(seconds), stop()}. */
export async function startDemo() {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-demo-test-'));
  const clock = join(folder, 'clock-offset');
  const port = await freePort(5);
  let offset = 0;
  await writeFile(clock, '0');
  const env = { ...process.env, SEKISHO_CLOCK_OFFSET_FILE: clock, TMPDIR: folder };
  const program = await startProgram(['demo', '--port', String(port)], env, 'sekisho demo: open');
  return {
    login: `http://localhost:${port}`,
    pay: `http://localhost:${port + 3}`,
    coin: `http://localhost:${port + 4}`,
    passTime: (seconds) => writeFile(clock, String((offset += seconds))),
    async stop() {
      const code = await stopProgram(program);
      await rm(folder, { recursive: true, force: true });
      return code;
    },
  };
}
