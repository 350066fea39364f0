/* The button that changes the language. */
import { chooseLanguage, onLanguage, t } from './i18n.js';

/** Wires every [data-language-switch] of the page. */
export function wireLanguageSwitch() {
  for (const button of document.querySelectorAll('[data-language-switch]')) {
    const label = button.querySelector('span:last-child');
    button.addEventListener('click', () => chooseLanguage(t('language.otherTag')));
    onLanguage(() => {
      label.textContent = t('language.other');
      label.lang = t('language.otherTag');
    });
  }
}
