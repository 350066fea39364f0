// A client's key and the proofs that it signs (RFC 9449).
import crypto from 'node:crypto';
import { b64, sha256 } from './authority.js';

const KINDS = {
  ES256: ['ec', { namedCurve: 'P-256' }, 'sha256'],
  ES384: ['ec', { namedCurve: 'P-384' }, 'sha384'],
  EdDSA: ['ed25519', {}, null],
  PS256: ['rsa', { modulusLength: 2048 }, 'sha256'],
  RS256: ['rsa', { modulusLength: 2048 }, 'sha256'],
};

export class DpopKey {
  constructor(alg = 'ES256') {
    const [kind, options, hash] = KINDS[alg];
    this.alg = alg;
    this.hash = hash;
    const pair = crypto.generateKeyPairSync(kind, options);
    this.key = pair.privateKey;
    this.jwk = pair.publicKey.export({ format: 'jwk' });
  }

  /** RFC 7638. */
  get thumbprint() {
    const members = Object.fromEntries(['crv', 'e', 'kty', 'n', 'x', 'y'].filter((name) => this.jwk[name]).map((name) => [name, this.jwk[name]]));
    return b64(sha256(JSON.stringify(members)));
  }

  sign(header, payload) {
    const input = [header, payload].map((part) => b64(JSON.stringify(part))).join('.');
    const options = this.alg === 'PS256' ? { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : { dsaEncoding: 'ieee-p1363' };
    return `${input}.${b64(crypto.sign(this.hash, Buffer.from(input), { key: this.key, ...options }))}`;
  }

  /** now in milliseconds; claims and header replace what a good proof has, undefined leaves it out. */
  proof(htm, htu, { now = Date.now(), token, nonce, claims = {}, header = {} } = {}) {
    return this.sign({ typ: 'dpop+jwt', alg: this.alg, jwk: this.jwk, ...header }, {
      jti: crypto.randomUUID(), htm, htu, iat: Math.floor(now / 1000),
      ...(token ? { ath: b64(sha256(token)) } : {}), ...(nonce ? { nonce } : {}), ...claims,
    });
  }
}
