// Node 18, which Debian has, keeps from scripts what the libraries expect of every platform.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
