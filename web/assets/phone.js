/* "Use your phone": shown where this device holds no passkeys and a phone nearby can (the hybrid transport). */
import { capabilities } from './capabilities.js';

/** Shows the page's button for it, if it will work. use(button) runs at each press. */
export async function offerPhone(use) {
  const button = document.querySelector('#phone');
  button.addEventListener('click', () => use(button));
  const { phone } = await capabilities();
  document.querySelector('#phone-offer').hidden = !phone;
  button.dataset.asked = '';
}
