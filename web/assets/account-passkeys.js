/* The passkeys of the account: list, add, rename, delete. */
import { startOffer } from './account-offer.js';
import { api } from './api.js';
import { withFreshEvidence } from './fresh.js';
import { ago, date, onLanguage, pick, t } from './i18n.js';
import { providerOf } from './providers.js';
import { isOfferOpen, sendRegistration } from './sign-in.js';
import { signalAccount } from './signals.js';
import { ask, el, icon, showFailure, whileBusy } from './ui.js';
import { createPasskey } from './webauthn.js';

const KIND_ICONS = { manager: 'cloud', device: 'device', key: 'key' };

/* What is known of a passkey, in the words of the page. */
function describe(passkey) {
  const listed = providerOf(passkey.aaguid), told = passkey.provider;
  const name = told ? pick({ en: told.name, ja: told.name_ja ?? told.name }) : listed?.name;
  const transports = passkey.transports ?? [];
  const external = transports.length > 0 && !transports.some((way) => ['internal', 'hybrid'].includes(way));
  const kind = listed?.kind ?? (passkey.backup_eligible ? 'manager' : external ? 'key' : 'device');
  const plain = t(kind === 'key' ? 'passkey.unnamed.key' : 'passkey.unnamed');
  return {
    name: passkey.nickname || name || plain,
    provider: passkey.nickname ? (name ?? null) : null,
    icon: KIND_ICONS[kind],
    picture: told?.icon,
    reach: t(passkey.backup_eligible ? 'passkey.synced' : kind === 'key' ? 'passkey.bound.key' : 'passkey.bound'),
  };
}

/* The maker's own picture where the server has one; ours while it loads, and when it does not. */
function portrait({ icon: name, picture }) {
  const ours = icon(name);
  if (!picture) return ours;
  const theirs = el('img', { src: picture, alt: '', width: 24, height: 24 });
  theirs.addEventListener('load', () => ours.replaceWith(theirs), { once: true });
  return ours;
}

/** Fills the section with the account's passkeys and keeps it current. The notice says what happened. */
export async function startPasskeys({ section, notice, username }) {
  const list = section.querySelector('ul');
  const add = section.querySelector('#add');
  let passkeys = [];
  let displayName = username;

  /* Whatever changed here or elsewhere, the passkey manager hears of it. */
  async function load() {
    const [list, account] = await Promise.all([api.credentials(), api.signals().catch(() => null)]);
    passkeys = list;
    if (!account) return;
    displayName = account.displayName;
    signalAccount(account);
  }

  async function reload() {
    await load();
    render();
  }

  async function attempt(work, done) {
    notice.clear();
    try {
      await work();
      notice.say('done', done);
      return true;
    } catch (error) {
      showFailure(notice, error);
      return false;
    }
  }

  const item = (id) => [...list.children].find((node) => node.dataset.id === id);

  async function addPasskey(wishes) {
    const known = new Set(passkeys.map((passkey) => passkey.id));
    return attempt(
      async () => {
        const options = await withFreshEvidence(() => api.registrationOptions({ username, displayName, ...wishes }));
        notice.say('wait', () => t('wait.prompt'));
        await sendRegistration(options, await createPasskey(options));
        await reload();
        const added = passkeys.find((passkey) => !known.has(passkey.id));
        if (added) item(added.id).classList.add('fresh');
        item(added?.id)?.querySelector('.rename').focus();
      },
      () => t('passkey.done.added'),
    );
  }

  async function deletePasskey(passkey) {
    const deleted = await ask({
      title: t('passkey.delete.title', { name: describe(passkey).name }),
      text: t('passkey.delete.text'),
      confirm: t('passkey.delete.confirm'),
      danger: true,
      act: async () => {
        await withFreshEvidence(() => api.deleteCredential(passkey.id));
        return true;
      },
    });
    if (!deleted) {
      item(passkey.id)?.querySelector('.delete').focus();
      return;
    }
    await attempt(reload, () => t('passkey.done.deleted'));
    add.focus();
  }

  function renameForm(passkey, close) {
    const field = el('input', { class: 'field-input', id: 'new-name', maxlength: 64, autocomplete: 'off' });
    field.value = describe(passkey).name;
    const save = el('button', { class: 'button primary small' }, t('common.save'));
    const cancel = el('button', { type: 'button', class: 'button quiet small', onclick: close }, t('common.cancel'));
    const form = el(
      'form',
      { class: 'rename-form' },
      el('label', { for: 'new-name' }, t('passkey.rename.label')),
      el('div', { class: 'rename-row' }, field, save, cancel),
    );
    form.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') close();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const nickname = field.value.trim();
      if (!nickname) return;
      whileBusy(save, () =>
        attempt(
          async () => {
            await api.renameCredential(passkey.id, nickname);
            await reload();
            item(passkey.id)?.querySelector('.rename').focus();
          },
          () => t('passkey.done.renamed', { name: nickname }),
        ),
      );
    });
    return { form, field };
  }

  function startRename(passkey) {
    const row = item(passkey.id);
    const close = () => {
      render();
      item(passkey.id).querySelector('.rename').focus();
    };
    const { form, field } = renameForm(passkey, close);
    row.querySelector('.entry-text').replaceChildren(form);
    row.querySelector('.entry-actions').hidden = true;
    field.focus();
    field.select();
  }

  /* A button of one passkey's row; its name for screen readers says whose it is. */
  function actionButton(action, picture, name, onclick) {
    return el(
      'button',
      {
        type: 'button',
        class: `button quiet small ${action}`,
        'aria-label': t(`passkey.${action}.of`, { name }),
        onclick,
      },
      icon(picture),
      el('span', {}, t(`passkey.${action}`)),
    );
  }

  function row(passkey) {
    const described = describe(passkey);
    const { name, provider, reach } = described;
    const { last_used_at: last } = passkey;
    const used = last ? t('passkey.used', { ago: ago(last) }) : t('passkey.unused');
    const facts = [provider, reach, t('passkey.added', { date: date(passkey.created_at) }), used];
    return el(
      'li',
      { class: 'entry', 'data-id': passkey.id },
      el('span', { class: 'entry-icon' }, portrait(described)),
      el(
        'div',
        { class: 'entry-text' },
        el('h3', {}, name),
        el('p', { class: 'facts' }, ...facts.filter(Boolean).map((fact) => el('span', {}, fact))),
      ),
      el(
        'div',
        { class: 'entry-actions' },
        actionButton('rename', 'pencil', name, () => startRename(passkey)),
        actionButton('delete', 'trash', name, () => deletePasskey(passkey)),
      ),
    );
  }

  function render() {
    list.replaceChildren(...passkeys.map(row));
    list.removeAttribute('aria-busy');
    section.querySelector('#only-one').hidden = passkeys.length !== 1 || isOfferOpen(); /* which comes to the same */
  }

  await load();
  add.addEventListener('click', () => whileBusy(add, () => addPasskey({})));
  startOffer({ section, add: addPasskey, closed: render });
  onLanguage(render);
}
