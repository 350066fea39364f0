/* What every page shares: its language and names, the way on, and the handle of a waiting request that all pages
 * carry along. */
import { api } from './api.js';
import { onLanguage, startLanguage, t, translate } from './i18n.js';
import { wireLanguageSwitch } from './language-switch.js';

const query = new URLSearchParams(location.search);

/** The opaque handle of the authorization request that waits for the person, or null. */
export const continueHandle = query.get('continue');

/** A one-time enrolment ticket, or null. */
export const ticket = query.get('ticket');

/** {continue} for a request to the server, or nothing. */
export const carried = continueHandle ? { continue: continueHandle } : {};

const FORBIDDEN_SCHEMES = ['javascript:', 'data:', 'blob:', 'vbscript:'];

const DOORS_MS = 380; /* long enough to see them open, too short to wait for */

/** Lets the doors of the scene open before the page is left. */
export function doorsOpened() {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return new Promise((resolve) => setTimeout(resolve, still ? 0 : DOORS_MS));
}

/** Goes where the server said; without a word from it, to the account. */
export function leave(redirect) {
  const target = new URL(redirect || '/account', location.href);
  if (FORBIDDEN_SCHEMES.includes(target.protocol)) throw new Error(`refused to go to ${target.protocol}`);
  location.assign(target);
}

/** An address of this server that keeps the waiting request and the language asked for. */
export function pageAddress(path) {
  const kept = new URLSearchParams();
  for (const name of ['continue', 'lang', 'ui_locales']) {
    const value = new URLSearchParams(location.search).get(name);
    if (value) kept.set(name, value);
  }
  return kept.size ? `${path}?${kept}` : path;
}

/* A page kept in the back-forward cache would show a ceremony that ended long ago. */
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

/** Starts a page: its language, the service's name in text and title. Resolves to the site {name, registration,
 * conditional_create}. */
export async function startPage(titleKey) {
  const site = api.site().catch(() => ({ name: location.hostname, registration: 'invite', conditional_create: false }));
  await startLanguage();
  const found = await site;
  const { name } = found;
  onLanguage(() => {
    translate(document, { name });
    for (const node of document.querySelectorAll('[data-site-name]')) node.textContent = name;
    for (const link of document.querySelectorAll('a[data-page]')) link.href = pageAddress(link.dataset.page);
    document.title = `${t(titleKey)} · ${name}`;
  });
  wireLanguageSwitch();
  document.documentElement.dataset.ready = '';
  return found;
}
