/**
 * Shamir shares of a record's key over GF(2^8), polynomial 0x11b: any `threshold` of them give it back.
 *
 * Arithmetic is on tables, so its time depends on the bytes: it runs on the traveller's own machine alone.
 *
 * Sources: PROTOCOL section 4; Shamir, How to share a secret (CACM 22, 1979).
 */
import { type Bytes, concat } from "./bytes.ts";
import { ShareError } from "./errors.ts";
import { keccak } from "./identities.ts";

const KEY_BYTES = 32;
const ORDER = 255;
const EXP = new Uint8Array(2 * ORDER);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < ORDER; power++) {
  EXP[power] = EXP[power + ORDER] = value;
  LOG[value] = power;
  value ^= value << 1; // times 3, a generator
  if (value & 0x100) value ^= 0x11b;
}

export type Entropy = (size: number) => Bytes;

/** Return `count` shares of `key`; the i-th (from 0) has x = i + 1. */
export function split(key: Bytes, threshold: number, count: number, entropy: Entropy): Bytes[] {
  if (key.length !== KEY_BYTES) throw new ShareError(`the key has ${key.length} bytes, not ${KEY_BYTES}`);
  if (!(1 <= threshold && threshold <= count && count <= ORDER)) {
    throw new ShareError(`a threshold of ${threshold} of ${count} is impossible`);
  }
  const rows = [key, ...Array.from({ length: threshold - 1 }, () => entropy(KEY_BYTES))];
  return Array.from({ length: count }, (_, i) => {
    const x = i + 1;
    const values = key.map((_byte, at) => rows.reduceRight((value, row) => times(value, x) ^ row[at]!, 0));
    return concat(Uint8Array.of(x), values);
  });
}

/** Return the key from the first `threshold` shares; wrong bytes give a wrong key: compare its key check. */
export function combine(shares: readonly Bytes[], threshold: number): Bytes {
  if (!(1 <= threshold && threshold <= shares.length)) {
    throw new ShareError(`${shares.length} of the ${threshold} needed`);
  }
  const chosen = shares.slice(0, threshold);
  if (chosen.some((share) => share.length !== KEY_BYTES + 1)) throw new ShareError("a share does not have 33 bytes");
  const xs = chosen.map((share) => share[0]!);
  if (xs.includes(0) || new Set(xs).size !== xs.length) throw new ShareError("an x is zero or stands twice");
  const key = new Uint8Array(KEY_BYTES);
  for (const share of chosen) {
    const weight = weightOf(share[0]!, xs);
    for (let i = 0; i < KEY_BYTES; i++) key[i]! ^= times(weight, share[1 + i]!);
  }
  return key;
}

/** What a deposit says of one share. */
export function shareHash(salt: Bytes, share: Bytes): Bytes {
  return keccak(concat(salt, share));
}

function times(a: number, b: number): number {
  return a && b ? EXP[LOG[a]! + LOG[b]!]! : 0;
}

/** Lagrange's weight of `x` at zero. */
function weightOf(x: number, xs: readonly number[]): number {
  const others = xs.filter((other) => other !== x);
  const power = others.reduce((sum, other) => sum + LOG[other]! - LOG[other ^ x]!, 0);
  return EXP[((power % ORDER) + ORDER) % ORDER]!;
}
