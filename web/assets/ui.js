/* Small helpers for the page: elements, the line that says what is going on, busy buttons, dialogs. */
import { ApiError } from './call.js';
import { hasMessage, t } from './i18n.js';
import { causeOf } from './webauthn.js';

/** An element with properties and children; class, data-* and aria-* go by attribute, on* as listeners. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon of assets/icons, for the eye only. */
export function icon(name) {
  return el('span', { class: `icon icon-${name}`, 'aria-hidden': 'true' });
}

const NOTICE_ICONS = { wait: 'passkey', info: 'info', error: 'alert', done: 'check' };

/** The line of a page or dialog that says what is going on, read out when it changes. Its sentences are given as
 * functions, so that they follow a change of language. */
export function createNotice(node) {
  let shown = null;

  function render() {
    node.replaceChildren();
    node.hidden = !shown;
    if (!shown) return;
    node.dataset.kind = shown.kind;
    node.append(icon(NOTICE_ICONS[shown.kind]), el('span', { class: 'notice-text' }, shown.sentence()));
  }

  return {
    render,
    say(kind, sentence) {
      shown = { kind, sentence };
      render();
    },
    clear() {
      shown = null;
      render();
    },
  };
}

/** The sentence for an error, as a function of the language. */
export function explain(error) {
  return () => t(errorKey(error));
}

function errorKey(error) {
  const cause = causeOf(error);
  if (cause) return `error.${cause}`;
  if (error instanceof TypeError) return 'error.network';
  if (!(error instanceof ApiError) || error.status >= 500) return 'error.server';
  if (error.unknownCredential) return 'error.unknown_credential';
  return hasMessage(`error.${error.code}`) ? `error.${error.code}` : 'error.refused';
}

/** Says what went wrong, kindly where the person ended it, and nothing where this page did. */
export function showFailure(notice, error) {
  const cause = causeOf(error);
  if (cause === 'stopped') notice.clear();
  else notice.say(['cancelled', 'not_made'].includes(cause) ? 'info' : 'error', explain(error));
}

/** Marks a button as busy while work runs: it keeps focus, takes no second press, and shows that it waits. */
export async function whileBusy(button, work) {
  if (button.getAttribute('aria-disabled') === 'true') return undefined;
  button.setAttribute('aria-disabled', 'true');
  button.classList.add('busy');
  try {
    return await work();
  } finally {
    button.removeAttribute('aria-disabled');
    button.classList.remove('busy');
  }
}

let dialogs = 0;

/** A modal question. act(notice) runs on the confirming button; the dialog closes when it succeeds and stays, with
 * the reason, when it fails. Resolves to act's result, or undefined when the person closed it. */
export function ask({ title, text, confirm, danger = false, act }) {
  const id = `dialog-${++dialogs}`;
  return new Promise((resolve) => {
    let result;
    const line = el('p', { class: 'notice', role: 'status', hidden: true });
    const notice = createNotice(line);
    const go = el('button', { type: 'button', class: danger ? 'button danger' : 'button primary' }, confirm);
    const close = el('button', { type: 'button', class: 'button quiet' }, t('common.cancel'));
    close.addEventListener('click', () => dialog.close());
    const dialog = el(
      'dialog',
      { class: 'dialog', 'aria-labelledby': `${id}-title`, 'aria-describedby': `${id}-text` },
      el('h2', { id: `${id}-title` }, title),
      el('p', { id: `${id}-text` }, text),
      line,
      el('div', { class: 'dialog-actions' }, close, go),
    );
    go.addEventListener('click', () =>
      whileBusy(go, async () => {
        notice.clear();
        try {
          result = await act(notice);
          dialog.close();
        } catch (error) {
          showFailure(notice, error);
        }
      }),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
