/* Doing what needs a fresh confirmation: when the server asks for one, take it in a dialog and try again. */
import { api } from './api.js';
import { ApiError } from './call.js';
import { t } from './i18n.js';
import { sendAssertion } from './sign-in.js';
import { ask } from './ui.js';
import { usePasskey } from './webauthn.js';

function confirmFresh(requirement) {
  return ask({
    title: t('fresh.title'),
    text: t('fresh.text'),
    confirm: t('fresh.button'),
    async act(notice) {
      notice.say('wait', () => t('wait.prompt'));
      const options = await api.loginOptions(requirement ? { requirement } : {});
      const credential = await usePasskey(options);
      notice.say('wait', () => t('wait.signing'));
      await sendAssertion(options, credential);
      return true;
    },
  });
}

/** Runs action(); when a fresh confirmation is missing, asks for it and runs action once more. Rejects with
 * AbortError when the person does not want to confirm. */
export async function withFreshEvidence(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ApiError) || !error.wantsStepUp) throw error;
    if (!(await confirmFresh(error.requirement))) throw new DOMException('not confirmed', 'AbortError');
    return action();
  }
}
