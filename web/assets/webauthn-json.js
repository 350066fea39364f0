/* The JSON forms of WebAuthn Level 3 (§5.1.8 to §5.1.10), by the browser's own methods; where they are missing,
 * by hand for the members that this server sends and reads. */

function toBytes(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function toText(buffer) {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const withBytesId = (descriptor) => ({ ...descriptor, id: toBytes(descriptor.id) });

/** PublicKeyCredentialCreationOptions from their JSON form. */
export function parseCreationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: (json.excludeCredentials ?? []).map(withBytesId),
  };
}

/** PublicKeyCredentialRequestOptions from their JSON form. */
export function parseRequestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return {
    ...json,
    challenge: toBytes(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map(withBytesId),
  };
}

function registrationResponse(response) {
  return {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
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
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: response(credential.response),
  };
}
