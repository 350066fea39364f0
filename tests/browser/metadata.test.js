/* What the account page shows of a model that the metadata knows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { newName, newPerson, startBrowser } from './support/person.js';
import { startServer } from './support/server.js';

/* A dot of one pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const MODEL = '01020304-0506-0708-0102-030405060708'; /* Chromium's virtual authenticators */

let server;
let browser;
let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sekisho-models-'));
  writeFileSync(
    join(folder, 'one.json'),
    JSON.stringify({
      aaguid: MODEL,
      description: 'Pocket Key',
      alternativeDescriptions: { 'ja-JP': '小さな鍵' },
      attestationTypes: ['basic_full', 'basic_surrogate'],
      icon: `data:image/png;base64,${PNG}`,
    }),
  );
  server = await startServer({ edit: (yaml) => yaml.replace(/^rp:.*$/m, `$&\n  metadata: {statements: ${folder}}`) });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a known model is shown by its maker’s name and picture', async () => {
  const person = await newPerson(browser, server.url);
  await person.register(newName());
  const row = person.page.locator('#passkeys li[data-id]');
  await row.locator('.entry-icon img').waitFor();
  assert.equal(await row.locator('h3').innerText(), 'Pocket Key');
  const picture = row.locator('.entry-icon img');
  assert.equal(await picture.getAttribute('src'), `/authenticators/${MODEL}/icon`);
  assert.equal(await picture.evaluate((image) => image.naturalWidth), 1);
  assert.equal(await picture.getAttribute('alt'), '');
  await person.leave();
});
