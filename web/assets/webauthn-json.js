/* The JSON forms of WebAuthn Level 3 (§5.1.8 to §5.1.10, §10), by the browser's own methods; where they are missing, by
 * hand for the members that this server sends and reads. */

function toBytes(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function toText(buffer) {
  const bytes = ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const withBytesId = (descriptor) => ({ ...descriptor, id: toBytes(descriptor.id) });

/** A copy with every member of names that is there changed by change. */
function mapMembers(object, names, change) {
  const copy = { ...object };
  for (const name of names) if (copy[name] !== undefined && copy[name] !== null) copy[name] = change(copy[name]);
  return copy;
}

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));

const prfValues = (convert) => (values) => mapMembers(values, ['first', 'second'], convert);

/* The extensions whose inputs hold bytes: prf (§10.1.4) and largeBlob (§10.1.5). */
function extensionInputs(extensions) {
  return mapMembers(
    mapMembers(extensions, ['prf'], (prf) =>
      mapMembers(mapMembers(prf, ['eval'], prfValues(toBytes)), ['evalByCredential'], (all) => mapValues(all, prfValues(toBytes))),
    ),
    ['largeBlob'],
    (blob) => mapMembers(blob, ['write'], toBytes),
  );
}

function extensionOutputs(outputs) {
  return mapMembers(
    mapMembers(outputs, ['prf'], (prf) => mapMembers(prf, ['results'], prfValues(toText))),
    ['largeBlob'],
    (blob) => mapMembers(blob, ['blob'], toText),
  );
}

/** PublicKeyCredentialCreationOptions from their JSON form. */
export function parseCreationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return {
    ...mapMembers(json, ['extensions'], extensionInputs),
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: (json.excludeCredentials ?? []).map(withBytesId),
  };
}

/** PublicKeyCredentialRequestOptions from their JSON form. */
export function parseRequestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return {
    ...mapMembers(json, ['extensions'], extensionInputs),
    challenge: toBytes(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map(withBytesId),
  };
}

function registrationResponse(response) {
  const key = response.getPublicKey?.();
  return {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    ...(response.getAuthenticatorData ? { authenticatorData: toText(response.getAuthenticatorData()) } : {}),
    ...(key ? { publicKey: toText(key) } : {}),
    ...(response.getPublicKeyAlgorithm ? { publicKeyAlgorithm: response.getPublicKeyAlgorithm() } : {}),
    transports: response.getTransports?.() ?? [],
  };
}

function authenticationResponse(response) {
  return {
    clientDataJSON: toText(response.clientDataJSON),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    ...(response.userHandle ? { userHandle: toText(response.userHandle) } : {}),
  };
}

/** RegistrationResponseJSON or AuthenticationResponseJSON of a credential. */
export function credentialToJson(credential) {
  if (typeof credential.toJSON === 'function') return credential.toJSON();
  const response = credential.response.attestationObject ? registrationResponse : authenticationResponse;
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    ...(credential.authenticatorAttachment ? { authenticatorAttachment: credential.authenticatorAttachment } : {}),
    clientExtensionResults: extensionOutputs(credential.getClientExtensionResults()),
    response: response(credential.response),
  };
}
