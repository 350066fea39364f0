/* The account page. */
import { api } from './api.js';
import { ApiError } from './call.js';
import { startApplications } from './account-applications.js';
import { startPasskeys } from './account-passkeys.js';
import { startSessions } from './account-sessions.js';
import { ago, onLanguage, t } from './i18n.js';
import { pageAddress, startPage } from './page.js';
import { createNotice, el, explain, icon, whileBusy } from './ui.js';

const notice = createNotice(document.querySelector('#notice'));
const signOut = document.querySelector('#sign-out');
onLanguage(notice.render);

function showLeft(messageKey) {
  document.querySelector('#account').hidden = true;
  signOut.hidden = true;
  const end = document.querySelector('#left');
  end.hidden = false;
  onLanguage(() => {
    end.querySelector('h1').textContent = t(messageKey);
  });
  end.querySelector('h1').focus();
}

function toLogin() {
  location.replace(pageAddress('/login'));
}

/* One part of the page: on failure it says so in its own place, with a button to try again. */
async function startPart(section, start) {
  const failure = section.querySelector('.part-failure');
  failure.replaceChildren();
  try {
    await start();
  } catch (error) {
    if (error instanceof ApiError && error.wantsLogin) return toLogin();
    section.hidden = false;
    section.querySelector('ul').replaceChildren();
    onLanguage(() => {
      failure.replaceChildren(
        icon('alert'),
        el('span', {}, `${t('account.failed')} ${explain(error)()}`),
        el('button', { type: 'button', class: 'button small', onclick: () => location.reload() }, t('common.reload')),
      );
    });
  }
  return undefined;
}

async function start(session) {
  document.querySelector('#name').textContent = session.username;
  onLanguage(() => {
    document.querySelector('#since').textContent = t('account.lead', { ago: ago(session.auth_time) });
  });
  signOut.addEventListener('click', () =>
    whileBusy(signOut, async () => {
      try {
        await api.signOut();
        showLeft('done.signedOut');
      } catch (error) {
        notice.say('error', explain(error));
      }
    }),
  );
  const passkeys = document.querySelector('#passkeys');
  const sessions = document.querySelector('#sessions');
  const applications = document.querySelector('#applications');
  await Promise.all([
    startPart(passkeys, () => startPasskeys({ section: passkeys, notice, username: session.username })),
    startPart(sessions, () => startSessions({ section: sessions, notice, left: showLeft })),
    startPart(applications, () => startApplications({ section: applications, notice })),
  ]);
  if (location.hash === '#add') passkeys.querySelector('#add').focus();
}

const session = api.session().catch((error) => error);
await startPage('account.title');
const found = await session;
if (found instanceof ApiError && found.wantsLogin) toLogin();
else if (found instanceof Error) notice.say('error', explain(found));
else await start(found);
