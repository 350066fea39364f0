/* After a login from another device: the offer of a passkey for this one, taken or declined once. */
import { closeOffer, isOfferOpen } from './sign-in.js';
import { whileBusy } from './ui.js';

const HERE = { hints: ['client-device'], authenticatorSelection: { authenticatorAttachment: 'platform' } };

/** Shows the section's offer, if one is open. add(wishes) makes the passkey and resolves to whether it did;
 * closed() is called at the end of the offer. */
export function startOffer({ section, add, closed }) {
  const offer = section.querySelector('#offer');
  const yes = offer.querySelector('#offer-add');

  function close() {
    closeOffer();
    offer.hidden = true;
    closed();
  }

  offer.hidden = !isOfferOpen();
  offer.querySelector('#offer-no').addEventListener('click', () => {
    close();
    section.querySelector('#add').focus();
  });
  yes.addEventListener('click', () =>
    whileBusy(yes, async () => {
      if (await add(HERE)) close();
    }),
  );
}
