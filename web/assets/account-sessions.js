/* Where the account is signed in: list, end one, end all. */
import { api } from './api.js';
import { describeDevice } from './device.js';
import { ago, date, onLanguage, t } from './i18n.js';
import { ask, el, explain, icon, whileBusy } from './ui.js';

function nameOf({ browser, system }) {
  if (browser && system) return t('session.on', { browser, system });
  return browser ?? system ?? t('session.unknown');
}

/** Fills the section with the account's sessions and keeps it current. left(messageKey) is called when this session
 * has ended too. */
export async function startSessions({ section, notice, left }) {
  const list = section.querySelector('ul');
  const all = section.querySelector('#end-all');
  let sessions = await api.sessions();

  async function end(session, button) {
    await whileBusy(button, async () => {
      try {
        await api.endSession(session.id);
        if (session.current) return left('done.signedOut');
        sessions = await api.sessions();
        render();
        notice.say('done', () => t('session.done.ended'));
        all.focus();
      } catch (error) {
        notice.say('error', explain(error));
      }
      return undefined;
    });
  }

  async function endAll() {
    const ended = await ask({
      title: t('session.all.title'),
      text: t('session.all.text'),
      confirm: t('session.all.confirm'),
      danger: true,
      act: async () => {
        await api.endAllSessions();
        return true;
      },
    });
    if (ended) left('done.signedOutEverywhere');
    else all.focus();
  }

  function row(session) {
    const device = describeDevice(session.user_agent);
    const name = nameOf(device);
    const button = el(
      'button',
      { type: 'button', class: 'button quiet small', 'aria-label': t('session.end.of', { name }) },
      icon('leave'),
      el('span', {}, t('session.end')),
    );
    button.addEventListener('click', () => end(session, button));
    return el(
      'li',
      { class: 'entry' },
      el('span', { class: 'entry-icon' }, icon(device.icon)),
      el(
        'div',
        { class: 'entry-text' },
        el('h3', {}, name, session.current ? el('span', { class: 'tag' }, t('session.current')) : null),
        el(
          'p',
          { class: 'facts' },
          el('span', {}, t('session.seen', { ago: ago(session.last_seen_at) })),
          el('span', {}, t('session.since', { date: date(session.created_at) })),
        ),
      ),
      session.current ? null : el('div', { class: 'entry-actions' }, button),
    );
  }

  function render() {
    list.replaceChildren(...sessions.map(row));
    list.removeAttribute('aria-busy');
  }

  all.addEventListener('click', endAll);
  onLanguage(render);
}
