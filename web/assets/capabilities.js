/* What the browser and its device can do around a ceremony, so that pages offer only what will work. */

async function askPlatform(known) {
  if (typeof known === 'boolean') return known;
  return (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.()) ?? false;
}

/** {platform: this device can hold passkeys; phone: it cannot, but a phone nearby can; background: passkeys can be made
 * without a prompt}. What a browser does not say, it cannot do; only phones are older than the question. */
export async function capabilities() {
  try {
    const said = (await PublicKeyCredential.getClientCapabilities?.()) ?? {};
    const platform = await askPlatform(said.userVerifyingPlatformAuthenticator);
    return { platform, phone: !platform && said.hybridTransport !== false, background: said.conditionalCreate === true };
  } catch {
    return { platform: false, phone: false, background: false };
  }
}
