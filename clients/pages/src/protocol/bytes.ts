/** Bytes: hexadecimal, numbers and text to bytes and back, order. It knows nothing of the protocol. */
import { MalformedError } from "./errors.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

const HEX = /^0x(?:[0-9a-f]{2})*$/;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A copy that no other buffer stands behind: what WebCrypto and IndexedDB take. */
export function own(data: Uint8Array): Bytes {
  return new Uint8Array(data);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function toHex(data: Uint8Array): string {
  let text = "0x";
  for (const byte of data) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Read `0x` lower-case hexadecimal of exactly `size` bytes (any number when undefined). */
export function fromHex(text: string, size?: number, where = ""): Bytes {
  if (!HEX.test(text)) throw new MalformedError("hexadecimal", where, "expected 0x and lower-case digits in pairs");
  const data = new Uint8Array((text.length - 2) / 2);
  for (let i = 0; i < data.length; i++) data[i] = Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  if (size !== undefined && data.length !== size) {
    throw new MalformedError("hexadecimal", where, `expected ${size} bytes, got ${data.length}`);
  }
  return data;
}

export function utf8(text: string): Bytes {
  return own(ENCODER.encode(text));
}

/** Return the text, or undefined when the bytes are not UTF-8. */
export function fromUtf8(data: Uint8Array): string | undefined {
  try {
    return DECODER.decode(data);
  } catch {
    return undefined;
  }
}

/** Return a number as `size` bytes, big-endian. */
export function uint(value: bigint | number, size: number): Bytes {
  let rest = BigInt(value);
  const data = new Uint8Array(size);
  for (let i = size - 1; i >= 0; i--) {
    data[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  if (rest !== 0n) throw new MalformedError("number", "", `does not fit ${size} bytes`);
  return data;
}

export function toInteger(data: Uint8Array): bigint {
  return data.length === 0 ? 0n : BigInt(`0x${toHex(data).slice(2)}`);
}

/** Return `data` with zeros before it, `size` bytes. */
export function padLeft(data: Uint8Array, size = 32): Bytes {
  return concat(new Uint8Array(size - data.length), data);
}

/** Return `data` with zeros after it, `size` bytes. */
export function padRight(data: Uint8Array, size: number): Bytes {
  return concat(data, new Uint8Array(size - data.length));
}

/** Negative, zero or positive, as the bytes before, equal or after; not in constant time: for public values. */
export function compare(left: Uint8Array, right: Uint8Array): number {
  const size = Math.min(left.length, right.length);
  for (let i = 0; i < size; i++) {
    const difference = left[i]! - right[i]!;
    if (difference) return difference;
  }
  return left.length - right.length;
}

export function equal(left: Uint8Array, right: Uint8Array): boolean {
  return compare(left, right) === 0;
}

export function isZero(data: Uint8Array): boolean {
  return data.every((byte) => byte === 0);
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 section 6, without padding. */
export function base32(data: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of data) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >> (bits - 5)) & 31]!;
  }
  return bits ? text + BASE32[(held << (5 - bits)) & 31]! : text;
}

/** The bytes of upper-case base32 without padding; undefined for a foreign character. Spare bits are dropped. */
export function fromBase32(text: string): Bytes | undefined {
  const data: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    const value = BASE32.indexOf(letter);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      data.push((held >> bits) & 0xff);
    }
  }
  return new Uint8Array(data);
}

/** RFC 4648 section 5, without padding. */
export function base64url(data: Uint8Array): string {
  let text = "";
  for (const byte of data) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
