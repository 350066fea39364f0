/* The language of the page: which one, its messages, and dates in its manner. A page's text is set once the
 * messages are there, so that nobody sees the wrong language first. */

const LANGUAGES = ['en', 'ja'];
const STORED = 'sekisho.language';

const listeners = [];
let language = 'en';
let messages = {};

function supported(tag) {
  const base = String(tag).toLowerCase().split('-')[0];
  return LANGUAGES.includes(base) ? base : null;
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; /* storage may be blocked: the choice then lasts for the page */
  }
}

/* What the application asked for, then what the person chose here before, then what the browser prefers. */
function preferred() {
  const query = new URLSearchParams(location.search);
  const asked = [query.get('lang'), ...(query.get('ui_locales') ?? '').split(' ')];
  for (const tag of [...asked, stored(), ...(navigator.languages ?? [navigator.language])]) {
    const found = tag && supported(tag);
    if (found) return found;
  }
  return 'en';
}

async function load(name) {
  messages = (name === 'ja' ? await import('./messages.ja.js') : await import('./messages.en.js')).default;
  language = name;
}

/** The language in use: 'en' or 'ja'. */
export function currentLanguage() {
  return language;
}

/** The message of a key, with {name} filled from values. A missing key shows itself, so that tests find it. */
export function t(key, values = {}) {
  const text = messages[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Whether a message exists: for codes that come from the server. */
export function hasMessage(key) {
  return key in messages;
}

/** Picks the text in the page's language from {en, ja} of the server. */
export function pick(texts) {
  if (typeof texts === 'string') return texts;
  return texts?.[language] ?? texts?.en ?? '';
}

/** Sets the text of every element below root that names a message. */
export function translate(root = document, values = {}) {
  for (const node of root.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t, values);
  for (const node of root.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel, values));
  }
}

/** Calls back now and after every change of language. */
export function onLanguage(callback) {
  listeners.push(callback);
  callback();
}

function announce() {
  document.documentElement.lang = language;
  document.documentElement.dataset.language = language;
  for (const callback of listeners) callback();
}

/** Chooses a language by the person's own hand; remembered for next time and in the address. */
export async function chooseLanguage(name) {
  await load(name);
  try {
    localStorage.setItem(STORED, name);
  } catch {
    /* see stored() */
  }
  const here = new URL(location.href);
  here.searchParams.set('lang', name);
  history.replaceState(null, '', here);
  announce();
}

/** Loads the messages of the preferred language and sets <html lang>. */
export async function startLanguage() {
  await load(preferred());
  announce();
}

/** A day, given in seconds since 1970. */
export function date(seconds) {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(seconds * 1000);
}

const STEPS = [
  ['minute', 60],
  ['hour', 3600],
  ['day', 86400],
  ['month', 30 * 86400],
  ['year', 365 * 86400],
];

/** How long ago a moment was, in words: «3 hours ago». */
export function ago(seconds) {
  const age = Math.max(0, Date.now() / 1000 - seconds);
  if (age < 60) return t('time.now');
  const [unit, size] = STEPS.findLast(([, length]) => age >= length);
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-Math.floor(age / size), unit);
}

/** A length of time in words, from seconds: «5 minutes». */
export function duration(seconds) {
  const [unit, size] = STEPS.slice(0, 3).findLast(([, length]) => seconds >= length) ?? ['second', 1];
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
  return format.format(Math.round(seconds / size));
}
