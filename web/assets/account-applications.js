/* The applications of others that the account allows something: list, and take it back. */
import { api } from './api.js';
import { date, onLanguage, pick, t } from './i18n.js';
import { ask, el, icon } from './ui.js';

/** Fills the section, which stays hidden while there is nothing to show. */
export async function startApplications({ section, notice }) {
  const list = section.querySelector('ul');
  const partial = section.querySelector('#applications-partial');
  let { applications, unavailable } = await api.applications();

  async function withdraw(application, button) {
    const withdrawn = await ask({
      title: t('application.end.title', { name: application.client_name }),
      text: t('application.end.text'),
      confirm: t('application.end.confirm'),
      danger: true,
      act: async () => {
        await api.withdrawApplication(application.domain, application.client);
        return true;
      },
    });
    if (!withdrawn) return button.focus();
    ({ applications, unavailable } = await api.applications());
    render();
    notice.say('done', () => t('application.done.ended', { name: application.client_name }));
    return undefined;
  }

  function row(application) {
    const name = application.client_name;
    const scopes = application.scopes.map((scope) => pick(scope.title));
    const button = el(
      'button',
      { type: 'button', class: 'button quiet small delete', 'aria-label': t('application.end.of', { name }) },
      icon('trash'),
      el('span', {}, t('application.end')),
    );
    button.addEventListener('click', () => withdraw(application, button));
    return el(
      'li',
      { class: 'entry', 'data-client': application.client },
      el('span', { class: 'entry-icon' }, icon('globe')),
      el(
        'div',
        { class: 'entry-text' },
        el('h3', {}, name),
        el(
          'p',
          { class: 'facts' },
          el('span', {}, application.domain_name),
          ...(scopes.length ? scopes : [t('consent.identity')]).map((scope) => el('span', {}, scope)),
          el('span', {}, t('application.since', { date: date(application.granted_at) })),
        ),
      ),
      el('div', { class: 'entry-actions' }, button),
    );
  }

  function render() {
    section.hidden = applications.length === 0 && unavailable.length === 0;
    partial.hidden = unavailable.length === 0;
    list.replaceChildren(...applications.map(row));
    list.removeAttribute('aria-busy');
  }

  onLanguage(render);
}
