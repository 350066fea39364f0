// Just enough CBOR (RFC 8949) to take an attestation object apart and put it together wrongly: integers, strings,
// arrays and maps of definite length. Byte strings are Buffers, maps are Maps.

function head(major, value) {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 0x100) return Buffer.from([(major << 5) | 24, value]);
  if (value < 0x10000) return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
  const bytes = Buffer.alloc(5);
  bytes[0] = (major << 5) | 26;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}

export function encode(value) {
  if (Number.isInteger(value)) return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encode)]);
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(encode)]);
  throw new Error(`no CBOR for ${value}`);
}

function readHead(bytes, at) {
  const major = bytes[at] >> 5, info = bytes[at] & 31;
  if (info < 24) return { major, value: info, next: at + 1 };
  const width = 1 << (info - 24);
  return { major, value: Number(BigInt(`0x${bytes.toString('hex', at + 1, at + 1 + width)}`)), next: at + 1 + width };
}

function read(bytes, at) {
  const { major, value, next } = readHead(bytes, at);
  switch (major) {
    case 0: return [value, next];
    case 1: return [-1 - value, next];
    case 2: return [bytes.subarray(next, next + value), next + value];
    case 3: return [bytes.toString('utf8', next, next + value), next + value];
    case 4:
    case 5: {
      const items = [];
      let here = next;
      for (let i = 0; i < value * (major - 3); i += 1) {
        let item;
        [item, here] = read(bytes, here);
        items.push(item);
      }
      if (major === 4) return [items, here];
      return [new Map(items.filter((_, i) => i % 2 === 0).map((key, i) => [key, items[2 * i + 1]])), here];
    }
    default: throw new Error(`no CBOR of major type ${major} here`);
  }
}

export function decode(bytes) {
  const [value, end] = read(bytes, 0);
  if (end !== bytes.length) throw new Error('bytes follow the CBOR');
  return value;
}
