// A domain with authorization details: one bound type, one that is not; and what a test sends of them.
export const DETAILS = `
    authorization_details:
      payment:
        bound: true
        scope: transfer
        schema:
          type: object
          properties:
            amount: {type: string, maxLength: 20}
            currency: {type: string, enum: [JPY, EUR]}
            payee:
              type: object
              properties:
                name: {type: string, maxLength: 70}
                account: {type: string, maxLength: 34}
              required: [name, account]
          required: [amount, currency, payee]
        display:
          en: "Pay {amount} {currency} to {payee.name} ({payee.account})"
          ja: "{payee.name}（{payee.account}）へ{amount} {currency}を支払う"
      account_access:
        schema:
          type: object
          properties:
            accounts: {type: array, maxItems: 3, items: {type: string, maxLength: 34}}
            days: {type: integer, minimum: 1, maximum: 90}
            share: {type: number, minimum: 0, maximum: 1}
            history: {type: boolean}
          required: [accounts]
        display:
          en: "See the accounts {accounts} for {days} days"
          ja: "口座{accounts}を{days}日間見る"
`;

export const PAYMENT = { type: 'payment', amount: '1200', currency: 'JPY', payee: { name: '山田 太郎', account: 'JP-77' } };
export const ACCESS = { type: 'account_access', accounts: ['JP-1', 'JP-2'], days: 30 };
export const ENGLISH = 'Pay 1200 JPY to 山田 太郎 (JP-77)';
export const JAPANESE = '山田 太郎（JP-77）へ1200 JPYを支払う';

/** The configuration of Rp.start with both types, for pay-web, and whatever else a test wants. */
export const withDetails = (more = (text) => text) => (text) => more(text
  .replace('    clients:\n      - {id: pay-web,', `${DETAILS.slice(1)}    clients:\n      - {id: pay-web, authorization_details_types: [payment, account_access],`));
