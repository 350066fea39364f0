// One page for both example products: an action, what the gateway said to it, and what the tokens are still good for.
import { messages } from './messages.js';

const byId = (id) => document.getElementById(id);
const actions = { pay: ['balance', 'transfer'], coin: ['portfolio', 'order'] };
const pendingKey = 'demo.pending';
let state;
let ahead = 0; // seconds by which the server's clock is ahead of this device's
let language = localStorage.getItem('demo.language') ?? (navigator.language.startsWith('ja') ? 'ja' : 'en');

function say(key, values = {}) {
  const text = messages[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function duration(seconds) {
  const unit = seconds >= 120 ? 'minute' : 'second';
  const value = unit === 'minute' ? Math.round(seconds / 60) : seconds;
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

const notice = (text) => { byId('notice').textContent = text; };

// --- what the token opens ---

function showScope(scope, now) {
  const left = scope.good_until === null ? 0 : Math.max(0, scope.good_until - now);
  const condition = left > 0 ? 'good' : scope.granted ? 'lapsed' : 'none';
  const item = element('li', undefined, { class: 'scope', 'data-scope': scope.name, 'data-state': condition });
  const title = element('span');
  title.append(element('strong', scope.title[language]), ' ', element('code', scope.name));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  const words = { good: say('left', { time }), lapsed: say('lapsed'), none: say('none') }[condition];
  item.append(title, element('span', words, { class: 'left' }));
  const whole = scope.max_age ?? 600;
  const bar = element('progress', undefined, { max: whole, 'aria-label': scope.title[language] });
  bar.value = Math.min(left, whole);
  item.append(bar);
  return item;
}

function showScopes() {
  const now = Math.floor(Date.now() / 1000) + ahead;
  byId('scopes').replaceChildren(...state.scopes.map((scope) => showScope(scope, now)));
}

// --- tokens ---

const timeClaims = new Set(['iat', 'exp', 'auth_time']);

function claimText(name, value) {
  if (timeClaims.has(name)) return `${value} (${new Date(value * 1000).toLocaleTimeString(language)})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function showToken(name, token) {
  const box = element('details', undefined, { class: 'token', id: `token-${name}` });
  const summary = element('summary', say(name));
  summary.append(element('span', say(`${name}.words`)));
  box.append(summary);
  const list = element('dl');
  if (token === null) list.append(element('dt', say('empty')), element('dd'));
  for (const part of token === null ? [] : [token.header, token.claims])
    for (const [claim, value] of Object.entries(part))
      list.append(element('dt', claim), element('dd', claimText(claim, value)));
  box.append(list);
  return box;
}

function showTokens() {
  const open = new Set([...document.querySelectorAll('.token[open]')].map((box) => box.id));
  const boxes = ['access', 'id_token', 'internal'].map((name) => showToken(name, state[name]));
  for (const box of boxes) box.open = open.has(box.id) || (open.size === 0 && matchMedia('(min-width: 48rem)').matches);
  byId('tokens').replaceChildren(...boxes);
}

// --- the page ---

function show() {
  const root = document.documentElement;
  root.lang = language;
  root.dataset.product = state.id;
  document.title = `${state.name} · sekisho`;
  for (const part of document.querySelectorAll('[data-t]')) part.textContent = say(part.dataset.t);
  byId('language').textContent = say('language');
  byId('name').textContent = state.name;
  byId('other').href = state.other;
  byId('other').textContent = say('other', { name: state.id === 'pay' ? 'Coin' : 'Pay' });
  byId('account').href = `${state.rp}/account`;
  byId('read').textContent = say(`${state.id}.read`);
  byId('act').textContent = say(`${state.id}.act`);
  if (!byId('headline').dataset.shown) byId('headline').textContent = say(`${state.id}.idle`);
  const strict = state.scopes.find((scope) => scope.max_age !== null);
  byId('words').textContent = say(`${state.id}.words`, { age: duration(strict?.max_age ?? 0) });
  byId('leave').hidden = !state.signed_in;
  byId('fast').checked = state.fast;
  showScopes();
  showTokens();
  root.dataset.ready = '';
}

async function refresh() {
  state = await (await fetch('/state')).json();
  ahead = state.now - Math.floor(Date.now() / 1000);
  show();
}

function challengeParameter(challenge, name) {
  return challenge?.match(new RegExp(`${name}="([^"]*)"`))?.[1];
}

// Which notice a refusal gets, and what the new authorization request asks for (RFC 6750, RFC 9470).
function remedy(answer) {
  const error = challengeParameter(answer.challenge, 'error');
  if (answer.status === 401 && error === 'insufficient_user_authentication') return 'notice.stepup';
  if (answer.status === 401) return 'notice.signin';
  return answer.status === 403 && error === 'insufficient_scope' ? 'notice.scope' : null;
}

function authorizeFor(action, answer) {
  sessionStorage.setItem(pendingKey, action);
  const query = new URLSearchParams({ action });
  for (const name of ['acr_values', 'max_age']) {
    const value = challengeParameter(answer.challenge, name);
    if (value !== undefined) query.set(name, value);
  }
  setTimeout(() => location.assign(`/enter?${query}`), 900);
}

async function perform(action, mayAsk) {
  const [read] = actions[state.id];
  const answer = await (await fetch(`/call/${action}`, { method: 'POST' })).json();
  const key = remedy(answer);
  if (answer.status === 200) {
    if (action === read) {
      byId('headline').textContent = say(`${state.id}.balance`);
      byId('headline').dataset.shown = 'yes';
    }
    notice(say(action === read ? 'notice.read' : `${state.id}.done`));
  } else if (key !== null && mayAsk) {
    notice(say(key));
    authorizeFor(action, answer);
  } else {
    notice(say('notice.failed', { status: answer.status }));
  }
  await refresh();
}

async function press(button, action) {
  button.setAttribute('aria-busy', 'true');
  try {
    await perform(action, true);
  } catch {
    notice(say('notice.failed', { status: '…' }));
  } finally {
    button.removeAttribute('aria-busy');
  }
}

byId('read').addEventListener('click', () => press(byId('read'), actions[state.id][0]));
byId('act').addEventListener('click', () => press(byId('act'), actions[state.id][1]));
byId('leave').addEventListener('click', async () => {
  await fetch('/leave', { method: 'POST' });
  delete byId('headline').dataset.shown;
  notice('');
  await refresh();
});
byId('fast').addEventListener('change', async (event) => {
  await fetch('/clock', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ fast: event.target.checked }),
  });
  await refresh();
});
byId('language').addEventListener('click', () => {
  language = language === 'en' ? 'ja' : 'en';
  localStorage.setItem('demo.language', language);
  show();
});

await refresh();
setInterval(showScopes, 1000);
const problem = new URLSearchParams(location.search).get('problem');
const pending = sessionStorage.getItem(pendingKey);
sessionStorage.removeItem(pendingKey);
if (problem !== null) {
  notice(say(`problem.${problem}`));
  history.replaceState(null, '', '/');
} else if (pending !== null && state.signed_in) {
  await perform(pending, false);
}
