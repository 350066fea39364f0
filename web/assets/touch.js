/* A domain's own page, on the domain's own host: says for what a touch is asked, in the domain's words, and brings it
 * back. The login server has no part in it but the way here and on. */
import { call } from './call.js';
import { currentLanguage, onLanguage, startLanguage, t, translate } from './i18n.js';
import { wireLanguageSwitch } from './language-switch.js';
import { renderPermit } from './permit.js';
import { createNotice, showFailure, whileBusy } from './ui.js';
import { isSupported, usePasskey } from './webauthn.js';

const BASE = '/.sekisho/touch';
const PROMPT_MS = 300_000;

/* Behind the '#', where no server and no log of one sees it. */
const given = new URLSearchParams(location.hash.slice(1));
const asked = given.get('asked') ?? '';
const back = given.get('continue') ?? '';

const button = document.querySelector('#go');
const decline = document.querySelector('#decline');
const notice = createNotice(document.querySelector('#notice'));
onLanguage(notice.render);

function optionsOf(request) {
  return {
    challenge: currentLanguage() === 'ja' ? request.challenge_ja : request.challenge_en,
    rpId: request.rp_id,
    userVerification: request.verify ? 'required' : 'preferred',
    timeout: PROMPT_MS,
    allowCredentials: [],
  };
}

async function confirm(request) {
  notice.say('wait', () => t('wait.prompt'));
  try {
    const credential = await usePasskey(optionsOf(request));
    notice.say('wait', () => t('wait.signing'));
    const { redirect } = await call('POST', `${BASE}/given`, { asked, continue: back, credential });
    notice.say('done', () => t('wait.leaving'));
    location.assign(redirect);
  } catch (error) {
    showFailure(notice, error);
  }
}

/* What a touch means is said first: to let a passkey in is no sign-in, and an approval is no sign-in either. */
function kindOf(request) {
  if (request.newcomer) return { title: 'touch.newcomer.title', lead: 'touch.newcomer.lead', go: 'touch.newcomer.button' };
  if (request.approval) return { title: 'stepup.approve.title', lead: 'stepup.approve.lead', go: 'stepup.approve.button' };
  return { title: 'touch.title', lead: 'touch.lead', go: 'stepup.button' };
}

function scopesOf(request) {
  const english = (request.scope_titles_en ?? '').split('\n').filter(Boolean);
  const japanese = (request.scope_titles_ja ?? '').split('\n').filter(Boolean);
  return english.map((en, i) => ({ name: en, title: { en, ja: japanese[i] ?? en } }));
}

function shownOf(request) {
  return {
    domain: request.domain,
    domain_name: request.domain_name,
    client_name: request.client_name,
    scopes: scopesOf(request),
    approval: request.approval,
    ...(request.details_en ? { details: { en: request.details_en, ja: request.details_ja ?? request.details_en } } : {}),
    reason: t(request.newcomer ? 'touch.newcomer.reason' : 'touch.reason', { host: location.host }),
  };
}

function showRequest(request) {
  const { title, lead, go } = kindOf(request);
  document.querySelector('#title').dataset.t = title;
  document.querySelector('#lead').dataset.t = lead;
  document.querySelector('#go-text').dataset.t = go;
  document.querySelector('#name').textContent = request.name;
  onLanguage(() => {
    translate(document, { name: request.name });
    renderPermit(document.querySelector('#permit-list'), shownOf(request));
    document.title = `${t(title)} · ${request.name}`;
  });
  button.addEventListener('click', () => whileBusy(button, () => confirm(request)));
  decline.addEventListener('click', () => location.assign(`${request.back}?${new URLSearchParams({ continue: back, declined: 'true' })}`));
  if (!isSupported()) {
    button.setAttribute('aria-disabled', 'true');
    notice.say('error', () => t('error.unsupported'));
  }
}

function showGone() {
  document.querySelector('#request').hidden = true;
  document.querySelector('#gone').hidden = false;
  document.querySelector('#name').textContent = location.host;
  onLanguage(() => {
    translate(document);
    document.title = t('stepup.gone.title');
  });
}

/* Another request's page in the same tab differs only behind the '#', and browsers do not load it by themselves. */
addEventListener('hashchange', () => location.reload());
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

const request = call('POST', `${BASE}/asked`, { asked }).catch(() => null);
await startLanguage();
const found = await request;
if (found) showRequest(found);
else showGone();
wireLanguageSwitch();
document.documentElement.dataset.ready = '';
